internal import FileIO
internal import SessionCoding

/// Media beside session files: `blobs/sha256/8b/8bb4…`, named by the hash of their bytes.
enum MarkdownMedia {
  static let folder = "blobs"

  /// The path of a medium from the folder of its session file.
  static func relativePath(_ hash: String, in folder: String = folder) -> String {
    "\(folder)/sha256/\(hash.prefix(2))/\(hash)"
  }

  /// The hash that a link's path ends with, `sha256/8b/8bb4…`; nil for other paths.
  static func hash(of path: ArraySlice<UInt8>) -> String? {
    let end = path.suffix(mark.count + 3 + 64)
    guard end.starts(with: mark) else { return nil }
    let rest = end.dropFirst(mark.count)
    let hash = rest.dropFirst(3)
    guard hash.count == 64, rest.prefix(3).elementsEqual(hash.prefix(2) + [UInt8(ascii: "/")]),
      hash.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { return nil }
    return String(decoding: hash, as: UTF8.self)
  }

  private static let mark = Array("sha256/".utf8)

  /// The hashes that a file refers to, in byte order.
  static func hashes(in path: String) throws(FileError) -> [String] {
    let file = try RandomAccessFile(path: path)
    var hashes: Set<String> = []
    var offset: UInt64 = 0
    while true {
      let bytes = try file.read(at: offset, count: 1 << 20)
      var start = bytes.startIndex
      while let match = bytes[start...].firstRange(of: mark) {
        let end = match.upperBound + 3 + 64
        guard end <= bytes.endIndex else { break }
        if let hash = hash(of: bytes[match.lowerBound..<end]) { hashes.insert(hash) }
        start = match.upperBound
      }
      // A reference that the end of the piece cuts off is looked at again.
      guard bytes.count == 1 << 20 else { return hashes.sorted() }
      offset += UInt64(bytes.count - mark.count - 3 - 64)
    }
  }

  /// The bytes of a medium; nil when it is missing or not what its name says.
  static func read(_ hash: String, besides folder: String) -> [UInt8]? {
    guard let bytes = try? readFile(folder + "/" + relativePath(hash)),
      ContentDigest.hex(of: bytes) == hash
    else { return nil }
    return bytes
  }

  /// The folder that a file lies in.
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
