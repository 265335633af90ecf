internal import JSONText

/// JSON as Go prints it after decoding it into no particular type: keys sorted, two spaces deep,
/// numbers through `Double`.
enum IndentedJSON {
  static func text(_ value: JSONValue) -> String {
    if value.kind == .string || value.kind == .number { return scalar(value) }
    return text(value, indent: "")
  }

  private static func text(_ value: JSONValue, indent: String) -> String {
    let inner = indent + "  "
    switch value.kind {
    case .object:
      var members: [String: JSONValue] = [:]
      for (key, value) in value.members { members[key.string] = value }
      if members.isEmpty { return "{}" }
      let lines = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
        "\(inner)\(string($0.key)): \(text($0.value, indent: inner))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    case .array:
      if value.elements.isEmpty { return "[]" }
      let lines = value.elements.map { inner + text($0, indent: inner) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    default: return scalar(value)
    }
  }

  private static func scalar(_ value: JSONValue) -> String {
    switch value.kind {
    case .string: return string(value.string?.string ?? "")
    case .number:
      // A number that is too large for Go's decoding leaves the text as it is.
      guard let number = value.double, number.isFinite else {
        return String(decoding: value.raw, as: UTF8.self)
      }
      var writer = JSONWriter()
      writer.double(number)
      return String(decoding: writer.bytes, as: UTF8.self)
    case .true: return "true"
    case .false: return "false"
    default: return "null"
    }
  }

  private static func string(_ text: String) -> String {
    var writer = JSONWriter(escaping: .html)
    writer.string(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// Numbers with one decimal, rounded as C's `%.1f` rounds.
enum Decimal1 {
  static func text(_ value: Double) -> String {
    let scaled = value * 10
    var tenths = scaled.rounded(.down)
    // The exact binary value decides; ties go to the even tenth.
    let rest = (value - tenths / 10) * 10
    if rest > 0.5 || (rest == 0.5 && tenths.truncatingRemainder(dividingBy: 2) == 1) { tenths += 1 }
    let whole = (tenths / 10).rounded(.down)
    return "\(Int64(whole)).\(Int64(tenths - whole * 10))"
  }
}
