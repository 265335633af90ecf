package import JSONText
import SessionCoding

/// Why a text does not decode into the Go value it should hold.
package struct GoDecodingError: Error, Hashable {
  package var message: String
}

/// The type of a Go value, as far as its JSON goes.
package indirect enum GoShape: Sendable {
  case string
  case bool
  case int
  /// `json.RawMessage`: anything, kept but for white space.
  case raw
  /// `[]byte`.
  case base64
  /// A slice.
  case list(GoShape)
  /// A map of anything: keys are sorted and numbers pass through `float64` when it is written.
  case map
  /// A struct, which is always there.
  case object(GoStruct)
  /// A pointer to a struct.
  case pointer(GoStruct)
}

/// A Go struct with the JSON names of its fields, in order.
package final class GoStruct: Sendable {
  struct Field: Sendable {
    var name: StaticString
    /// The name as a text.
    var text: String
    var shape: GoShape
    var omitsEmpty: Bool

    init(_ name: StaticString, _ shape: GoShape, omitsEmpty: Bool = false) {
      self.name = name
      text = name.description
      self.shape = shape
      self.omitsEmpty = omitsEmpty
    }
  }

  let fields: [Field]
  let names: GoFields
  private let indices: [String: Int]

  init(_ fields: [Field]) {
    self.fields = fields
    var resetByNull: Set<String> = []
    for field in fields {
      switch field.shape {
      case .raw, .base64, .list, .map, .pointer: resetByNull.insert(field.text)
      case .string, .bool, .int, .object: break
      }
    }
    indices = Dictionary(
      fields.enumerated().map { ($1.text, $0) }, uniquingKeysWith: { first, _ in first }
    )
    names = GoFields(fields.map(\.name), resetByNull: resetByNull)
  }

  /// The place of a field; nil when the struct has none of that name.
  func index(of name: String) -> Int? { indices[name] }

  /// The members of a JSON object sorted into the fields.
  func object(_ value: JSONValue) throws(GoDecodingError) -> GoObject {
    guard let object = GoObject(value, fields: names) else {
      throw GoDecodingError(message: "\(value.kind) where an object belongs")
    }
    return object
  }
}

extension JSONWriter {
  /// Appends what Go writes after decoding a value into a type; nil stands for a missing value.
  package mutating func go(_ value: JSONValue?, as shape: GoShape) throws(GoDecodingError) {
    let value = value.flatMap { $0.isNull ? nil : $0 }
    switch shape {
    case .string: string(try value.map { (v) throws(GoDecodingError) in try v.goString() } ?? "")
    case .bool: bool(try value.map { (v) throws(GoDecodingError) in try v.goBool() } ?? false)
    case .int: int(try value.map { (v) throws(GoDecodingError) in try v.goInt() } ?? 0)
    case .raw: if let value { compact(value.raw) } else { null() }
    case .base64: if let value { string(Base64.encode(try value.goBytes())) } else { null() }
    case .list(let element):
      guard let value else { return null() }
      guard value.kind == .array else { throw value.mismatch("an array") }
      beginArray()
      for item in value.elements { try go(item, as: element) }
      endArray()
    case .map:
      guard let value else { return null() }
      guard value.kind == .object else { throw value.mismatch("an object") }
      goAny(value)
    case .object(let type): try go(value, as: type)
    case .pointer(let type): if let value { try go(value, as: type) } else { null() }
    }
  }

  private mutating func go(_ value: JSONValue?, as type: GoStruct) throws(GoDecodingError) {
    let object = try value.map { (v) throws(GoDecodingError) in try type.object(v) }
    beginObject()
    for (index, field) in type.fields.enumerated() {
      try go(object, index, field)
    }
    endObject()
  }

  /// Appends one field of an object, unless it is empty and left out then.
  mutating func go(
    _ object: GoObject?, _ index: Int, _ field: GoStruct.Field
  ) throws(GoDecodingError) {
    var value = object?[index]
    if case .raw = field.shape { value = object?.last(index) }
    if field.omitsEmpty, try isEmpty(value, as: field.shape) { return }
    key(field.name)
    try go(value, as: field.shape)
  }

  private func isEmpty(_ value: JSONValue?, as shape: GoShape) throws(GoDecodingError) -> Bool {
    guard let value else { return true }
    switch shape {
    case .string: return try value.goString().isEmpty
    case .bool: return try !value.goBool()
    case .int: return try value.goInt() == 0
    case .base64: return try value.goBytes().isEmpty
    case .list: return value.kind == .array && value.elements.isEmpty
    case .map: return value.kind == .object && value.members.isEmpty
    case .raw, .object, .pointer: return false
    }
  }

  /// Appends a value of type `any`.
  private mutating func goAny(_ value: JSONValue) {
    switch value.kind {
    case .object:
      var members: [String: JSONValue] = [:]
      for (key, value) in value.members { members[key.string] = value }
      beginObject()
      for name in members.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        guard let member = members[name] else { continue }
        key(JSONString(name))
        goAny(member)
      }
      endObject()
    case .array:
      beginArray()
      for element in value.elements { goAny(element) }
      endArray()
    case .number: double(value.double ?? 0)
    case .string: string(value.string ?? "")
    case .true, .false: bool(value.bool ?? false)
    case .null: null()
    }
  }
}

extension JSONValue {
  func mismatch(_ wanted: String) -> GoDecodingError {
    GoDecodingError(message: "\(kind) where \(wanted) belongs")
  }

  func goString() throws(GoDecodingError) -> JSONString {
    guard let string else { throw mismatch("a string") }
    return string
  }

  func goBool() throws(GoDecodingError) -> Bool {
    guard let bool else { throw mismatch("true or false") }
    return bool
  }

  func goInt() throws(GoDecodingError) -> Int64 {
    guard let int64 else { throw mismatch("an integer") }
    return int64
  }

  /// The bytes that Base64 text stands for; Go skips line ends in it.
  func goBytes() throws(GoDecodingError) -> [UInt8] {
    let text = try goString().string.filter { $0 != "\n" && $0 != "\r" && $0 != "\r\n" }
    guard let bytes = Base64.decode(text) else {
      throw GoDecodingError(message: "illegal Base64 data")
    }
    return bytes
  }
}
