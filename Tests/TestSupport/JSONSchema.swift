import JSONText

/// A checker for the part of JSON Schema 2020-12 that the project's schemas use.
///
/// A keyword that it does not know is a mistake too, so nothing passes by not being looked at.
public struct JSONSchema: Sendable {
  private let root: JSONValue

  /// Reads a schema.
  public init(_ bytes: [UInt8]) throws {
    root = try JSONDocument(bytes).root
  }

  /// What is wrong with a JSON text; empty when it is valid.
  public func problems(of bytes: [UInt8]) -> [String] {
    do {
      return check(try JSONDocument(bytes, limits: .go).root, root, "")
    } catch {
      return ["no JSON: \(error)"]
    }
  }

  private func check(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
    if let accepts = schema.bool { return accepts ? [] : ["\(path) is not allowed"] }
    var problems: [String] = []
    for (key, argument) in schema.members {
      problems += check(value, key.string, argument, schema, path)
    }
    return problems
  }

  private func check(
    _ value: JSONValue, _ keyword: String, _ argument: JSONValue, _ schema: JSONValue,
    _ path: String
  ) -> [String] {
    switch keyword {
    case "$schema", "$id", "$defs", "title", "description": return []
    case "$ref": return check(value, resolve(argument), path)
    case "type":
      return isOfType(value, argument.string?.string ?? "")
        ? [] : ["\(path) is no \(argument.string?.string ?? "")"]
    case "const": return isSame(value, argument) ? [] : ["\(path) is not the constant"]
    case "enum":
      return argument.elements.contains { isSame(value, $0) } ? [] : ["\(path) is none of the list"]
    case "required":
      return argument.elements.compactMap { name in
        guard value.kind == .object, let name = name.string?.string, value[name: name] == nil
        else { return nil }
        return "\(path)/\(name) is missing"
      }
    case "properties":
      return argument.members.flatMap { name, schema in
        value[name: name.string].map { check($0, schema, "\(path)/\(name)") } ?? []
      }
    case "additionalProperties":
      let known = Set((schema["properties"]?.members).map { $0.map(\.key.string) } ?? [])
      return value.members.filter { !known.contains($0.key.string) }
        .flatMap { check($0.value, argument, "\(path)/\($0.key)") }
    case "items":
      return value.elements.enumerated().flatMap { check($1, argument, "\(path)/\($0)") }
    case "minItems":
      return value.elements.count >= (argument.int64 ?? 0) ? [] : ["\(path) is too short"]
    case "maxItems":
      return value.elements.count <= (argument.int64 ?? 0) ? [] : ["\(path) is too long"]
    case "pattern":
      guard let pattern = try? Regex(argument.string?.string ?? ""), let text = value.string
      else { return value.kind == .string ? ["\(path): no pattern"] : [] }
      return text.string.contains(pattern) ? [] : ["\(path) does not have the pattern"]
    case "oneOf":
      let results = argument.elements.map { check(value, $0, path) }
      let valid = results.count { $0.isEmpty }
      if valid == 1 { return [] }
      if valid > 1 { return ["\(path) is valid as several"] }
      return results.min { $0.count < $1.count } ?? ["\(path) is valid as none"]
    default: return ["the checker does not know \(keyword)"]
    }
  }

  private func resolve(_ reference: JSONValue) -> JSONValue {
    var value = root
    for part in (reference.string?.string ?? "").split(separator: "/").dropFirst() {
      value = value[name: String(part)] ?? value
    }
    return value
  }

  private func isOfType(_ value: JSONValue, _ type: String) -> Bool {
    switch type {
    case "object": value.kind == .object
    case "array": value.kind == .array
    case "string": value.kind == .string
    case "integer": value.int64 != nil
    case "boolean": value.bool != nil
    default: false
    }
  }

  private func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
    if let text = a.string, let other = b.string { return text == other }
    return a.raw == b.raw
  }
}
