#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A name in a directory.
public struct DirectoryEntry: Hashable, Sendable {
  /// The name; bytes that are not UTF-8 appear as U+FFFD.
  public var name: String
  /// The name's bytes as stored.
  public var nameBytes: [UInt8]
  /// What the name stands for; links are not followed.
  public var kind: FileStatus.Kind

  /// Whether `name` can be used to open the file: its bytes are UTF-8.
  public var isNameExact: Bool { nameBytes.elementsEqual(name.utf8) }
}

/// The content of a directory without `.` and `..`, sorted by the bytes of the names.
///
/// - Throws: `.notFound`, `.notDirectory`, `.notReadable` and what else the system reports.
public func listDirectory(_ path: String) throws(FileError) -> [DirectoryEntry] {
  try checkPath(path, operation: "listing")
  guard let stream = unsafe opendir(path) else {
    throw .last(path: path, operation: "listing", access: .reading)
  }
  defer { unsafe closedir(stream) }
  var entries: [DirectoryEntry] = []
  while true {
    errno = 0
    guard let raw = unsafe readdir(stream) else {
      guard lastErrno() == 0 else {
        throw .last(path: path, operation: "listing", access: .reading)
      }
      break
    }
    let bytes = unsafe nameBytes(of: raw)
    if bytes == [0x2E] || bytes == [0x2E, 0x2E] { continue }
    let name = String(decoding: bytes, as: UTF8.self)
    let kind = try unsafe kind(of: raw.pointee.d_type, path: joinPath(path, name))
    entries.append(DirectoryEntry(name: name, nameBytes: bytes, kind: kind))
  }
  return entries.sorted { bytesPrecede($0.nameBytes.span, $1.nameBytes.span) }
}

private func nameBytes(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
  unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
    unsafe [UInt8](raw.prefix { $0 != 0 })
  }
}

private func kind(of type: UInt8, path: String) throws(FileError) -> FileStatus.Kind {
  switch Int(type) {
  case Int(DT_REG): .file
  case Int(DT_DIR): .directory
  case Int(DT_LNK): .symbolicLink
  case Int(DT_FIFO): .pipe
  case Int(DT_SOCK): .socket
  case Int(DT_CHR), Int(DT_BLK): .device
  case Int(DT_UNKNOWN): try FileStatus(path: path, followingLinks: false)?.kind ?? .other
  default: .other
  }
}
