import JSONText
import SessionModel

/// The fields of one Go struct, read with the checks that Go makes.
struct PartReader {
  let object: GoObject
  let type: GoStruct

  init(_ object: GoObject, _ type: GoStruct = PartType.head) {
    self.object = object
    self.type = type
  }

  func string(_ index: Int) throws(GoDecodingError) -> JSONString {
    guard let value = object[index] else { return "" }
    return try value.goString()
  }

  func int(_ index: Int) throws(GoDecodingError) -> Int64 {
    guard let value = object[index] else { return 0 }
    return try value.goInt()
  }

  func bool(_ index: Int) throws(GoDecodingError) -> Bool {
    guard let value = object[index] else { return false }
    return try value.goBool()
  }

  /// The struct a field points to, nil for none.
  func pointer(_ index: Int, _ type: GoStruct) throws(GoDecodingError) -> PartReader? {
    guard let value = object[index] else { return nil }
    return PartReader(try type.object(value), type)
  }

  /// All fields but some, and unknown members, that say anything, as they are spelled.
  func extras(except known: FieldSet) throws(GoDecodingError) -> [Extra] {
    var extras: [Extra] = []
    for index in type.fields.indices
    where !known.contains(index)
      && !object.isUnset(index, orEmptyString: type.strings.contains(index))
    {
      try append(index, to: &extras)
    }
    for (key, value) in object.unknown {
      extras.append(Extra(format: TermLLM.id, key: key.string, value: RawJSON(value.raw)))
    }
    return extras
  }

  /// Some fields that say anything, as they are spelled.
  func extras(only fields: [Int]) throws(GoDecodingError) -> [Extra] {
    var extras: [Extra] = []
    for index in fields { try append(index, to: &extras) }
    return extras
  }

  private func append(_ index: Int, to extras: inout [Extra]) throws(GoDecodingError) {
    guard let value = object[index] else { return }
    let field = type.fields[index]
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
    extras.append(
      Extra(format: TermLLM.id, key: field.name.description, value: RawJSON(value.raw)))
  }
}
