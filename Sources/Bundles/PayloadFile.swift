internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A file on its way into a bundle.
struct PayloadFile: Sendable {
  /// Where its bytes are.
  enum Content: Sendable {
    case bytes([UInt8])
    /// A file that is too large to be held; the range is counted in its bytes.
    case file(String, Range<UInt64>)
  }

  /// Files up to this size are held in memory.
  static let heldSize: UInt64 = 8 << 20
  static let pieceSize = 1 << 20

  /// The path in the bag.
  var path: String
  var content: Content
  var size: UInt64
  var digest: String

  /// A file made here.
  init(path: String, bytes: [UInt8]) {
    self.path = path
    content = .bytes(bytes)
    size = UInt64(bytes.count)
    digest = ContentDigest.hex(of: bytes)
  }

  /// A file, or a part of one; small ones are read now.
  init(path: String, file: String, range: Range<UInt64>? = nil) throws(FormatError) {
    self = try reading { () throws(FileError) in
      let source = try RandomAccessFile(path: file)
      let range = range ?? 0..<source.size
      guard range.lowerBound <= range.upperBound, range.upperBound <= source.size else {
        throw FileError(.io, path: file, operation: "reading")
      }
      let size = range.upperBound - range.lowerBound
      if size <= Self.heldSize {
        return PayloadFile(
          path: path, bytes: try source.read(at: range.lowerBound, count: Int(size)))
      }
      var digest = ContentDigest()
      var offset = range.lowerBound
      while offset < range.upperBound {
        let piece = try source.read(
          at: offset, count: Int(min(UInt64(Self.pieceSize), range.upperBound - offset)))
        if piece.isEmpty { throw FileError(.io, path: file, operation: "reading") }
        digest.update(piece)
        offset += UInt64(piece.count)
      }
      return PayloadFile(path: path, content: .file(file, range), size: size, digest: digest.hex)
    }
  }

  private init(path: String, content: Content, size: UInt64, digest: String) {
    self.path = path
    self.content = content
    self.size = size
    self.digest = digest
  }

  /// Gives the bytes piece by piece.
  ///
  /// - Throws: `.notReadable` when a file has changed since it was looked at.
  func forEachPiece(
    _ body: (ArraySlice<UInt8>) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard case .file(let path, let range) = content else {
      if case .bytes(let bytes) = content { try body(bytes[...]) }
      return
    }
    let source = try reading { () throws(FileError) in try RandomAccessFile(path: path) }
    var digest = ContentDigest()
    var offset = range.lowerBound
    while offset < range.upperBound {
      let piece = try reading { () throws(FileError) in
        try source.read(
          at: offset, count: Int(min(UInt64(Self.pieceSize), range.upperBound - offset)))
      }
      if piece.isEmpty { break }
      digest.update(piece)
      offset += UInt64(piece.count)
      try body(piece[...])
    }
    guard offset == range.upperBound, digest.hex == self.digest else {
      throw FormatError(
        .notReadable, "the file was changed while it was backed up", at: .file(path: path),
        advice: "run again")
    }
  }
}
