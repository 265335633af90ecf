#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A path without `.`, `..`, doubled and trailing slashes, by its text alone; `.` when empty.
public func cleanPath(_ path: String) -> String {
  let isAbsolute = path.utf8.first == UInt8(ascii: "/")
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part != ".." {
      parts.append(part)
    } else if let last = parts.last, last != ".." {
      parts.removeLast()
    } else if !isAbsolute {
      parts.append(part)
    }
  }
  let joined = parts.joined(separator: "/")
  if isAbsolute { return "/" + joined }
  return joined.isEmpty ? "." : joined
}

/// A path with its symbolic links followed, cleaned; nil if it does not exist.
///
/// A relative path without links stays relative.
public func pathFollowingLinks(_ path: String) -> String? {
  var rest = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
  rest.reverse()
  var resolved = path.hasPrefix("/") ? "/" : ""
  var links = 0
  while let part = rest.popLast() {
    if part == "." { continue }
    let next = resolved.isEmpty || resolved.hasSuffix("/") ? resolved + part : resolved + "/" + part
    if part == ".." {
      resolved = cleanPath(next)
      continue
    }
    // What cannot be looked at cannot be followed; the path counts as it is spelled.
    guard let status = try? FileStatus(path: next, followingLinks: false) else { return nil }
    guard status.kind == .symbolicLink else {
      resolved = next
      continue
    }
    links += 1
    guard links <= 255, let target = linkTarget(next) else { return nil }
    if target.hasPrefix("/") { resolved = "/" }
    rest += target.split(separator: "/").map(String.init).reversed()
  }
  // As above.
  guard (try? FileStatus(path: resolved.isEmpty ? "." : resolved)) ?? nil != nil else { return nil }
  return cleanPath(resolved)
}

private func linkTarget(_ path: String) -> String? {
  var bytes = [CChar](repeating: 0, count: 4_096)
  let count = unsafe readlink(path, &bytes, bytes.count)
  guard count > 0 else { return nil }
  return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
