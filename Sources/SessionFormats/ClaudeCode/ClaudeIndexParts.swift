internal import Dispatch
internal import FileIO
internal import SessionCoding
internal import Synchronization

/// A long session file in parts, which several threads look at.
struct ClaudeIndexParts {
  private static let size: UInt64 = 2 << 20
  /// How far a line's end is looked for at the place where a part should end.
  private static let longestSearch = 1 << 20

  private let path: String
  private let options: ReadOptions
  private let parts: [Range<UInt64>]

  /// Nil for a file that is not long enough or that cannot be divided.
  init?(path: String, options: ReadOptions) {
    guard let file = try? RandomAccessFile(path: path), file.size > 2 * Self.size else {
      return nil
    }
    self.path = path
    self.options = options
    var parts: [Range<UInt64>] = []
    var start: UInt64 = 0
    var wanted = Self.size
    while wanted < file.size {
      if let end = Self.lineStart(in: file, from: wanted) {
        parts.append(start..<end)
        start = end
      }
      wanted = max(wanted, start) + Self.size
    }
    guard !parts.isEmpty else { return nil }
    parts.append(start..<UInt64.max)
    self.parts = parts
  }

  /// The first start of a line behind a place; nil where none is near.
  private static func lineStart(in file: RandomAccessFile, from place: UInt64) -> UInt64? {
    var offset = place
    while offset < place + UInt64(longestSearch) {
      guard let bytes = try? file.read(at: offset, count: 16 << 10), !bytes.isEmpty else {
        return nil
      }
      if let lineFeed = bytes.firstIndex(of: UInt8(ascii: "\n")) {
        return offset + UInt64(lineFeed) + 1
      }
      offset += UInt64(bytes.count)
    }
    return nil
  }

  /// What the parts give together.
  private struct Joined {
    var index: ClaudeIndex?
    var count = 0
    /// Parts that wait for those before them.
    var waiting: [Int: ClaudeIndex] = [:]

    mutating func add(_ part: ClaudeIndex, at number: Int) {
      waiting[number] = part
      while let next = waiting.removeValue(forKey: count) {
        if count == 0 { index = next } else { index?.append(next) }
        count += 1
      }
    }
  }

  /// The index of the whole file; nil when some part cannot be read.
  func index() -> ClaudeIndex? {
    let joined = Mutex(Joined())
    DispatchQueue.concurrentPerform(iterations: parts.count) { number in
      if let part = try? ClaudeIndex(path: path, part: parts[number], options: options) {
        joined.withLock { $0.add(part, at: number) }
      }
    }
    return joined.withLock { $0.count == parts.count ? $0.index : nil }
  }
}
