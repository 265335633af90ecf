internal import Archive
internal import SessionCoding

/// Turns files of a bag into gzip members of a tar archive.
struct MemberPacker {
  struct Member: Sendable {
    var bytes: [UInt8]
    var size: Int
    var first: String
    var entries: Int
  }

  /// Content above this size goes into several members, so that little is held at a time.
  static let memberSize = 8 << 20

  private let root: String
  private var buffer: [UInt8] = []
  private var first: String?
  private var entries = 0

  init(root: String) { self.root = root }

  /// Adds a file; full members are given out.
  mutating func add(
    _ file: PayloadFile, _ emit: (Member) throws(FormatError) -> Void
  ) throws(FormatError) {
    if first == nil { first = file.path }
    entries += 1
    buffer += TarWriter.header(name: root + "/" + file.path, size: file.size)
    try flush(file.path, emit)
    try file.forEachPiece { (piece) throws(FormatError) in
      if first == nil { first = file.path }
      buffer += piece
      try flush(file.path, emit)
    }
    buffer += TarWriter.padding(after: file.size)
  }

  private mutating func flush(
    _ path: String, _ emit: (Member) throws(FormatError) -> Void
  ) throws(FormatError) {
    if buffer.count >= Self.memberSize { try finish(emit) }
  }

  /// Ends the member at hand.
  mutating func finish(_ emit: (Member) throws(FormatError) -> Void) throws(FormatError) {
    guard !buffer.isEmpty else { return }
    try emit(
      Member(
        bytes: GzipMember.pack(buffer[...]), size: buffer.count, first: first ?? "",
        entries: entries))
    buffer.removeAll(keepingCapacity: true)
    first = nil
    entries = 0
  }
}
