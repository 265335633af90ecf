extension JSONString: Hashable {
  /// Equal decoded bytes.
  public static func == (left: JSONString, right: JSONString) -> Bool {
    if case .slice(let a, let start, let end, let flags) = left.storage,
      case .slice(let b, let otherStart, let otherEnd, let otherFlags) = right.storage
    {
      // The same bytes decode to the same text.
      if end &- start == otherEnd &- otherStart,
        a.span.equals(
          from: Int(start), b.span, from: Int(otherStart), count: Int(end &- start))
      {
        return true
      }
      if flags.union(otherFlags).isDisjoint(with: .needsDecoding) { return false }
    }
    return right.withDecodedBytes { left.equals($0) }
  }

  /// Hashes the decoded bytes.
  public func hash(into hasher: inout Hasher) {
    switch storage {
    case .slice(let bytes, let start, let end, let flags)
    where flags.isDisjoint(with: .needsDecoding):
      bytes.span.hash(from: Int(start), to: Int(end), into: &hasher)
    default:
      withDecodedBytes { $0.hash(from: 0, to: $0.count, into: &hasher) }
    }
  }

  /// Whether the decoded text is `string`, byte for byte.
  public func equals(_ string: StaticString) -> Bool {
    string.withBytes { equals($0) }
  }

  /// Whether the decoded text is these bytes.
  public func equals(_ bytes: Span<UInt8>) -> Bool {
    switch storage {
    case .slice(let text, let start, let end, let flags)
    where flags.isDisjoint(with: .needsDecoding):
      return Int(end &- start) == bytes.count
        && text.span.equals(from: Int(start), bytes, from: 0, count: bytes.count)
    default:
      return withDecodedBytes {
        $0.count == bytes.count && $0.equals(from: 0, bytes, from: 0, count: bytes.count)
      }
    }
  }

  /// Lends the decoded text as UTF-8.
  public func withDecodedBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    switch storage {
    case .native(let string): return string.withBytes(body)
    case .slice(let bytes, let start, let end, let flags)
    where flags.isDisjoint(with: .needsDecoding):
      return body(bytes.span.extracting(Int(start)..<Int(end)))
    default: break
    }
    var decoded: [UInt8] = []
    appendUTF8(to: &decoded)
    return body(decoded.span)
  }
}
