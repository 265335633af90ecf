/// The elements of an array, in order; nothing for any other value.
public struct JSONElements: Sequence, Sendable {
  let document: JSONDocument
  let start: Int
  let end: Int

  /// Steps through the elements.
  public struct Iterator: IteratorProtocol, Sendable {
    let document: JSONDocument
    var index: Int
    let end: Int

    /// The next element, nil after the last.
    public mutating func next() -> JSONValue? {
      guard index < end else { return nil }
      defer { index = Int(document.nodes[index].next) }
      return JSONValue(document: document, index: index)
    }
  }

  /// Starts at the first element.
  public func makeIterator() -> Iterator {
    Iterator(document: document, index: start, end: end)
  }

  /// Whether there is no element.
  public var isEmpty: Bool { start >= end }

  /// - Complexity: O(*n*) in the number of elements.
  public var count: Int { reduce(0) { count, _ in count + 1 } }

  /// The first element, nil if there is none.
  public var first: JSONValue? { isEmpty ? nil : JSONValue(document: document, index: start) }
}

extension JSONValue {
  /// The elements of an array; empty if this is not one.
  public var elements: JSONElements {
    let node = node
    return JSONElements(
      document: document, start: index + 1, end: node.kind == .array ? Int(node.next) : 0)
  }
}
