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

  private func lastMember(named name: Span<UInt8>) -> JSONValue? {
    let place = document.withTape { text, nodes in
      lastMember(named: name, text, nodes)
    }
    return place > 0 ? JSONValue(document: document, index: place) : nil
  }

  /// Where the value is on the tape, 0 if there is none.
  @inline(__always)
  private func lastMember(
    named name: Span<UInt8>, _ text: Span<UInt8>, _ nodes: Span<TapeNode>
  ) -> Int {
    let object = nodes[index]
    guard object.kind == .object else { return 0 }
    let length = name.count
    let prefix = name.word(at: 0, fill: 0) & Word.mask(length)
    var found = 0
    var index = self.index &+ 1
    while index < object.next {
      let key = nodes[index]
      if key.flags.isDisjoint(with: .needsDecoding) {
        let start = Int(key.start) &+ 1
        if Int(key.end &- key.start) &- 2 == length,
          text.word(at: start, fill: 0) & Word.mask(length) == prefix,
          length <= 8
            || text.extracting((start &+ 8)..<(start &+ length))
              .isEqual(to: name.extracting(8..<length))
        {
          found = index &+ 1
        }
      } else if document.string(at: index).equals(name) {
        found = index &+ 1
      }
      index = Int(nodes[index &+ 1].next)
    }
    return found
  }
}
