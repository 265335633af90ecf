import JSONText
import SessionModel

/// The fields of one Go struct, read with the checks that Go makes.
struct PartReader {
  let object: GoObject
  let type: GoStruct

  /// Reads a JSON object.
  init(_ value: JSONValue, _ type: GoStruct) throws(GoDecodingError) {
    object = try type.object(value)
    self.type = type
  }

  /// The value of a field; nil when it is not set.
  subscript(_ name: String) -> JSONValue? { type.index(of: name).flatMap { object[$0] } }

  /// What a raw JSON field holds.
  func raw(_ name: String) -> JSONValue? { type.index(of: name).flatMap { object.last($0) } }

  func string(_ name: String) throws(GoDecodingError) -> JSONString {
    guard let value = self[name] else { return "" }
    return try value.goString()
  }

  /// A text; nil when it is empty.
  func text(_ name: String) throws(GoDecodingError) -> JSONString? {
    let text = try string(name)
    return text.isEmpty ? nil : text
  }

  func int(_ name: String) throws(GoDecodingError) -> Int64 {
    guard let value = self[name] else { return 0 }
    return try value.goInt()
  }

  func bool(_ name: String) throws(GoDecodingError) -> Bool {
    guard let value = self[name] else { return false }
    return try value.goBool()
  }

  /// The struct a field points to, nil for none.
  func pointer(_ name: String, _ type: GoStruct) throws(GoDecodingError) -> PartReader? {
    guard let value = self[name] else { return nil }
    return try PartReader(value, type)
  }

  /// All fields but some, and unknown members, that say anything, as they are spelled.
  func extras(except known: Set<String>) throws(GoDecodingError) -> [Extra] {
    var extras: [Extra] = []
    for field in type.fields where !known.contains(field.text) {
      try append(field, to: &extras)
    }
    for (key, value) in object.unknown {
      extras.append(Extra(format: TermLLM.id, key: key.string, value: RawJSON(value.raw)))
    }
    return extras
  }

  /// Some fields that say anything, as they are spelled.
  func extras(only names: Set<String>) throws(GoDecodingError) -> [Extra] {
    var extras: [Extra] = []
    for field in type.fields where names.contains(field.text) {
      try append(field, to: &extras)
    }
    return extras
  }

  private func append(_ field: GoStruct.Field, to extras: inout [Extra]) throws(GoDecodingError) {
    let name = field.text
    guard let value = self[name] else { return }
    switch field.shape {
    case .string: if try value.goString().isEmpty { return }
    case .bool: if try !value.goBool() { return }
    case .int: if try value.goInt() == 0 { return }
    default:
      // Encoding is the check that decoding succeeds.
      var check = JSONWriter()
      try check.go(value, as: field.shape)
      if field.omitsEmpty, value.kind == .array, value.elements.isEmpty { return }
    }
    extras.append(Extra(format: TermLLM.id, key: name, value: RawJSON(value.raw)))
  }
}
