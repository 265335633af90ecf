import SessionCoding
import SessionModel

/// The schema version that a database says it has.
struct TermLLMVersion {
  /// What `schema_version` holds, nil when there is no such table.
  private let rows: [SQLiteValue]?

  /// The version up to which the schema is known.
  private static let newest: Int64 = 46

  init(of database: RowDatabase) throws(FormatError) {
    rows =
      database.layout.has("version", in: "schema_version")
      ? try database.rows("SELECT version FROM schema_version").map { $0[0] } : nil
  }

  /// The version that is in force; nil when the table or its row is missing or holds no integer.
  private var number: Int64? { rows?.first?.int64 }

  /// The known schema of this version.
  var schema: RowSchema? { TermLLM.schemas.first { $0.profile == number.map { String($0) } } }

  /// Makes sure that the store can be read.
  ///
  /// - Throws: `.notRecognised` for another database, `.unsupportedVersion` for versions 1 to 3.
  func checkReadable(_ database: RowDatabase) throws(FormatError) {
    let layout = database.layout
    // The columns that no other known tool has together.
    guard layout.has(["id", "provider", "model", "created_at", "updated_at"], in: "sessions"),
      layout.has(
        ["id", "session_id", "role", "parts", "text_content", "created_at", "sequence"],
        in: "messages")
    else {
      throw FormatError(
        .notRecognised, "the database holds no term-llm sessions", at: .file(path: database.path))
    }
    let isTooOld = number.map { (1...3).contains($0) } ?? !layout.has("mode", in: "sessions")
    guard isTooOld else { return }
    throw FormatError(
      .unsupportedVersion,
      "the database has schema version \(number.map { "\($0)" } ?? "1 to 3"), which no current "
        + "version of term-llm opens", at: .file(path: database.path),
      advice: "open it once with term-llm v0.0.55 to v0.0.72")
  }

  /// The schema in which rows are added.
  ///
  /// - Throws: `.unsupportedVersion` unless it is one that is written.
  func writtenSchema(_ database: RowDatabase) throws(FormatError) -> RowSchema {
    if rows?.count == 1, let schema { return schema }
    throw FormatError(
      .unsupportedVersion,
      "the database has schema version \(number.map { "\($0)" } ?? "unknown"), and "
        + "only 46 and 7 are written", at: .file(path: database.path),
      advice: "open it once with the current term-llm, which migrates it")
  }

  /// Notes what is wrong with the version (invariants 1 and 3).
  func check(_ log: inout FindingLog, _ place: Place) {
    let consequence = "; term-llm migrates from the beginning and loses columns"
    switch rows?.count {
    case nil:
      log.add("schema-version", .error, place, "there is no schema_version\(consequence)")
    case 0: log.add("schema-version", .error, place, "schema_version has no row\(consequence)")
    case _ where number == nil:
      log.add(
        "schema-version", .error, place, "schema_version holds no number; term-llm cannot open it")
    case 1: break
    case let count?:
      log.add("schema-version", .error, place, "schema_version has \(count) rows, not one")
    }
    if let number, number > Self.newest {
      log.add(
        "schema-newer", .warning, place,
        "schema version \(number) is newer than any known; what is unknown is kept as it is")
    }
  }
}
