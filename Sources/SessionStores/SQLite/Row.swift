internal import SessionFormats
internal import SessionModel

/// A row read by column names, with the checks that the tool makes.
struct Row {
  let columns: [String]
  let values: [SQLiteValue]
  /// What was read, for messages.
  let subject: String

  private func value(_ name: String) -> (index: Int, value: SQLiteValue)? {
    columns.firstIndex(of: name).map { ($0, values[$0]) }
  }

  private func failure(_ name: String, _ index: Int, _ problem: String) -> StoreError {
    StoreError(
      .malformed,
      "scan \(subject): sql: Scan error on column index \(index), name \"\(name)\": \(problem)")
  }

  /// A text; NULL is refused.
  ///
  /// A column that was not asked for is empty.
  func text(_ name: String) throws(StoreError) -> String {
    guard let (index, value) = value(name) else { return "" }
    guard let text = value.displayText else {
      throw failure(name, index, "converting NULL to string is unsupported")
    }
    return text
  }

  /// A text; NULL is empty.
  func optionalText(_ name: String) -> String { value(name)?.value.displayText ?? "" }

  /// The bytes of a text.
  func bytes(_ name: String) -> [UInt8] {
    guard let value = value(name)?.value else { return [] }
    return value.bytes ?? Array((value.displayText ?? "").utf8)
  }

  /// A whole number; NULL is refused.
  func int(_ name: String) throws(StoreError) -> Int64 {
    guard let (index, value) = value(name) else { return 0 }
    switch value {
    case .integer(let number): return number
    case .null: throw failure(name, index, "converting NULL to int is unsupported")
    case .real(let number):
      guard let whole = Int64(exactly: number) else { fallthrough }
      return whole
    default:
      guard let text = value.displayText, let number = Int64(text) else {
        throw failure(
          name, index, "converting driver.Value to a int64: invalid syntax")
      }
      return number
    }
  }

  /// A whole number; NULL is zero.
  func optionalInt(_ name: String) throws(StoreError) -> Int64 {
    value(name)?.value.isNull ?? true ? 0 : try int(name)
  }

  /// A truth value: 0, 1 or the words Go knows; NULL is refused.
  func bool(_ name: String) throws(StoreError) -> Bool {
    guard let (index, value) = value(name) else { return false }
    switch value.displayText {
    case "1", "1.0", "t", "T", "TRUE", "true", "True": return true
    case "0", "0.0", "f", "F", "FALSE", "false", "False": return false
    case nil: throw failure(name, index, "converting NULL to bool is unsupported")
    default: throw failure(name, index, "sql/driver: couldn't convert \(value) into type bool")
    }
  }

  /// A truth value; NULL is false.
  func optionalBool(_ name: String) throws(StoreError) -> Bool {
    value(name)?.value.isNull ?? true ? false : try bool(name)
  }

  /// A point in time; NULL is refused.
  func statedTime(_ name: String) throws(StoreError) -> Timestamp {
    if let (index, value) = value(name), value.isNull { throw noTime(name, index, value) }
    return try time(name)
  }

  private func noTime(_ name: String, _ index: Int, _ value: SQLiteValue) -> StoreError {
    let type =
      switch value {
      case .null: "<nil>"
      case .integer: "int64"
      case .real: "float64"
      case .text: "string"
      case .blob: "[]uint8"
      }
    return failure(
      name, index, "unsupported Scan, storing driver.Value type \(type) into type *time.Time")
  }

  /// A point in time; NULL and a column that was not asked for give Go's zero time.
  ///
  /// Zone names that the tool writes and cannot read are accepted.
  func time(_ name: String) throws(StoreError) -> Timestamp {
    guard let (index, value) = value(name), !value.isNull else { return .goZero }
    guard case .text(let bytes) = value, var time = TermLLMTime.parse(bytes) else {
      throw noTime(name, index, value)
    }
    time.text = nil
    return time
  }
}
