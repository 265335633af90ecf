public import FileIO
internal import JSONText
internal import SessionModel

/// Walks the carry of one session, chunk by chunk.
public final class CarryCursor {
  /// What the conversion wrote down about itself.
  public let header: StoredCarryHeader
  private let nextChunk: () throws(FormatError) -> [UInt8]?
  private var items: [CarryItem] = []
  private var position = 0
  private var fingerprint = Fingerprint()
  /// Whether a chunk could not be read, after which the items are lost, or, at the end, whether they
  /// are others than were stored.
  public private(set) var isDamaged = false

  /// Creates a cursor over chunks, each a JSON array of items.
  public init(
    header: StoredCarryHeader, nextChunk: @escaping () throws(FormatError) -> [UInt8]?
  ) {
    self.header = header
    self.nextChunk = nextChunk
  }

  /// The next chunk as it is stored; not to be mixed with ``next()``.
  public func nextStoredChunk() throws(FormatError) -> [UInt8]? { try nextChunk() }

  /// The next item; nil at the end or where the carry is damaged.
  public func next() throws(FormatError) -> CarryItem? {
    while position == items.count {
      guard !isDamaged else { return nil }
      guard let chunk = try nextChunk() else {
        isDamaged = !isAsStored
        return nil
      }
      load(chunk)
    }
    position += 1
    return items[position - 1]
  }

  /// Whether all items are those that were stored, without a look at what they say; uses the cursor up.
  public func isIntact() throws(FormatError) -> Bool {
    while let chunk = try nextChunk() { fingerprint.update(items: chunk) }
    return isAsStored
  }

  private var isAsStored: Bool { header.header?.items.map { $0 == fingerprint } ?? true }

  private func load(_ chunk: [UInt8]) {
    items.removeAll(keepingCapacity: true)
    position = 0
    fingerprint.update(items: chunk)
    guard let document = JSONDocument(ifValid: chunk), document.root.kind == .array else {
      isDamaged = true
      return
    }
    for element in document.root.elements {
      guard let item = CarryItem(element) else {
        isDamaged = true
        return
      }
      items.append(item)
    }
  }
}

/// Collects carry items into chunks of bounded size.
public struct CarryChunks: Sendable {
  private var writer: JSONWriter
  private var count = 0
  /// The fingerprint of all items in finished chunks, whatever chunk they are in.
  public private(set) var fingerprint = Fingerprint()
  /// Chunks end as soon as they pass this many bytes, so that readers hold little at a time.
  private let limit: Int

  /// Starts with an empty chunk.
  public init(limit: Int = 256 * 1024) {
    self.limit = limit
    writer = JSONWriter(reserving: 4_096)
    writer.beginArray()
  }

  /// Adds an item; returns a finished chunk when there is one.
  public mutating func add(_ item: CarryItem) -> [UInt8]? {
    item.write(to: &writer)
    return added()
  }

  /// Adds a record that comes back by itself from the one entry with a hash.
  public mutating func add(_ foreign: ContentHash) -> [UInt8]? {
    foreign.write(to: &writer)
    return added()
  }

  private mutating func added() -> [UInt8]? {
    count += 1
    return writer.bytes.count >= limit ? finish() : nil
  }

  /// The last chunk, or nil when it would be empty.
  public mutating func finish() -> [UInt8]? {
    guard count > 0 else { return nil }
    writer.endArray()
    let chunk = writer.bytes
    fingerprint.update(items: chunk)
    writer = JSONWriter(reserving: 4_096)
    writer.beginArray()
    count = 0
    return chunk
  }
}

extension Fingerprint {
  /// Adds the items of a chunk, each followed by a comma.
  fileprivate mutating func update(items chunk: [UInt8]) {
    let isArray = chunk.first == UInt8(ascii: "[") && chunk.last == UInt8(ascii: "]")
    update(isArray ? chunk.dropFirst().dropLast() : chunk[...])
    update([UInt8(ascii: ",")])
  }
}
