import JSONText
import SessionCoding
import SessionModel

@testable import SessionFormats

/// A tool that keeps its talks in `ledger.db`: a row for each talk, one for each thing said, and its pieces.
struct LedgerFormat: WritableRowFormat {
  typealias Decoder = LedgerDecoder
  typealias Encoder = LedgerEncoder

  static let id = "ledger"
  static let fileName = "ledger.db"
  static let carriesBeside = true
  static let parentColumn: String? = "reply_to"
  static let sessions = RowTable(name: "talk", columns: ["id", "title", "reply_to"])
  static let tables = [
    RowTable(
      name: "line", owner: "talk_id", order: ["place"], columns: ["id", "place", "who"],
      details: [
        RowTable(
          name: "piece", condition: "line_id = ?1", order: ["place"],
          columns: ["line_id", "place", "data"], json: ["data"])
      ])
  ]
  static let schemas = [
    RowSchema(
      "1",
      tables: """
        CREATE TABLE talk (id TEXT PRIMARY KEY, title TEXT, reply_to TEXT REFERENCES talk(id))
        CREATE TABLE line (
          id TEXT PRIMARY KEY, talk_id TEXT NOT NULL REFERENCES talk(id), place INTEGER, who TEXT)
        CREATE TABLE piece (
          line_id TEXT REFERENCES line(id), place INTEGER, data TEXT, PRIMARY KEY (line_id, place))
          WITHOUT ROWID
        """)
  ]

  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Ledger", summary: "one database", holdsRows: true,
      carry: "a database of ours beside the tool's")
  }

  func check(_ database: RowDatabase) throws(FormatError) {
    guard database.layout.has(["id", "title"], in: "talk"),
      database.layout.has(["id", "talk_id", "who"], in: "line")
    else { throw FormatError(.notRecognised, "no ledger", at: .file(path: database.path)) }
  }

  func profile(of database: RowDatabase) -> String? { "1" }

  func schema(of database: RowDatabase) -> RowSchema { Self.schemas[0] }
}

/// Reads a line with its pieces as a message.
struct LedgerDecoder: RowDecoder {
  let head: SessionHead
  private(set) var log = FindingLog(LedgerFormat.id)
  private let database: RowDatabase

  static func head(of session: TableRow) -> SessionHead {
    var head = SessionHead(id: session["id"]?.displayText ?? "")
    head.title = session.text("title")
    head.parent = session.text("reply_to").map { ParentLink(id: $0, kind: .subagent) }
    return head
  }

  init(_ session: TableRow, in database: RowDatabase) {
    self.database = database
    head = Self.head(of: session)
  }

  func joins(_ row: TableRow) -> Bool { row.table == "piece" }

  mutating func decode(_ rows: [TableRow]) -> [Entry] {
    var message = Message(role: Role(rows[0].text("who") ?? ""))
    for row in rows.dropFirst() {
      let data = row["data"]?.bytes.flatMap { JSONDocument(ifValid: $0)?.root }
      if let text = data?["text"]?.string {
        message.blocks.append(.text(Block.Text(text)))
      } else {
        log.add("piece", .warning, database.place(of: row), "nothing is said")
      }
    }
    return [Entry(.message(message))]
  }
}

/// Writes texts; what else a message holds is left to the carry.
struct LedgerEncoder: RowEncoder {
  private let head: SessionHead
  private var place: Int64 = 0
  private var isOpen = false

  init(_ head: SessionHead, _ schema: RowSchema, to rows: NewRows) { self.head = head }

  private mutating func open(_ rows: NewRows) throws(FormatError) -> Int {
    if isOpen { return 0 }
    isOpen = true
    let parent = try rows.reference(to: SQLiteValue(optional: head.parent?.id))
    try rows.setSession([("title", SQLiteValue(optional: head.title)), ("reply_to", parent)])
    return 1
  }

  mutating func copy(_ copied: [TableRow], of entry: Entry, to rows: NewRows) throws(FormatError)
    -> Int
  {
    isOpen = true
    for row in copied { try rows.insert(row) }
    return 1
  }

  mutating func write(_ entry: Entry, to rows: NewRows) throws(FormatError) -> Int {
    let opened = try open(rows)
    guard case .message(let message) = entry.content, entry.isEffective else { return opened }
    place += 1
    let line = SQLiteValue("\(rows.id)-\(place)")
    try rows.insert(
      TableRow(
        table: "line",
        columns: [
          ("id", line), ("place", .integer(place)), ("who", SQLiteValue(message.role.name)),
        ]))
    for (index, text) in message.blocks.compactMap(\.plainText).enumerated() {
      var json = JSONWriter()
      json.beginObject()
      json.field("text", text)
      json.endObject()
      try rows.insert(
        TableRow(
          table: "piece",
          columns: [
            ("line_id", line), ("place", .integer(Int64(index))), ("data", .text(json.bytes)),
          ]))
    }
    return opened + 1
  }

  mutating func finish(to rows: NewRows) throws(FormatError) -> Int { try open(rows) }
}
