import JSONText
import SessionModel

extension SQLiteValue {
  /// A truth value as the tool reads it.
  var flag: Bool? {
    switch self {
    case .integer(0), .real(0): false
    case .integer(1), .real(1): true
    case .text:
      switch string {
      case "1", "t", "T", "TRUE", "true", "True": true
      case "0", "f", "F", "FALSE", "false", "False": false
      default: nil
      }
    default: nil
    }
  }

  /// Seconds since the beginning of 1970 as a time, to the microsecond.
  var epochSeconds: Timestamp? {
    switch self {
    case .integer(let seconds) where Timestamp.statableSeconds.contains(seconds):
      return Timestamp(seconds: seconds)
    case .real(let value) where value.magnitude < 1e12:
      let whole = value.rounded(.down)
      let micros = ((value - whole) * 1_000_000).rounded()
      let time =
        micros < 1_000_000
        ? Timestamp(seconds: Int64(whole), nanoseconds: Int32(micros) * 1_000)
        : Timestamp(seconds: Int64(whole) + 1)
      return Timestamp.statableSeconds.contains(time.seconds) ? time : nil
    default: return nil
    }
  }

  /// A time as seconds since the beginning of 1970.
  init(epochSeconds time: Timestamp) {
    // A double would round the end of the last second up to the year 10000.
    let isHeld = time.seconds >= Timestamp.statableSeconds.upperBound
    self = .real(
      Double(time.heldSeconds) + (isHeld ? 0 : Double(time.nanoseconds) / 1_000_000_000))
  }

  /// The JSON in a text; nil for none.
  var document: JSONValue? {
    guard case .text(let text) = self else { return nil }
    return JSONDocument(ifValid: text, limits: .go)?.root
  }
}

extension Extra {
  /// A column as an extra field.
  init(column: String, _ value: SQLiteValue, of format: String) {
    var writer = JSONWriter()
    writer.value(value)
    self.init(format: format, key: column, value: RawJSON(writer.bytes[...]))
  }
}

extension TableRow {
  /// The columns that a format's mapping does not name and that hold something.
  func extras(of format: String, except names: Set<String>) -> [Extra] {
    columns.compactMap { name, value in
      switch value {
      case .null, .integer(0): nil
      case _ where names.contains(name): nil
      default: Extra(column: name, value, of: format)
      }
    }
  }
}
