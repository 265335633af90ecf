extension JSONValue {
  /// The member whose decoded key equals `key`; the last one if there are several.
  public subscript(_ key: StaticString) -> JSONValue? {
    key.withBytes { lastMember(named: $0) }
  }

  /// The member whose decoded key equals `key`, byte for byte; the last one if there are several.
  public subscript(name key: String) -> JSONValue? {
    key.withBytes { lastMember(named: $0) }
  }

  private func lastMember(named name: Span<UInt8>) -> JSONValue? {
    let object = node
    guard object.kind == .object else { return nil }
    let bytes = document.bytes
    let text = bytes.span
    let nodes = document.nodes
    let length = name.count
    var found: Int?
    var index = self.index &+ 1
    while index < object.next {
      let key = nodes[index]
      if key.flags.isDisjoint(with: .needsDecoding) {
        if Int(key.end &- key.start) &- 2 == length,
          text.equals(from: Int(key.start) &+ 1, name, from: 0, count: length)
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
