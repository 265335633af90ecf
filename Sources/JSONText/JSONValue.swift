/// One value of a ``JSONDocument``, which it keeps alive.
public struct JSONValue: Sendable {
  /// What a value is.
  public enum Kind: UInt8, Sendable {
    case null, `false`, `true`, number, string, array, object
  }

  /// The text the value is part of.
  public let document: JSONDocument
  let index: Int

  var node: TapeNode { document.nodes[index] }

  /// What the value is; known from its first byte.
  public var kind: Kind { node.kind }

  /// Where the value begins in the text.
  public var offset: Int { Int(node.start) - document.start }

  /// The place of the value in the document's bytes; quotes and brackets included.
  public var range: Range<Int> {
    let node = node
    return Int(node.start)..<Int(node.end)
  }

  /// The exact bytes of the value; shares the document's storage.
  public var raw: ArraySlice<UInt8> { document.bytes[range] }

  /// Whether the value's bytes are exactly these; a string's quotes are part of them.
  public func isSpelled(_ text: StaticString) -> Bool {
    withBytes { $0.isEqual(to: text) }
  }

  /// Lends the exact bytes of the value, quotes and brackets included.
  @inlinable
  public func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    let raw = raw
    return body(raw.span)
  }

  /// Whether the value is `null`.
  public var isNull: Bool { kind == .null }

  /// The truth value, nil if this is not one.
  public var bool: Bool? {
    switch kind {
    case .true: true
    case .false: false
    default: nil
    }
  }

  /// The string, still escaped and without a copy; nil if this is not a string.
  public var string: JSONString? {
    kind == .string ? document.string(at: index) : nil
  }
}
