#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whether a file descriptor is a terminal: 0 input, 1 output, 2 errors.
public func isTerminal(_ descriptor: Int32) -> Bool {
  isatty(descriptor) == 1
}

/// The value of an environment variable, or nil if it is not set.
public func environmentVariable(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}

/// The user's home directory: `$HOME` if it is not empty, else the user database's entry.
public func homeDirectory() -> String? {
  if let home = environmentVariable("HOME"), !home.isEmpty { return home }
  guard let entry = unsafe getpwuid(getuid()), let home = unsafe entry.pointee.pw_dir else {
    return nil
  }
  let path = unsafe String(cString: home)
  return path.isEmpty ? nil : path
}

/// The name of this machine; empty when it has none.
public func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The current directory as an absolute path.
///
/// - Throws: `.notFound` if it was removed meanwhile.
public func currentDirectory() throws(FileError) -> String {
  guard let path = unsafe getcwd(nil, 0) else {
    throw .last(path: ".", operation: "resolving", access: .reading)
  }
  defer { unsafe free(path) }
  return unsafe String(cString: path)
}
