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
    let name = root + "/" + file.path
    if let attributes = file.attributes {
      buffer += TarWriter.header(
        // Bits that let a program run as somebody else are for no `tar` to give.
        name: name, size: file.size, mode: attributes.mode & 0o777, modified: attributes.modified)
    } else {
      buffer += TarWriter.header(name: name, size: file.size)
    }
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

/// Packs blobs: large ones alone, small ones of one folder together.
struct BlobPacker {
  private static let largeSize: UInt64 = 256 << 10
  private static let groupSize: UInt64 = 1 << 20

  private var packer: MemberPacker
  private var folder: Substring = ""
  private var size: UInt64 = 0

  init(root: String) { packer = MemberPacker(root: root) }

  mutating func add(
    _ blob: PayloadFile, _ emit: (MemberPacker.Member) throws(FormatError) -> Void
  ) throws(FormatError) {
    let folder = blob.path.prefix(BundleLayout.blobs.count + 3)
    if folder != self.folder || blob.size >= Self.largeSize || size + blob.size > Self.groupSize {
      try finish(emit)
    }
    self.folder = folder
    size += blob.size
    try packer.add(blob, emit)
    if blob.size >= Self.largeSize { try finish(emit) }
  }

  mutating func finish(
    _ emit: (MemberPacker.Member) throws(FormatError) -> Void
  ) throws(FormatError) {
    try packer.finish(emit)
    size = 0
  }
}
