import FileIO
import SessionCoding
import SessionModel

/// Crush's sessions: `crush.db` in the folder `.crush` of a project.
///
/// The folder of work is the one that `.crush` lies in. Times are seconds, whatever the comments of the
/// tool's tables say. Nothing is written: the tool's migrations know only databases of its own. Facts are
/// from the public repository charmbracelet/crush (August 2026), whose code is not used.
struct Crush: RowFormat {
  typealias Decoder = CrushDecoder

  /// The format's identifier.
  static let id = "crush"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Crush", summary: "folder .crush with crush.db, or that database",
      holdsRows: true, carry: "none: the format is read only", neverCarried: ["crush.json"])
  }

  static let fileName = "crush.db"
  static let ignoredTables: Set<String> = ["goose_db_version"]
  static let sessions = RowTable(
    name: "sessions", order: ["created_at", "id"],
    columns: ["id", "parent_session_id", "title", "created_at", "updated_at"], json: ["todos"])
  static let tables = [
    RowTable(
      name: "files", owner: "session_id", order: ["path", "version"],
      columns: ["id", "path", "version"], lastColumns: ["content"]),
    RowTable(name: "read_files", owner: "session_id", order: ["path"]),
    RowTable(
      name: "messages", owner: "session_id", order: ["created_at"],
      columns: ["id", "role", "created_at", "updated_at"], lastColumns: ["parts"], json: ["parts"]),
  ]

  func storeRecordName(_ record: [UInt8]) -> String? { TableRow(record)?.table }

  func check(_ database: RowDatabase) throws(FormatError) {
    let layout = database.layout
    guard layout.has(["id", "title", "summary_message_id", "completion_tokens"], in: "sessions"),
      layout.has(["session_id", "role", "parts", "created_at"], in: "messages")
    else {
      throw FormatError(
        .notRecognised, "the database has not the tables of Crush", at: .file(path: database.path))
    }
  }
}
