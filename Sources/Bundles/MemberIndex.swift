internal import Archive
internal import FileIO
internal import JSONText

/// The side file `<name>.tar.gz.idx.json`: where each gzip member of an archive starts.
///
/// It can be made anew from the archive, so a reader believes it only as far as the archive agrees.
struct MemberIndex: Sendable, Hashable {
  struct Member: Sendable, Hashable {
    /// Where the member starts in the file, and its length there.
    var offset: UInt64
    var length: UInt64
    /// The length of its content.
    var size: UInt64
    /// The file whose header or content it begins with, from the bag's root; empty for the end mark.
    var first: String
    /// The number of files whose headers are in it.
    var entries: Int
  }

  var archiveSize: UInt64
  var archiveDigest: String
  var members: [Member]

  static let suffix = ".idx.json"
  /// The same in a vault, where it is compressed: of small sessions it is a tenth of the archive.
  static let packedSuffix = suffix + ".gz"
  static let digestSuffix = ".sha256"

  init(archiveSize: UInt64, archiveDigest: String, members: [Member]) {
    self.archiveSize = archiveSize
    self.archiveDigest = archiveDigest
    self.members = members
  }

  var bytes: [UInt8] {
    var writer = JSONWriter(reserving: 256 + members.count * 160)
    writer.beginObject()
    writer.field("v", 1)
    writer.field("archive_size", Int64(clamping: archiveSize))
    writer.field("archive_sha256", archiveDigest)
    writer.key("members")
    writer.beginArray()
    for member in members {
      writer.beginObject()
      writer.field("off", Int64(clamping: member.offset))
      writer.field("len", Int64(clamping: member.length))
      writer.field("usize", Int64(clamping: member.size))
      writer.field("first", member.first)
      writer.field("entries", member.entries)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// Reads the side file; nil when it is none or its members do not cover the archive in order.
  init?(_ bytes: [UInt8]) {
    guard let document = JSONDocument(ifValid: bytes),
      let size = document.root["archive_size"]?.int64.flatMap({ UInt64(exactly: $0) }),
      let digest = document.root["archive_sha256"]?.string?.string,
      let list = document.root["members"], list.kind == .array
    else { return nil }
    var members: [Member] = []
    var end: UInt64 = 0
    for value in list.elements {
      func number(_ name: String) -> UInt64? {
        value[name: name]?.int64.flatMap { UInt64(exactly: $0) }
      }
      guard let offset = number("off"), let length = number("len"), let count = number("usize"),
        let first = value["first"]?.string?.string, let entries = number("entries"),
        offset == end, length > 0, length <= size - offset
      else { return nil }
      end = offset + length
      members.append(
        Member(
          offset: offset, length: length, size: count, first: first,
          entries: Int(clamping: entries)))
    }
    guard end == size else { return nil }
    self.init(archiveSize: size, archiveDigest: digest, members: members)
  }

  /// Reads the side file of an archive, compressed or not; nil when there is none that can be used.
  init?(of archive: String) {
    // One that cannot be read is as good as none, see below.
    if let bytes = try? readFile(archive + Self.suffix) {
      self.init(bytes)
      return
    }
    // Without it an archive is read from end to end; `verify` says what is wrong with it.
    guard let file = try? RandomAccessFile(path: archive + Self.packedSuffix),
      let stream = try? ArchiveStream(file)
    else { return nil }
    var bytes: [UInt8] = []
    // As above.
    while let piece = try? stream.next(), bytes.count < 1 << 30 { bytes += piece }
    self.init(bytes)
  }

  /// ``ranges(below:)`` of the folders of all sessions and stores at once.
  var rangesByFolder: [String: [Range<UInt64>]] {
    var ranges: [String: [Range<UInt64>]] = [:]
    for member in members {
      guard let folder = BundleLayout.folder(of: member.first) else { continue }
      let range = member.offset..<(member.offset + member.length)
      if let last = ranges[folder]?.last, last.upperBound == range.lowerBound {
        ranges[folder]?.removeLast()
        ranges[folder]?.append(last.lowerBound..<range.upperBound)
      } else {
        ranges[folder, default: []].append(range)
      }
    }
    return ranges
  }

  /// The parts of the archive in which the files below a folder lie, next to each other joined.
  func ranges(below folder: String) -> [Range<UInt64>] {
    var ranges: [Range<UInt64>] = []
    for member in members where member.first.hasPrefix(folder) {
      let range = member.offset..<(member.offset + member.length)
      if let last = ranges.last, last.upperBound == range.lowerBound {
        ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
      } else {
        ranges.append(range)
      }
    }
    return ranges
  }
}
