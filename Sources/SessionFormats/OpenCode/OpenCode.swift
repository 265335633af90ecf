import FileIO
import SessionCoding
import SessionModel

/// OpenCode's sessions up to 1.18: `opencode.db` with the tables `session`, `message` and `part`.
///
/// Facts are from the public sources that formats name: the columns arrived one by one, so those that a
/// database lacks count as empty. Databases of 2.x, which keep old sessions in tables that they no longer
/// use, are refused. Nothing is written: only the tool itself makes its database.
struct OpenCode: RowFormat {
  typealias Decoder = OpenCodeDecoder

  /// The format's identifier.
  static let id = "opencode"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "OpenCode 1", summary: "folder with opencode.db, or that database",
      holdsRows: true, carry: "none: the format is read only",
      neverCarried: Self.secrets.sorted() + ["auth.json"],
      defaultLocation: {
        guard let data = environmentVariable("XDG_DATA_HOME"), !data.isEmpty else {
          return homeDirectory().map { $0 + "/.local/share/opencode/opencode.db" }
        }
        return data + "/opencode/opencode.db"
      })
  }

  static let fileName = "opencode.db"
  static let secrets: Set<String> = [
    "account", "account_state", "control_account", "credential", "session_share",
  ]
  static let ignoredTables = secrets.union([
    "migration", "__drizzle_migrations", "event", "event_sequence",
  ])
  static let sessions = RowTable(
    name: "session", order: ["time_created", "id"],
    columns: ["id", "parent_id", "title", "directory", "time_created", "time_updated"])
  static let tables = [
    RowTable(name: "todo", owner: "session_id", order: ["position"]),
    RowTable(
      name: "message", owner: "session_id", order: ["time_created", "id"],
      columns: ["id", "time_created", "time_updated"], lastColumns: ["data"], json: ["data"],
      details: [
        RowTable(
          name: "part", condition: "message_id = ?1", order: ["id"],
          columns: ["id", "message_id"], lastColumns: ["data"], json: ["data"])
      ]),
  ]
  static let storeTables = [
    RowTable(name: "project", order: ["id"]), RowTable(name: "permission", order: ["project_id"]),
    RowTable(name: "workspace", order: ["id"]),
  ]

  func storeRecordName(_ record: [UInt8]) -> String? { TableRow(record)?.table }

  func check(_ database: RowDatabase) throws(FormatError) {
    let layout = database.layout
    if layout.columns["session_v2"] != nil {
      throw FormatError(
        .unsupportedVersion, "the database is of OpenCode 2",
        at: .file(path: database.path),
        advice: "export its sessions with: opencode session export ID")
    }
    guard layout.has(["id", "directory", "title", "time_created"], in: "session"),
      layout.has(["id", "session_id", "data"], in: "message"),
      layout.has(["id", "message_id", "data"], in: "part")
    else {
      throw FormatError(
        .notRecognised, "the database has not the tables of OpenCode",
        at: .file(path: database.path))
    }
  }
}
