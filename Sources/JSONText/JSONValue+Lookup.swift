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
    for name in names where name.utf8CodeUnitCount == length {
      let bytes = document.bytes
      let isEqual = name.withBytes { name in
        let text = bytes.span
        return text.equals(from: Int(key.start) &+ 1, name, from: 0, count: length)
      }
      if isEqual { return true }
    }
    return false
  }

  private func lastMember(named name: Span<UInt8>) -> JSONValue? {
    let object = node
    guard object.kind == .object else { return nil }
    let bytes = document.bytes
    let text = bytes.span
    let tape = document.nodes
    let nodes = tape.span
    let length = name.count
    let prefix = name.word(at: 0, fill: 0) & Word.mask(length)
    var found: Int?
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
    return found.map { JSONValue(document: document, index: $0) }
  }
}
