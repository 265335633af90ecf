/// One JSON text, scanned once to an offset tape; values are decoded when asked for.
///
/// The text itself is kept byte for byte, so number spelling, key order, duplicate keys and white
/// space are never lost.
public final class JSONDocument: Sendable {
  /// The memory that holds the text, which may be a part of it.
  public let bytes: [UInt8]
  /// Where in `bytes` the text begins.
  let start: Int

  /// Offset of the first byte that is no part of valid UTF-8, nil if all strings are valid.
  ///
  /// Invalid UTF-8 is not a scan error; such strings decode with U+FFFD.
  public let firstInvalidUTF8: Int?

  let nodes: [TapeNode]

  /// Scans exactly one value; JSON white space around it is allowed.
  ///
  /// - Throws: ``JSONError`` with the offset of the first mistake.
  /// - Complexity: O(*n*) time; 16 bytes of tape for each value and each key.
  public convenience init(
    _ bytes: [UInt8], limits: JSONLimits = .standard
  ) throws(JSONError) {
    try self.init(bytes, in: bytes.indices, limits: limits)
  }

  /// Scans bytes of which it is not known whether they are JSON; nil when they are not one value.
  public convenience init?(ifValid bytes: [UInt8], limits: JSONLimits = .standard) {
    // That they are no JSON is the answer, not a failure.
    do throws(JSONError) { try self.init(bytes, limits: limits) } catch { return nil }
  }

  /// Scans a part of some bytes, which are kept whole.
  ///
  /// Offsets count from the beginning of the part, ``JSONValue/range`` is a place in all the bytes.
  public init(
    _ bytes: [UInt8], in range: Range<Int>, limits: JSONLimits = .standard
  ) throws(JSONError) {
    let start = range.lowerBound
    do throws(JSONError) {
      let result = try JSONScanner.scan(
        bytes.span.extracting(0..<range.upperBound), from: start, limits: limits)
      self.nodes = result.nodes
      self.firstInvalidUTF8 = result.firstInvalidUTF8.map { $0 - start }
    } catch {
      throw JSONError(error.code, at: error.offset - start)
    }
    self.bytes = bytes
    self.start = start
  }

  /// The one value of the text.
  public var root: JSONValue { JSONValue(document: self, index: 0) }

  /// Whether any object holds two members whose decoded keys are equal.
  ///
  /// - Complexity: O(number of keys), computed at each call.
  public var hasDuplicateKeys: Bool {
    nodes.indices.contains { index in
      guard nodes[index].kind == .object else { return false }
      var keys: Set<JSONString> = []
      return JSONValue(document: self, index: index).members.contains {
        !keys.insert($0.key).inserted
      }
    }
  }

  /// Whether decoding replaces something by U+FFFD in some key or string: half of a surrogate pair or
  /// an invalid byte.
  ///
  /// - Complexity: O(number of values), computed at each call.
  public var hasInexactStrings: Bool {
    nodes.contains { !$0.flags.isDisjoint(with: .inexact) }
  }

  /// Lends the text and its tape.
  @inline(__always)
  func withTape<Result, Failure>(
    _ body: (_ text: Span<UInt8>, _ nodes: Span<TapeNode>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Spans of the properties themselves would hold on to copies.
    try unsafe bytes.withUnsafeBufferPointer { text throws(Failure) in
      try unsafe nodes.withUnsafeBufferPointer { nodes throws(Failure) in
        try unsafe body(text.span, nodes.span)
      }
    }
  }

  /// The bytes of the string node at `index`, decoded.
  func decodedUTF8(at index: Int) -> [UInt8] {
    var decoded: [UInt8] = []
    string(at: index).appendUTF8(to: &decoded)
    return decoded
  }

  /// The value at a place on the tape.
  func value(at index: Int) -> JSONValue { JSONValue(document: self, index: index) }

  /// The string node at `index`, decoded.
  func text(at index: Int) -> String {
    let node = nodes[index]
    guard node.flags.isDisjoint(with: .needsDecoding) else { return string(at: index).string }
    return withTape { text, _ in
      unsafe text.extracting((Int(node.start) &+ 1)..<(Int(node.end) &- 1))
        .withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }

  /// The string node at `index`, still escaped.
  func string(at index: Int) -> JSONString {
    let node = nodes[index]
    return JSONString(
      storage: .slice(bytes, start: node.start &+ 1, end: node.end &- 1, flags: node.flags))
  }
}
