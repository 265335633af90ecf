/// Names of an object's members, in the order in which they are usually written, which makes finding
/// them fast.
public struct FieldNames: Sendable {
  /// The first eight bytes, the length and what is behind the first eight bytes of each name.
  fileprivate let prefixes: [UInt64]
  fileprivate let lengths: [Int]
  fileprivate let tails: [[UInt8]]

  /// The number of names.
  public var count: Int { prefixes.count }

  /// Takes names that need no escapes.
  public init(_ names: [String]) {
    let bytes = names.map { Array($0.utf8) }
    prefixes = bytes.map { $0.span.word(at: 0, fill: 0) }
    lengths = bytes.map(\.count)
    tails = bytes.map { Array($0.dropFirst(8)) }
  }

  /// Visits the members of the object at `place`: the number of the name, which is negative for a key
  /// that has escapes or is none of the names, and where on the tape the key is.
  @inline(__always)
  func forEachMember(
    of place: Int, in document: JSONDocument, _ body: (_ name: Int, _ key: Int) -> Void
  ) {
    let tape = document.nodes
    let nodes = tape.span
    let bytes = document.bytes
    let text = bytes.span
    let prefixStorage = prefixes
    let prefixes = prefixStorage.span
    let lengthStorage = lengths
    let lengths = lengthStorage.span
    let end = Int(nodes[place].next)
    var expected = 0
    var index = place &+ 1
    while index < end {
      let key = nodes[index]
      var found = -1
      if key.flags.isDisjoint(with: .needsDecoding) {
        let start = Int(key.start) &+ 1
        let length = Int(key.end &- key.start) &- 2
        let prefix = text.word(at: start, fill: 0) & Word.mask(length)
        var candidate = expected
        var left = prefixes.count
        while left > 0 {
          if candidate >= prefixes.count { candidate = 0 }
          if prefixes[candidate] == prefix, lengths[candidate] == length,
            length <= 8 || isTail(of: candidate, text, start &+ 8, length &- 8)
          {
            found = candidate
            expected = candidate &+ 1
            break
          }
          candidate &+= 1
          left &-= 1
        }
      }
      body(found, index)
      index = Int(nodes[index &+ 1].next)
    }
  }

  private func isTail(of index: Int, _ text: Span<UInt8>, _ start: Int, _ length: Int) -> Bool {
    let tail = tails[index]
    return text.extracting(start..<(start &+ length)).isEqual(to: tail.span)
  }

  /// The number of the name that a decoded key is, -1 if it is none of them.
  func index(of key: [UInt8]) -> Int {
    let prefix = key.span.word(at: 0, fill: 0) & Word.mask(key.count)
    for index in 0..<count
    where prefixes[index] == prefix && lengths[index] == key.count
      && key.dropFirst(8).elementsEqual(tails[index])
    {
      return index
    }
    return -1
  }
}

/// The members of an object by their names, found in one pass; of several with one name the last.
public struct FieldTable: Sendable {
  private let document: JSONDocument
  /// The tape index of each value, 0 if there is none (0 is never a member's value).
  private let places: [UInt32]

  /// Nil unless `value` is an object.
  public init?(_ value: JSONValue, _ names: FieldNames) {
    guard value.kind == .object else { return nil }
    let document = value.document
    var places = [UInt32](repeating: 0, count: names.count)
    names.forEachMember(of: value.index, in: document) { name, key in
      var name = name
      if name < 0, !document.nodes[key].flags.isDisjoint(with: .needsDecoding) {
        var decoded: [UInt8] = []
        document.string(at: key).appendUTF8(to: &decoded)
        name = names.index(of: decoded)
      }
      if name >= 0 { places[name] = UInt32(truncatingIfNeeded: key &+ 1) }
    }
    self.document = document
    self.places = places
  }

  /// The value of the name at a place in the list; nil if the object has none.
  @inline(__always)
  public subscript(_ index: Int) -> JSONValue? {
    guard places.indices.contains(index), places[index] != 0 else { return nil }
    return JSONValue(document: document, index: Int(places[index]))
  }
}
