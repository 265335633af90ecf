extension JSONValue {
  /// The member whose decoded key equals `key`; the last one if there are several.
  public subscript(_ key: StaticString) -> JSONValue? {
    key.withBytes { lastMember(named: $0) }
  }

  /// The member whose decoded key equals `key`, byte for byte; the last one if there are several.
  public subscript(name key: String) -> JSONValue? {
    key.withBytes { lastMember(named: $0) }
  }

  /// The members of an object whose decoded keys are none of some names, in order.
  public func members(except names: [StaticString]) -> [(key: JSONString, value: JSONValue)] {
    let object = node
    guard object.kind == .object else { return [] }
    var members: [(key: JSONString, value: JSONValue)] = []
    var index = self.index &+ 1
    while index < object.next {
      if !isKey(at: index, oneOf: names) {
        members.append(
          (document.string(at: index), JSONValue(document: document, index: index &+ 1)))
      }
      index = Int(document.nodes[index &+ 1].next)
    }
    return members
  }

  private func isKey(at index: Int, oneOf names: [StaticString]) -> Bool {
    let key = document.nodes[index]
    guard key.flags.isDisjoint(with: .needsDecoding) else {
      let decoded = document.string(at: index)
      return names.contains { decoded.equals($0) }
    }
    let length = Int(key.end &- key.start) &- 2
    return document.withTape { text, _ in
      for name in names where name.utf8CodeUnitCount == length {
        let isEqual = name.withBytes { name in
          text.equals(from: Int(key.start) &+ 1, name, from: 0, count: length)
        }
        if isEqual { return true }
      }
      return false
    }
  }

  /// The members with two names, found in one pass; of several with one name the last.
  public func members(
    _ first: StaticString, _ second: StaticString
  ) -> (first: JSONValue?, second: JSONValue?) {
    let places = first.withBytes { first in
      second.withBytes { second in
        document.withTape { text, nodes in
          var places = (first: 0, second: 0)
          forEachMember(nodes) { index in
            if isKey(at: index, first, text, nodes) {
              places.first = index &+ 1
            } else if isKey(at: index, second, text, nodes) {
              places.second = index &+ 1
            }
          }
          return places
        }
      }
    }
    return (value(at: places.first), value(at: places.second))
  }

  /// The members with three names, found in one pass; of several with one name the last.
  public func members(
    _ first: StaticString, _ second: StaticString, _ third: StaticString
  ) -> (first: JSONValue?, second: JSONValue?, third: JSONValue?) {
    let places = first.withBytes { first in
      second.withBytes { second in
        third.withBytes { third in
          document.withTape { text, nodes in
            var places = (first: 0, second: 0, third: 0)
            forEachMember(nodes) { index in
              if isKey(at: index, first, text, nodes) {
                places.first = index &+ 1
              } else if isKey(at: index, second, text, nodes) {
                places.second = index &+ 1
              } else if isKey(at: index, third, text, nodes) {
                places.third = index &+ 1
              }
            }
            return places
          }
        }
      }
    }
    return (value(at: places.first), value(at: places.second), value(at: places.third))
  }

  private func lastMember(named name: Span<UInt8>) -> JSONValue? {
    let place = document.withTape { text, nodes in
      var place = 0
      forEachMember(nodes) { index in
        if isKey(at: index, name, text, nodes) { place = index &+ 1 }
      }
      return place
    }
    return value(at: place)
  }

  /// The value at a place on the tape; nil for 0, which is never a member's value.
  private func value(at place: Int) -> JSONValue? {
    place > 0 ? JSONValue(document: document, index: place) : nil
  }

  /// Visits where the keys of an object are on the tape; of any other value nothing.
  @inline(__always)
  private func forEachMember(_ nodes: Span<TapeNode>, _ body: (Int) -> Void) {
    let object = nodes[index]
    guard object.kind == .object else { return }
    var index = self.index &+ 1
    while index < object.next {
      body(index)
      index = Int(nodes[index &+ 1].next)
    }
  }

  @inline(__always)
  private func isKey(
    at index: Int, _ name: Span<UInt8>, _ text: Span<UInt8>, _ nodes: Span<TapeNode>
  ) -> Bool {
    let key = nodes[index]
    guard key.flags.isDisjoint(with: .needsDecoding) else {
      return document.string(at: index).equals(name)
    }
    let length = name.count
    let start = Int(key.start) &+ 1
    guard Int(key.end &- key.start) &- 2 == length else { return false }
    return text.equals(from: start, name, from: 0, count: length)
  }
}
