extension JSONValue {
  /// The number if it is spelled as a plain integer, such as `5` or `-5`, and fits.
  ///
  /// `5.0` and `5e2` give nil, as in Go's `encoding/json`.
  public var int64: Int64? { document.int64(at: index) }

  /// The nearest double; nil if this is not a number or lies beyond the finite doubles.
  public var double: Double? {
    guard kind == .number, let value = Double(String(decoding: raw, as: UTF8.self)),
      value.isFinite
    else { return nil }
    return value
  }
}

extension JSONDocument {
  func int64(at place: Int) -> Int64? {
    withTape { text, nodes in
      let node = nodes[place]
      guard node.kind == .number else { return nil }
      var index = Int(node.start)
      let end = Int(node.end)
      let isNegative = text[index] == UInt8(ascii: "-")
      if isNegative { index &+= 1 }
      var value: Int64 = 0
      while index < end {
        let digit = text[index] &- UInt8(ascii: "0")
        guard digit < 10 else { return nil }
        let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) =
          isNegative
          ? scaled.subtractingReportingOverflow(Int64(digit))
          : scaled.addingReportingOverflow(Int64(digit))
        guard !overflow, !carry else { return nil }
        value = sum
        index &+= 1
      }
      return value
    }
  }
}
