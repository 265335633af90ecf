/// A value is of another type than the field that it is decoded for.
public struct GoTypeMismatch: Error {
  /// Where the value begins in the text.
  public let offset: Int

  /// Creates a mismatch.
  public init(offset: Int) { self.offset = offset }
}

extension GoObject {
  /// The string of a field; nil if there is none or `null`.
  public func string(_ index: Int) throws(GoTypeMismatch) -> JSONString? {
    guard let place = place(index) else { return try self[index].map(JSONValue.goString) }
    guard place > 0 else { return nil }
    try check(.string, at: place)
    return document.string(at: place)
  }

  /// The decoded string of a field; nil if there is none, `null` or an empty one.
  public func text(_ index: Int) throws(GoTypeMismatch) -> String? {
    guard let place = place(index) else { return try nonEmptyString(index)?.string }
    guard place > 0 else { return nil }
    try check(.string, at: place)
    return document.isEmptyString(at: place) ? nil : document.text(at: place)
  }

  /// The string of a field; nil if there is none, `null` or an empty one.
  public func nonEmptyString(_ index: Int) throws(GoTypeMismatch) -> JSONString? {
    guard let place = place(index) else {
      return try string(index).flatMap { $0.isEmpty ? nil : $0 }
    }
    guard place > 0 else { return nil }
    try check(.string, at: place)
    return document.isEmptyString(at: place) ? nil : document.string(at: place)
  }

  /// The bytes between the quotes of a field's string, escapes and all; nil if there is none or `null`.
  public func rawString(_ index: Int) throws(GoTypeMismatch) -> ArraySlice<UInt8>? {
    guard let value = self[index] else { return nil }
    guard value.kind == .string else { throw GoTypeMismatch(offset: value.offset) }
    return value.raw.dropFirst().dropLast()
  }

  /// The whole number of a field; nil if there is none or `null`.
  public func int64(_ index: Int) throws(GoTypeMismatch) -> Int64? {
    guard let place = place(index) else { return try self[index].map(JSONValue.goInt64) }
    guard place > 0 else { return nil }
    guard let number = document.int64(at: place) else { throw mismatch(place) }
    return number
  }

  /// The truth value of a field; nil if there is none or `null`.
  public func bool(_ index: Int) throws(GoTypeMismatch) -> Bool? {
    guard let value = self[index] else { return nil }
    guard let bool = value.bool else { throw GoTypeMismatch(offset: value.offset) }
    return bool
  }

  /// Whether a field has no value or `null`, or, if such count too, an empty string.
  public func isUnset(_ index: Int, orEmptyString: Bool) -> Bool {
    guard let place = place(index) else {
      guard let value = self[index] else { return true }
      return orEmptyString && value.string?.isEmpty ?? false
    }
    return place == 0 || orEmptyString && document.isEmptyString(at: place)
  }

  private func check(_ kind: JSONValue.Kind, at place: Int) throws(GoTypeMismatch) {
    if document.nodes[place].kind != kind { throw mismatch(place) }
  }

  private func mismatch(_ place: Int) -> GoTypeMismatch {
    GoTypeMismatch(offset: Int(document.nodes[place].start) - document.start)
  }
}

extension JSONValue {
  fileprivate static func goString(_ value: JSONValue) throws(GoTypeMismatch) -> JSONString {
    guard let string = value.string else { throw GoTypeMismatch(offset: value.offset) }
    return string
  }

  fileprivate static func goInt64(_ value: JSONValue) throws(GoTypeMismatch) -> Int64 {
    guard let number = value.int64 else { throw GoTypeMismatch(offset: value.offset) }
    return number
  }
}
