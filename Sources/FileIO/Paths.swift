/// Refuses what the system would silently read as another path: a NUL ends a C string.
func checkPath(_ path: String, operation: String) throws(FileError) {
  if path.isEmpty || path.utf8.contains(0) {
    throw FileError(.invalidPath, path: path, operation: operation)
  }
}

/// A path's folder and last component, trailing slashes ignored.
func splitPath(_ path: String) -> (directory: String, name: String) {
  var rest = Substring(path)
  while rest.utf8.count > 1 && rest.utf8.last == UInt8(ascii: "/") { rest.removeLast() }
  guard let slash = rest.utf8.lastIndex(of: UInt8(ascii: "/")) else {
    return (".", String(rest))
  }
  let name = String(rest[rest.utf8.index(after: slash)...])
  let directory = rest[..<slash]
  return (directory.isEmpty ? "/" : String(directory), name)
}

/// The path of `name` inside `directory`.
func joinPath(_ directory: String, _ name: String) -> String {
  directory.utf8.last == UInt8(ascii: "/") ? directory + name : directory + "/" + name
}
