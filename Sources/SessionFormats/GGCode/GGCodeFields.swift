package import JSONText
package import SessionModel

/// The JSON names of one of the tool's structs.
package final class GGCodeFields: Sendable {
  package let names: [StaticString]
  fileprivate let sorted: GoFields

  init(_ names: [StaticString], resetByNull: Set<String> = []) {
    self.names = names
    sorted = GoFields(names, resetByNull: resetByNull)
  }
}

/// An object, decoded as Go decodes it into one of the tool's structs; absent fields and `null` are nil.
package struct GGCodeObject: Sendable {
  private let names: [StaticString]
  let sorted: GoObject

  /// - Parameter name: What the object is, for errors.
  package init(
    _ value: JSONValue, _ name: StaticString, _ fields: GGCodeFields
  ) throws(GGCodeDamage) {
    guard let object = GoObject(value, fields: fields.sorted) else {
      throw value.mismatch(name, "an object")
    }
    sorted = object
    names = fields.names
  }

  package subscript(_ field: Int) -> JSONValue? { sorted[field] }

  package func string(_ field: Int) throws(GGCodeDamage) -> JSONString? {
    guard let value = self[field] else { return nil }
    return try value.goString(names[field])
  }

  /// A string; nil when it is empty, which the tool does not tell apart from an absent one.
  func filled(_ field: Int) throws(GGCodeDamage) -> JSONString? {
    try string(field).flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The same as text.
  func text(_ field: Int) throws(GGCodeDamage) -> String? { try filled(field)?.string }

  package func int(_ field: Int) throws(GGCodeDamage) -> Int64? {
    guard let value = self[field] else { return nil }
    return try value.goInt(names[field])
  }

  package func bool(_ field: Int) throws(GGCodeDamage) -> Bool? {
    guard let value = self[field] else { return nil }
    return try value.goBool(names[field])
  }

  /// A time; nil for Go's zero time too.
  package func time(_ field: Int) throws(GGCodeDamage) -> Timestamp? {
    guard let value = self[field] else { return nil }
    return try value.goTime(names[field])
  }

  /// The value as it stands in the file, `null` included.
  package func raw(_ field: Int) -> RawJSON? { sorted.last(field).map { RawJSON($0.raw) } }

  /// The members that match no field.
  var unknown: [Extra] {
    sorted.unknown.map {
      Extra(format: GGCode.id, key: $0.key.string, value: RawJSON($0.value.raw))
    }
  }
}

extension JSONValue {
  fileprivate func mismatch(_ field: StaticString, _ wanted: StaticString) -> GGCodeDamage {
    GGCodeDamage(message: "the field \"\(field)\" is not \(wanted)", offset: offset)
  }

  package func goString(_ field: StaticString) throws(GGCodeDamage) -> JSONString {
    guard let string else { throw mismatch(field, "a string") }
    return string
  }

  func goInt(_ field: StaticString) throws(GGCodeDamage) -> Int64 {
    guard let int64 else { throw mismatch(field, "a whole number of 64 bits") }
    return int64
  }

  package func goBool(_ field: StaticString) throws(GGCodeDamage) -> Bool {
    guard let bool else { throw mismatch(field, "true or false") }
    return bool
  }

  /// A time, nil for Go's zero time; escapes inside a time are refused as Go refuses them.
  func goTime(_ field: StaticString) throws(GGCodeDamage) -> Timestamp? {
    guard kind == .string else { throw mismatch(field, "a time") }
    guard let time = withBytes({ Timestamp(rfc3339: $0.extracting(1..<($0.count - 1))) }) else {
      throw mismatch(field, "an RFC 3339 time")
    }
    return time.isGoZero ? nil : time
  }

  package func goArray(_ field: StaticString) throws(GGCodeDamage) -> JSONElements {
    guard kind == .array else { throw mismatch(field, "an array") }
    return elements
  }
}
