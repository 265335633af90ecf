import FileIO
import GRDB
import SessionCoding
import SessionModel

/// Rules on a database as a whole, whatever its tool.
struct RowStoreRules<Format: RowFormat> {
  private let format: Format
  private let database: RowDatabase
  private var place: Place { .file(path: database.path) }

  init(_ format: Format, _ database: RowDatabase) {
    self.format = format
    self.database = database
  }

  func check(_ log: inout FindingLog) throws(FormatError) {
    try checkSchema(&log)
    try checkOrphans(&log)
    try checkSoundness(&log)
    for index in Format.searchIndexes { try checkSearch(index, &log) }
  }

  /// Compares what there is with a database of the same profile.
  private func checkSchema(_ log: inout FindingLog) throws(FormatError) {
    guard let profile = try format.profile(of: database),
      let schema = Format.schemas.first(where: { $0.profile == profile })
    else { return }
    let wanted = try Self.layout(schema, database.path)
    for (table, columns) in wanted.columns.sorted(by: { $0.key < $1.key }) {
      guard !Format.searchIndexes.contains(where: { table.hasPrefix($0 + "_") }) else { continue }
      guard let present = database.layout.columns[table] else {
        log.add("schema-objects", .error, place, "table \(table) is missing")
        continue
      }
      for column in columns where !present.contains(column) {
        log.add("schema-objects", .error, place, "column \(table).\(column) is missing")
      }
    }
    for (name, kind) in wanted.objects.sorted(by: { $0.key < $1.key })
    where database.layout.objects[name] == nil {
      if kind == "trigger" {
        log.add(
          "search-triggers", .warning, place,
          "trigger \(name) is missing; the search index goes out of step")
      } else {
        log.add("schema-objects", .error, place, "\(kind) \(name) is missing")
      }
    }
  }

  /// What a new database of a schema has.
  private static func layout(_ schema: RowSchema, _ path: String) throws(FormatError) -> RowLayout {
    do {
      return try DatabaseQueue().write { database in
        for sql in schema.tables + schema.search { try database.execute(sql: sql) }
        return try RowLayout(database, path: path)
      }
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }

  private func checkOrphans(_ log: inout FindingLog) throws(FormatError) {
    for table in Format.tables.reversed() {
      guard let condition = database.withoutSession(table, of: format) else { continue }
      let count = try database.value(
        "SELECT count(*) FROM \(table.name.quoted) WHERE \(condition)")?.int64
      if let count, count > 0 {
        log.add(
          "orphans", .warning, place,
          "\(count) rows of \(table.name) belong to no session; \(format.info.name) never shows them"
        )
      }
    }
  }

  private func checkSoundness(_ log: inout FindingLog) throws(FormatError) {
    for row in try database.rows("PRAGMA integrity_check(10)") {
      if let text = row[0].string, text != "ok" {
        log.add("integrity", .error, place, "the database is damaged: \(text)")
      }
    }
    for row in try database.rows("PRAGMA foreign_key_check") {
      log.add(
        "foreign-keys", .error, database.place(row[0].string ?? "", row[1].int64 ?? 0),
        "a row refers to a row of \(row[2].string ?? "") that is missing")
    }
    // The database is open: what is beside it can be looked at, or there is nothing to warn of.
    if FileStatus.guess(database.path + "-wal")?.size ?? 0 > 0,
      (try? FileStatus(path: database.path + "-shm")) == .some(nil)
    {
      log.add(
        "log-left", .error, place,
        "a write-ahead log without its index lies beside the database; keep the two together")
    }
  }

  private func checkSearch(_ index: String, _ log: inout FindingLog) throws(FormatError) {
    guard database.layout.columns[index] != nil else {
      return log.add(
        "search-index", .error, place,
        "there is no search index; \(format.info.name) cannot save messages")
    }
    // The check is an INSERT, so it runs in a private copy. That it fails is the finding.
    let isInStep =
      try database.snapshot?.checkCopy { (try? $0.execute(sql: Self.searchCheck(index))) != nil }
      ?? true
    if !isInStep {
      log.add(
        "search-index", .error, place,
        "the search index does not match the messages; searches miss and deleting fails",
        repair: "rebuild it: \(Self.searchRebuild(index))")
    }
  }

  /// The statement that fails when an index is out of step.
  static func searchCheck(_ index: String) -> String {
    "INSERT INTO \(index)(\(index), rank) VALUES ('integrity-check', 1)"
  }

  /// The statement that makes an index anew.
  static func searchRebuild(_ index: String) -> String {
    "INSERT INTO \(index)(\(index)) VALUES('rebuild')"
  }
}
