import JSONText
import SessionCoding

/// One database row as the format spells rows out.
///
/// A row is one compact JSON object and a line feed. Its first member is `table`; the columns follow
/// in the order of ``TermLLMTable/spelledColumns(of:)``. SQLite's storage classes stay apart: INTEGER
/// is a number, TEXT a string, NULL `null`, REAL `{"real":"1.5"}`, BLOB `{"blob":"…Base64…"}`, and
/// TEXT that is not UTF-8 `{"text":"…Base64…"}`. The text of `parts`, which is JSON itself, stands as
/// it is in `{"json":[…]}`, unless it has line ends or is not what it should be. A column that the database lacks is absent. The
/// column that names the session is left out too: a session's rows follow its `sessions` row.
struct TermLLMRow: Sendable {
  /// The table.
  var table: String
  /// Column names and values.
  var columns: [(name: String, value: SQLiteValue)]

  /// The value of a column, nil when the row has no such column.
  subscript(_ name: String) -> SQLiteValue? {
    columns.first { $0.name == name }?.value
  }
}

extension JSONWriter {
  /// Appends a row with its line feed.
  mutating func row(
    table: String, columns: [String], values: some Sequence<SQLiteValue>
  ) {
    beginObject()
    key("table")
    string(table)
    var index = 0
    for value in values {
      key(JSONString(columns[index]))
      self.value(value)
      index += 1
    }
    endObject()
    newline()
  }

  /// Appends a row of `messages` with its line feed, the parts embedded.
  ///
  /// The writer must be at its top level, where values follow each other without commas.
  mutating func messageRow(
    columns: MessageColumns, _ row: [SQLiteValue], _ decoded: MessageColumns.Decoded
  ) {
    for index in row.indices {
      bytes.append(contentsOf: columns.keys[index])
      if index == columns.parts, decoded.embedsParts, case .text(let json) = row[index] {
        embedded(json)
      } else if index == columns.text, let text = decoded.text {
        string(text)
      } else {
        value(row[index])
      }
    }
    bytes.append(UInt8(ascii: "}"))
    newline()
  }

  /// Appends text that is JSON.
  mutating func embedded(_ json: [UInt8]) {
    beginObject()
    key("json")
    raw(json[...])
    endObject()
  }

  mutating func value(_ value: SQLiteValue) {
    switch value {
    case .null: null()
    case .integer(let value): int(value)
    case .real(let value): tagged("real", String(value))
    case .text(let bytes) where bytes.count <= 64 && bytes.allSatisfy(Self.isPlain):
      raw(Self.quote)
      self.bytes.append(contentsOf: bytes)
      self.bytes.append(UInt8(ascii: "\""))
    case .text(let bytes):
      if let text = String(validating: bytes, as: UTF8.self) {
        string(text)
      } else {
        tagged("text", Base64.encode(bytes))
      }
    case .blob(let bytes): tagged("blob", Base64.encode(bytes))
    }
  }

  private static let quote = [UInt8(ascii: "\"")][...]

  /// Whether a byte stands in JSON text as it is, whatever the escaping.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"),
      UInt8(ascii: "&"):
      false
    default: (0x20..<0x7F).contains(byte)
    }
  }

  private mutating func tagged(_ name: StaticString, _ text: String) {
    beginObject()
    key(name)
    string(text)
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
      if let real = json["real"]?.string.flatMap({ Double($0.string) }) {
        self = .real(real)
      } else if let text = json["json"] {
        self = .text(Array(text.raw))
      } else if let bytes = json["blob"]?.string.flatMap({ Base64.decode($0.string) }) {
        self = .blob(bytes)
      } else if let bytes = json["text"]?.string.flatMap({ Base64.decode($0.string) }) {
        self = .text(bytes)
      } else {
        return nil
      }
    case .true, .false, .array: return nil
    }
  }
}

extension TermLLMRow {
  /// Reads one row; nil when the text is none.
  init?(_ json: [UInt8]) {
    // Parts nest as deep as the tool allows, and stand two levels deeper.
    let limits = JSONLimits(maximumDepth: JSONLimits.go.maximumDepth + 2)
    guard let document = JSONDocument(ifValid: json, limits: limits) else { return nil }
    var table: String?
    columns = []
    columns.reserveCapacity(16)
    for (key, json) in document.root.members {
      if table == nil {
        guard key.equals("table"), let name = json.string else { return nil }
        table = name.string
        continue
      }
      guard let value = SQLiteValue(json) else { return nil }
      columns.append((key.string, value))
    }
    guard let table else { return nil }
    self.table = table
  }

  /// Reads the rows of an origin, one per line; nil when one of them is not a row.
  static func rows(of origin: ArraySlice<UInt8>) -> [TermLLMRow]? {
    var rows: [TermLLMRow] = []
    for line in origin.split(separator: 0x0A) {
      guard let row = TermLLMRow(Array(line)) else { return nil }
      rows.append(row)
    }
    return rows.isEmpty ? nil : rows
  }
}
