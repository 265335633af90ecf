/// The members of an object, in order and with duplicates; nothing for any other value.
public struct JSONMembers: Sequence, Sendable {
  /// A member: its key, still escaped, and its value.
  public typealias Element = (key: JSONString, value: JSONValue)

  let document: JSONDocument
  let start: Int
  let end: Int

  /// Steps through the members.
  public struct Iterator: IteratorProtocol, Sendable {
    let document: JSONDocument
    var index: Int
    let end: Int

    /// The next member, nil after the last.
    public mutating func next() -> Element? {
      guard index < end else { return nil }
      let key = index
      index = Int(document.nodes[key + 1].next)
      return (document.string(at: key), JSONValue(document: document, index: key + 1))
    }
  }

  /// Starts at the first member.
  public func makeIterator() -> Iterator {
    Iterator(document: document, index: start, end: end)
  }

  /// Whether there is no member.
  public var isEmpty: Bool { start >= end }

  /// - Complexity: O(*n*) in the number of members.
  public var count: Int { reduce(0) { count, _ in count + 1 } }
}

extension JSONValue {
  /// The members of an object; empty if this is not one.
  public var members: JSONMembers {
    let node = node
    return JSONMembers(
      document: document, start: index + 1, end: node.kind == .object ? Int(node.next) : 0)
  }
}
