import FileIO
import SessionCoding
import SessionModel

/// Goose's sessions: `sessions/sessions.db` in its data folder, from schema 1 to 17.
///
/// Results stand in messages of the user. Columns that a database lacks count as empty. Nothing is written:
/// goose takes sessions in by its own import. Facts are from the public repositories block/goose and
/// aaif-goose/goose (`session_manager.rs`, `message.rs`).
struct Goose: RowFormat {
  typealias Decoder = GooseDecoder

  /// The format's identifier.
  static let id = "goose"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Goose", summary: "folder with sessions.db, or that database",
      holdsRows: true, carry: "none: the format is read only",
      neverCarried: ["secrets.yaml", "config.yaml"],
      defaultLocation: {
        if let root = environmentVariable("GOOSE_PATH_ROOT"), !root.isEmpty {
          return root + "/data/sessions"
        }
        if let data = environmentVariable("XDG_DATA_HOME"), !data.isEmpty {
          return data + "/goose/sessions"
        }
        return homeDirectory().map { $0 + "/.local/share/goose/sessions" }
      })
  }

  static let fileName = "sessions.db"
  static let ignoredTables: Set<String> = [
    "schema_version", "provider_inventory_entries", "provider_inventory_models",
  ]
  static let sessions = RowTable(
    name: "sessions", order: ["created_at", "id"],
    columns: [
      "id", "name", "description", "session_type", "working_dir", "created_at", "updated_at",
    ],
    json: ["extension_data", "model_config_json", "recipe_json", "parent_delegation"])
  static let tables = [
    RowTable(name: "usage_ledger", owner: "session_id", order: ["id"], identity: "id"),
    RowTable(
      name: "messages", owner: "session_id", order: ["created_timestamp", "id"],
      columns: ["id", "message_id", "role", "created_timestamp", "timestamp", "metadata_json"],
      lastColumns: ["content_json"], json: ["content_json", "metadata_json"], identity: "id"),
  ]
  static let storeTables = [
    RowTable(name: "threads", order: ["id"]), RowTable(name: "thread_messages", order: ["id"]),
  ]

  func storeRecordName(_ record: [UInt8]) -> String? { TableRow(record)?.table }

  func check(_ database: RowDatabase) throws(FormatError) {
    let layout = database.layout
    guard layout.has(["id", "working_dir", "created_at"], in: "sessions"),
      layout.has(["session_id", "role", "content_json", "created_timestamp"], in: "messages")
    else {
      throw FormatError(
        .notRecognised, "the database has not the tables of goose", at: .file(path: database.path))
    }
  }
}
