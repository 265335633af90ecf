internal import FileIO
internal import SessionModel

/// Walks the carry of one session, chunk by chunk.
public final class CarryCursor {
  /// What the conversion wrote down about itself.
  public let header: StoredCarryHeader
  private let nextChunk: () throws(FormatError) -> [UInt8]?
  private var items: [CarryItem] = []
  private var position = 0
  private var fingerprint = Fingerprint()
  private var isAtEnd = false
  /// Whether a chunk could not be read, after which the items are lost, or, at the end, whether they
  /// are others than were stored.
  public private(set) var isDamaged = false

  /// Creates a cursor over chunks as they are stored.
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
      guard !isDamaged, !isAtEnd else { return nil }
      guard let chunk = try nextChunk() else {
        isAtEnd = true
        isDamaged = !isAsStored
        return nil
      }
      fingerprint.update(chunk)
      // What is passed on comes after the items; it counts for the check alone.
      if CarryChunk.areItems(chunk) { load(chunk) }
    }
    position += 1
    return items[position - 1]
  }

  /// Whether all chunks are those that were stored, without a look at what they say; uses the cursor up.
  public func isIntact() throws(FormatError) -> Bool {
    while let chunk = try nextChunk() { fingerprint.update(chunk) }
    return isAsStored
  }

  /// The carry that is passed on with this one; nil when there is none.
  ///
  /// Uses the cursor up.
  ///
  /// - Parameter isOriginals: Whether that of the originals is wanted, else that of the session itself.
  public func passedOn(ofOriginals isOriginals: Bool) throws(FormatError) -> CarryCursor? {
    let wanted = isOriginals ? CarryChunk.Owner.original : .session
    func next() throws(FormatError) -> CarryChunk? {
      while let chunk = try nextChunk() {
        guard !CarryChunk.areItems(chunk), let found = CarryChunk(json: chunk) else { continue }
        switch found {
        case .header(_, wanted), .passedOn(_, wanted): return found
        default: continue
        }
      }
      return nil
    }
    guard case .header(let json, _) = try next() else { return nil }
    return CarryCursor(header: StoredCarryHeader(json: json)) { () throws(FormatError) in
      guard case .passedOn(let chunk, _) = try next() else { return nil }
      return chunk
    }
  }

  private var isAsStored: Bool { header.header?.items.map { $0 == fingerprint } ?? true }

  private func load(_ chunk: [UInt8]) {
    items.removeAll(keepingCapacity: true)
    position = 0
    guard case .items(let content) = CarryChunk(json: chunk), let items = Self.items(in: content)
    else {
      isDamaged = true
      return
    }
    self.items = items
  }

  /// The items of a chunk's content; nil when they do not fit it.
  private static func items(in content: [UInt8]) -> [CarryItem]? {
    var rest = content[...]
    guard let count = rest.popVarint(), count <= rest.count else { return nil }
    var heads = rest.prefix(count)
    var originals = rest.dropFirst(count)
    var items: [CarryItem] = []
    while !heads.isEmpty {
      guard let kind = heads.popVarint(), kind >> 1 <= heads.count / 8 else { return nil }
      var item = CarryItem(foreign: [], original: nil)
      for _ in 0..<(kind >> 1) { item.foreign.append(ContentHash(value: heads.popLittleEndian())) }
      if kind & 1 == 1 {
        guard let length = heads.popVarint(), length <= originals.count else { return nil }
        item.original = originals.prefix(length)
        originals = originals.dropFirst(length)
      }
      items.append(item)
    }
    return originals.isEmpty ? items : nil
  }
}

extension ArraySlice<UInt8> {
  /// Takes eight bytes as a number, the lowest first.
  ///
  /// - Precondition: There are as many.
  fileprivate mutating func popLittleEndian() -> UInt64 {
    defer { self = dropFirst(8) }
    return prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
