package import JSONText
package import SessionModel

extension GGCodeRecord.Damage {
  fileprivate init(_ mismatch: GoTypeMismatch, _ field: StaticString, _ wanted: StaticString) {
    self.init(message: "the field \"\(field)\" is not \(wanted)", offset: mismatch.offset)
  }
}

// The fields of an object by their numbers; absent ones and `null` are nil.
extension GoObject {
  func string(_ index: Int, _ field: StaticString) throws(GGCodeRecord.Damage) -> JSONString? {
    do { return try string(index) } catch { throw GGCodeRecord.Damage(error, field, "a string") }
  }

  /// A string that the tool does not tell apart from an absent one when it is empty.
  func nonEmptyString(
    _ index: Int, _ field: StaticString
  ) throws(GGCodeRecord.Damage) -> JSONString? {
    do { return try nonEmptyString(index) } catch {
      throw GGCodeRecord.Damage(error, field, "a string")
    }
  }

  /// The same as text.
  func text(_ index: Int, _ field: StaticString) throws(GGCodeRecord.Damage) -> String? {
    do { return try text(index) } catch { throw GGCodeRecord.Damage(error, field, "a string") }
  }

  func int64(_ index: Int, _ field: StaticString) throws(GGCodeRecord.Damage) -> Int64? {
    do { return try int64(index) } catch {
      throw GGCodeRecord.Damage(error, field, "a whole number of 64 bits")
    }
  }

  func bool(_ index: Int, _ field: StaticString) throws(GGCodeRecord.Damage) -> Bool? {
    do { return try bool(index) } catch { throw GGCodeRecord.Damage(error, field, "true or false") }
  }

  /// A time, nil for Go's zero time too; escapes inside a time are refused as Go refuses them.
  func time(_ index: Int, _ field: StaticString) throws(GGCodeRecord.Damage) -> Timestamp? {
    let time: Timestamp??
    do {
      time = try rawString(index).map { text in
        let text = text.span
        return text.isEqual(to: "0001-01-01T00:00:00Z") ? .goZero : Timestamp(rfc3339: text)
      }
    } catch {
      throw GGCodeRecord.Damage(error, field, "a time")
    }
    guard let time else { return nil }
    guard let time else {
      let mismatch = GoTypeMismatch(offset: self[index]?.offset ?? 0)
      throw GGCodeRecord.Damage(mismatch, field, "an RFC 3339 time")
    }
    return time.isGoZero ? nil : time
  }

  /// The members that match no field.
  var unknownExtras: [Extra] {
    guard hasUnknown else { return [] }
    return unknown.map {
      Extra(format: GGCode.id, key: $0.key.string, value: RawJSON($0.value.raw))
    }
  }
}

extension JSONValue {
  private func mismatch(_ field: StaticString, _ wanted: StaticString) -> GGCodeRecord.Damage {
    GGCodeRecord.Damage(
      message: "the field \"\(field)\" is not \(wanted)", offset: offset)
  }

  package func goString(_ field: StaticString) throws(GGCodeRecord.Damage) -> JSONString {
    guard let string else { throw mismatch(field, "a string") }
    return string
  }

  /// The check of ``goString(_:)`` alone.
  func checkString(_ field: StaticString) throws(GGCodeRecord.Damage) {
    if kind != .string { throw mismatch(field, "a string") }
  }

  package func goInt(_ field: StaticString) throws(GGCodeRecord.Damage) -> Int64 {
    guard let int64 else { throw mismatch(field, "a whole number of 64 bits") }
    return int64
  }

  package func goBool(_ field: StaticString) throws(GGCodeRecord.Damage) -> Bool {
    guard let bool else { throw mismatch(field, "true or false") }
    return bool
  }

  /// A time, nil for Go's zero time; escapes inside a time are refused as Go refuses them.
  package func goTime(_ field: StaticString) throws(GGCodeRecord.Damage) -> Timestamp? {
    guard kind == .string else { throw mismatch(field, "a time") }
    guard let time = withBytes({ Timestamp(rfc3339: $0.extracting(1..<($0.count - 1))) }) else {
      throw mismatch(field, "an RFC 3339 time")
    }
    return time.isGoZero ? nil : time
  }

  package func goObject(_ field: StaticString, _ fields: GoFields) throws(GGCodeRecord.Damage)
    -> GoObject
  {
    guard let object = GoObject(self, fields: fields) else { throw mismatch(field, "an object") }
    return object
  }

  package func goArray(_ field: StaticString) throws(GGCodeRecord.Damage) -> JSONElements {
    guard kind == .array else { throw mismatch(field, "an array") }
    return elements
  }
}
