public import FileIO
internal import JSONText

/// Collects the items of a carry into chunks of bounded size.
///
/// Records that are the target's own are stored too, so that an item finds its place among them; as long
/// as there are no others, there is nothing to be stored.
public struct CarryChunks: Sendable {
  /// Kinds and hashes of the items at hand, then their originals one after the other.
  private var items: [UInt8] = []
  private var originals: [UInt8] = []
  /// Whether any record here has an original that is to be stored.
  public private(set) var hasOriginals = false
  /// Whether a chunk is complete already.
  public private(set) var hasChunks = false
  /// Whether originals for which nothing stands here are reason enough to store something.
  private let storesUnplaced: Bool
  /// The fingerprint of the stored form of all chunks.
  public private(set) var fingerprint = Fingerprint()
  /// The fingerprint of all originals.
  public private(set) var restores = Fingerprint()
  /// Chunks end as soon as they pass this many bytes, so that readers hold little at a time.
  private let limit: Int

  /// Starts with an empty chunk.
  ///
  /// - Parameter storesUnplaced: Whether originals for which nothing stands here are reason enough to
  ///   store something: not in a session that comes back, which shall be what it was.
  public init(storesUnplaced: Bool, limit: Int = 1 << 20) {
    self.storesUnplaced = storesUnplaced
    self.limit = limit
  }

  /// Adds an item.
  ///
  /// - Returns: The stored form of a chunk that is complete with it.
  /// - Throws: `.readBackDiffers` when that form does not give the items back.
  public mutating func add(_ item: CarryItem) throws(FormatError) -> [UInt8]? {
    items.append(varint: item.foreign.count << 1 | (item.original == nil ? 0 : 1))
    for hash in item.foreign { items.append(littleEndian: hash.value) }
    if let original = item.original {
      items.append(varint: original.count)
      originals += original
      if !original.isEmpty {
        if storesUnplaced || !item.foreign.isEmpty { hasOriginals = true }
        restores.update(original)
      }
    }
    return hasOriginals && items.count + originals.count >= limit ? try finish() : nil
  }

  /// The stored form of the last chunk; nil when it would be empty or nothing has an original.
  public mutating func finish() throws(FormatError) -> [UInt8]? {
    guard hasOriginals, !items.isEmpty else { return nil }
    var content: [UInt8] = []
    content.reserveCapacity(items.count + originals.count + 10)
    content.append(varint: items.count)
    content += items
    content += originals
    items.removeAll(keepingCapacity: true)
    originals.removeAll(keepingCapacity: true)
    let json = stored(.items(content))
    // What a report calls proven is what comes out again.
    guard case .items(content) = CarryChunk(json: json) else {
      throw FormatError(
        .readBackDiffers, "what is stored for the way back does not give the original back",
        advice: "nothing was published; please report this as a defect")
    }
    return json
  }

  /// The stored form of a carry that is passed on with this one.
  ///
  /// - Parameters:
  ///   - cursor: The carry, from its beginning; used up.
  ///   - isOriginals: Whether the originals have it and get it back, else the session itself.
  ///   - store: Called with each chunk.
  public mutating func passOn(
    _ cursor: CarryCursor, ofOriginals isOriginals: Bool,
    store: ([UInt8]) throws(FormatError) -> Void
  ) throws(FormatError) {
    let owner = isOriginals ? CarryChunk.Owner.original : .session
    try store(stored(.header(cursor.header.json, of: owner)))
    while let chunk = try cursor.nextStoredChunk() {
      try store(stored(.passedOn(chunk, of: owner)))
    }
  }

  private mutating func stored(_ chunk: CarryChunk) -> [UInt8] {
    hasChunks = true
    let json = chunk.json
    fingerprint.update(json)
    return json
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }
}
