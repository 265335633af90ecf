import JSONText
import SessionCoding

/// One row of a table of a database.
struct TableRow: Sendable {
  /// The table.
  var table: String
  /// The number by which SQLite knows the row, or its position in a table without such numbers; 0 for a
  /// row that was not read from a database.
  var number: Int64 = 0
  /// Column names and values, in the order in which they are spelled out.
  var columns: [(name: String, value: SQLiteValue)]

  /// The value of a column, nil when the row has no such column.
  subscript(_ name: String) -> SQLiteValue? { columns.first { $0.name == name }?.value }

  /// The text of a column; nil when it is blank or there is none.
  func text(_ name: String) -> String? {
    guard let text = self[name]?.displayText, !text.allSatisfy(\.isWhitespace) else { return nil }
    return text
  }
}

extension JSONWriter {
  /// Appends a row as one compact JSON object with a line feed.
  ///
  /// The first member is `table`; the columns follow. SQLite's storage classes stay apart: INTEGER is a
  /// number, TEXT a string, NULL `null`, REAL `{"real":"1.5"}`, BLOB `{"blob":"…Base64…"}`, and TEXT that
  /// is not UTF-8 `{"text":"…Base64…"}`.
  ///
  /// - Parameter json: Columns with texts that are JSON; these stand as they are in `{"json":…}`, unless
  ///   they have line ends or are not what they should be.
  mutating func row(_ row: TableRow, json: Set<String> = []) {
    beginObject()
    field("table", row.table)
    for (name, value) in row.columns {
      key(JSONString(name))
      if json.contains(name), case .text(let text) = value, Self.isEmbeddable(text) {
        beginObject()
        key("json")
        raw(text[...])
        endObject()
      } else {
        self.value(value)
      }
    }
    endObject()
    newline()
  }

  private static func isEmbeddable(_ text: [UInt8]) -> Bool {
    guard let document = JSONDocument(ifValid: text, limits: .go) else { return false }
    return document.firstInvalidUTF8 == nil && document.root.range == text.indices
      && !text.contains(0x0A)
  }

  /// Appends a value of a row.
  mutating func value(_ value: SQLiteValue) {
    switch value {
    case .null: null()
    case .integer(let value): int(value)
    case .real(let value): tagged("real", String(value))
    case .text(let bytes):
      if let text = String(validating: bytes, as: UTF8.self) {
        string(text)
      } else {
        tagged("text", Base64.encode(bytes))
      }
    case .blob(let bytes): tagged("blob", Base64.encode(bytes))
    }
  }

  private mutating func tagged(_ name: StaticString, _ text: String) {
    beginObject()
    field(name, text)
    endObject()
  }
}

extension SQLiteValue {
  /// Reads a value as rows spell it; nil when it is none.
  init?(_ json: JSONValue) {
    switch json.kind {
    case .null: self = .null
    case .number:
      guard let value = json.int64 else { return nil }
      self = .integer(value)
    case .string:
      guard let text = json.string else { return nil }
      var bytes: [UInt8] = []
      text.appendUTF8(to: &bytes)
      self = .text(bytes)
    case .object:
      func bytes(_ name: StaticString) -> [UInt8]? { json.text(name).flatMap { Base64.decode($0) } }
      if let real = json.text("real").flatMap({ Double($0) }) {
        self = .real(real)
      } else if let text = json["json"] {
        self = .text(Array(text.raw))
      } else if let blob = bytes("blob") {
        self = .blob(blob)
      } else if let text = bytes("text") {
        self = .text(text)
      } else {
        return nil
      }
    case .true, .false, .array: return nil
    }
  }

  /// Reads a value that an extra field keeps.
  init?(_ extra: RawJSON) {
    guard let root = JSONDocument(ifValid: Array(extra.bytes))?.root else { return nil }
    self.init(root)
  }
}

extension TableRow {
  /// Reads one row; nil when the text is none.
  init?(_ json: [UInt8]) {
    // JSON in a column nests as deep as its tool allows, and stands two levels deeper.
    let limits = JSONLimits(maximumDepth: JSONLimits.go.maximumDepth + 2)
    guard let members = JSONDocument(ifValid: json, limits: limits)?.root.members else {
      return nil
    }
    var table: String?
    columns = []
    for (key, json) in members {
      if table == nil {
        guard key.equals("table"), let name = json.string else { return nil }
        table = name.string
      } else {
        guard let value = SQLiteValue(json) else { return nil }
        columns.append((key.string, value))
      }
    }
    guard let table else { return nil }
    self.table = table
  }

  /// Reads the rows of an origin, one for each line; nil when one of them is not a row.
  static func rows(of origin: ArraySlice<UInt8>) -> [TableRow]? {
    let rows = origin.split(separator: 0x0A).map { TableRow(Array($0)) }
    return rows.isEmpty || rows.contains { $0 == nil } ? nil : rows.compactMap(\.self)
  }
}
