internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A file on its way into a bundle.
struct PayloadFile: Sendable {
  /// Where its bytes are.
  enum Content: Sendable {
    case bytes([UInt8])
    /// A file that is too large to be held; the ranges, in order, are counted in its bytes.
    case file(String, [Range<UInt64>])
  }

  /// Files up to this size are held in memory.
  static let heldSize: UInt64 = 8 << 20
  static let pieceSize = 1 << 20

  /// The path in the bag.
  var path: String
  var content: Content
  var size: UInt64
  var digest: String
  /// The permission bits and the time of the last change; nil for a file made here.
  var attributes: Attributes?

  /// What a file is besides its bytes.
  struct Attributes: Sendable, Hashable {
    var mode: UInt32
    var modified: FileStatus.Time
  }

  /// A file made here.
  init(path: String, bytes: [UInt8]) {
    self.path = path
    content = .bytes(bytes)
    size = UInt64(bytes.count)
    digest = ContentDigest.hex(of: bytes)
  }

  /// A file; small ones are read now.
  init(path: String, file: String) throws(FormatError) {
    self = try reading { () throws(FileError) in
      let source = try RandomAccessFile(path: file)
      if source.size <= Self.heldSize {
        return PayloadFile(path: path, bytes: try source.read(at: 0, count: Int(source.size)))
      }
      return try PayloadFile(path: path, source: source, ranges: [0..<source.size])
    }
  }

  private init(
    path: String, source: RandomAccessFile, ranges: [Range<UInt64>]
  ) throws(FileError) {
    var digest = ContentDigest()
    for range in ranges {
      var offset = range.lowerBound
      while offset < range.upperBound {
        let piece = try source.read(
          at: offset, count: Int(min(UInt64(Self.pieceSize), range.upperBound - offset)))
        if piece.isEmpty { throw FileError(.io, path: source.path, operation: "reading") }
        digest.update(piece)
        offset += UInt64(piece.count)
      }
    }
    self.path = path
    content = .file(source.path, ranges)
    size = ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
    self.digest = digest.hex
  }

  /// The file without some parts, in order.
  func without(_ parts: [Range<UInt64>]) throws(FormatError) -> PayloadFile {
    guard !parts.isEmpty else { return self }
    switch content {
    case .bytes(let bytes):
      var kept: [UInt8] = []
      var start = 0
      for part in parts {
        kept += bytes[start..<Int(part.lowerBound)]
        start = Int(part.upperBound)
      }
      var rest = PayloadFile(path: path, bytes: kept + bytes[start...])
      rest.attributes = attributes
      return rest
    case .file(let file, let ranges):
      // A file that was cut already is not cut again.
      guard let whole = ranges.first, ranges.count == 1 else { return self }
      var kept: [Range<UInt64>] = []
      var start = whole.lowerBound
      for part in parts {
        kept.append(start..<(whole.lowerBound + part.lowerBound))
        start = whole.lowerBound + part.upperBound
      }
      kept.append(start..<whole.upperBound)
      var rest = try reading { () throws(FileError) in
        try PayloadFile(path: path, source: try RandomAccessFile(path: file), ranges: kept)
      }
      rest.attributes = attributes
      return rest
    }
  }

  /// Gives the Base64 texts in the file, with their places.
  func forEachMedium(
    _ body: (_ offset: UInt64, _ text: ArraySlice<UInt8>) throws(FormatError) -> Void
  ) throws(FormatError) {
    var scan = MediumScan()
    try forEachPiece { (piece) throws(FormatError) in try scan.look(at: piece, body) }
  }

  /// Gives the bytes piece by piece.
  ///
  /// - Throws: `.notReadable` when a file has changed since it was looked at.
  func forEachPiece(
    _ body: (ArraySlice<UInt8>) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard case .file(let path, let ranges) = content else {
      if case .bytes(let bytes) = content { try body(bytes[...]) }
      return
    }
    let source = try reading { () throws(FileError) in try RandomAccessFile(path: path) }
    var digest = ContentDigest()
    for range in ranges {
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
    }
    guard digest.hex == self.digest else {
      throw FormatError(
        .notReadable, "the file was changed while it was backed up", at: .file(path: path),
        advice: "run again")
    }
  }
}
