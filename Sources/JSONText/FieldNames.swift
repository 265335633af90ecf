/// Names of an object's members, in the order in which they are usually written, which makes finding
/// them fast.
public final class FieldNames: Sendable {
  private struct Name: Sendable {
    /// The first eight bytes, zeros after the end.
    let prefix: UInt64
    let length: Int
    /// Where in `tails` the bytes after the first eight begin.
    let tail: Int
  }

  private let names: [Name]
  private let tails: [UInt8]

  /// The number of names.
  public var count: Int { names.count }

  /// Takes names that need no escapes, 32 of them at most.
  public init(_ names: [String]) {
    precondition(names.count <= FieldPlaces.capacity)
    var tails: [UInt8] = []
    self.names = names.map { name in
      let bytes = Array(name.utf8)
      defer { tails += bytes.dropFirst(8) }
      return Name(prefix: bytes.span.word(at: 0, fill: 0), length: bytes.count, tail: tails.count)
    }
    self.tails = tails
  }

  /// Visits the members of the object at `place`, from the one whose key is at `first`: the number of the name, which is negative for a key
  /// that has escapes or is none of the names, and where on the tape the key is.
  @inline(__always)
  func forEachMember(
    of place: Int, from first: Int, _ text: Span<UInt8>, _ nodes: Span<TapeNode>,
    _ body: (_ name: Int, _ key: Int) -> Void
  ) {
    let end = Int(nodes[place].next)
    withNames { names, tails in
      var expected = 0
      var index = first
      while index < end {
        let key = nodes[index]
        var found = -1
        if key.flags.isDisjoint(with: .needsDecoding) {
          found = Self.index(
            of: text, Int(key.start) &+ 1, Int(key.end &- key.start) &- 2, names, tails,
            from: expected)
          if found >= 0 { expected = found &+ 1 }
        }
        body(found, index)
        index = Int(nodes[index &+ 1].next)
      }
    }
  }

  /// The number of the name that a decoded key or text is, -1 if it is none of them.
  public func index(of text: Span<UInt8>) -> Int { index(of: text, 0, text.count) }

  func index(of text: Span<UInt8>, _ start: Int, _ length: Int) -> Int {
    withNames { names, tails in
      Self.index(of: text, start, length, names, tails, from: 0)
    }
  }

  @inline(__always)
  private func withNames<Result>(_ body: (Span<Name>, Span<UInt8>) -> Result) -> Result {
    // Spans of the properties themselves would hold on to copies.
    unsafe names.withUnsafeBufferPointer { names in
      unsafe tails.withUnsafeBufferPointer { tails in
        unsafe body(names.span, tails.span)
      }
    }
  }

  /// Looks at the name numbered `first` and those after it, then at those before it.
  @inline(__always)
  private static func index(
    of text: Span<UInt8>, _ start: Int, _ length: Int, _ names: Span<Name>, _ tails: Span<UInt8>,
    from first: Int
  ) -> Int {
    let prefix = text.word(at: start, fill: 0) & Word.mask(length)
    var candidate = first
    var left = names.count
    while left > 0 {
      if candidate >= names.count { candidate = 0 }
      let name = names[candidate]
      if name.prefix == prefix, name.length == length,
        length <= 8
          || text.equals(from: start &+ 8, tails, from: name.tail, count: length &- 8)
      {
        return candidate
      }
      candidate &+= 1
      left &-= 1
    }
    return -1
  }
}

extension JSONValue {
  /// The number of the name that this string is, −1 if it is none of them or no string.
  public func index(in names: FieldNames) -> Int {
    let node = node
    guard node.kind == .string else { return -1 }
    guard node.flags.isDisjoint(with: .needsDecoding) else {
      return names.index(of: document.decodedUTF8(at: index).span)
    }
    return document.withTape { text, _ in
      names.index(of: text, Int(node.start) &+ 1, Int(node.end &- node.start) &- 2)
    }
  }
}

/// The members of an object by their names, found in one pass; of several with one name the last.
///
/// It is handed on and asked often, so it is one reference.
public final class FieldTable: Sendable {
  private let document: JSONDocument
  private let places: FieldPlaces
  /// Whether there are members whose names are none of those.
  public let hasOthers: Bool

  /// Nil unless `value` is an object.
  public init?(_ value: borrowing JSONValue, _ names: borrowing FieldNames) {
    guard value.kind == .object else { return nil }
    let document = value.document
    var places = FieldPlaces()
    var hasOthers = false
    document.withTape { text, nodes in
      places.withPlaces { found in
        names.forEachMember(of: value.index, from: value.index &+ 1, text, nodes) { name, key in
          var name = name
          if name < 0, !nodes[key].flags.isDisjoint(with: .needsDecoding) {
            name = names.index(of: document.decodedUTF8(at: key).span)
          }
          if name >= 0 {
            found[name] = UInt32(truncatingIfNeeded: key &+ 1)
          } else {
            hasOthers = true
          }
        }
      }
    }
    self.hasOthers = hasOthers
    self.document = document
    self.places = places
  }

  /// The value of the name at a place in the list; nil if the object has none.
  @inline(__always)
  public subscript(_ index: Int) -> JSONValue? {
    let place = places[index]
    return place > 0 ? document.value(at: place) : nil
  }

  /// The string of a name; nil if there is none or another value.
  public func string(_ index: Int) -> JSONString? {
    let place = places[index]
    guard place > 0, document.nodes[place].kind == .string else { return nil }
    return document.string(at: place)
  }

  /// The decoded string of a name; nil if there is none or another value.
  public func text(_ index: Int) -> String? {
    let place = places[index]
    guard place > 0, document.nodes[place].kind == .string else { return nil }
    return document.text(at: place)
  }

  /// The whole number of a name; nil if there is none or another value.
  public func int64(_ index: Int) -> Int64? {
    let place = places[index]
    return place > 0 ? document.int64(at: place) : nil
  }
}

extension JSONValue {
  /// Visits the members of an object whose decoded keys are none of some names, in order.
  ///
  /// - Parameter places: Which of the names count, by their places in the list, the lowest bit first.
  public func forEachMember(
    except names: FieldNames, at places: UInt32 = .max,
    _ body: (_ key: JSONString, _ value: JSONValue) -> Void
  ) {
    guard kind == .object else { return }
    document.withTape { text, nodes in
      names.forEachMember(of: index, from: index &+ 1, text, nodes) { name, key in
        var name = name
        if name < 0, !nodes[key].flags.isDisjoint(with: .needsDecoding) {
          name = names.index(of: document.decodedUTF8(at: key).span)
        }
        if name >= 0, places &>> UInt32(truncatingIfNeeded: name) & 1 == 1 { return }
        body(document.string(at: key), JSONValue(document: document, index: key &+ 1))
      }
    }
  }
}
