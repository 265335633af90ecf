public import JSONText

/// A JSON value compared by meaning: member order does not count, number spelling does.
public indirect enum PlainJSON: Hashable, Sendable, CustomStringConvertible {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([PlainJSON])
  case object([String: PlainJSON])

  /// Takes a value apart.
  public init(_ value: JSONValue) {
    switch value.kind {
    case .null: self = .null
    case .true, .false: self = .bool(value.bool ?? false)
    case .number: self = .number(String(decoding: value.raw, as: UTF8.self))
    case .string: self = .string(value.string?.string ?? "")
    case .array: self = .array(value.elements.map { PlainJSON($0) })
    case .object:
      var members: [String: PlainJSON] = [:]
      for (key, value) in value.members { members[key.string] = PlainJSON(value) }
      self = .object(members)
    }
  }

  /// Takes a value apart.
  public init(_ bytes: some Sequence<UInt8>) throws {
    self.init(try JSONDocument(Array(bytes), limits: .go).root)
  }

  /// A member of an object.
  public subscript(_ key: String) -> PlainJSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The elements of an array; none for anything else.
  public var elements: [PlainJSON] { if case .array(let list) = self { list } else { [] } }

  /// The text of a string.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The value of a whole number.
  public var int: Int64? { if case .number(let text) = self { Int64(text) } else { nil } }

  /// Whether it is `null`.
  public var isNull: Bool { self == .null }

  /// The value for messages, members sorted.
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text): text
    case .string(let text): "\"\(text)\""
    case .array(let list): "[" + list.map(\.description).joined(separator: ",") + "]"
    case .object(let members):
      "{"
        + members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
        .joined(separator: ",") + "}"
    }
  }

  /// The first difference from another value, as a path and both values; nil if there is none.
  public func difference(from other: PlainJSON, at path: String = "$") -> String? {
    switch (self, other) {
    case (.object(let a), .object(let b)):
      for key in Set(a.keys).union(b.keys).sorted() {
        guard let x = a[key] else { return "\(path).\(key): missing, wanted \(b[key] ?? .null)" }
        guard let y = b[key] else { return "\(path).\(key): \(x), wanted nothing" }
        if let found = x.difference(from: y, at: "\(path).\(key)") { return found }
      }
      return nil
    case (.array(let a), .array(let b)):
      for index in 0..<min(a.count, b.count) {
        if let found = a[index].difference(from: b[index], at: "\(path)[\(index)]") {
          return found
        }
      }
      return a.count == b.count ? nil : "\(path): \(a.count) elements, wanted \(b.count)"
    default: return self == other ? nil : "\(path): \(self), wanted \(other)"
    }
  }
}
