import FileIO
import GRDB
import SessionCoding
import SessionModel

/// Rules on the database as a whole (invariants 1, 3, 11, 12, 25, 26, 38 and 39).
struct StoreRules {
  let source: TermLLMSource
  private var connection: TermLLMConnection { source.connection }
  private var layout: TermLLMLayout { source.connection.layout }

  init(_ source: TermLLMSource) { self.source = source }

  func check(_ log: inout RuleLog) throws(FormatError) {
    checkVersion(&log)
    checkSchema(&log)
    try checkOrphans(&log)
    try checkSoundness(&log)
    try checkSearchIndex(&log)
  }

  func checkVersion(_ log: inout RuleLog) {
    guard let rows = layout.versionRows else {
      return log.add(
        "schema-version", .error, nil,
        "there is no schema_version; term-llm migrates from the beginning and loses columns")
    }
    if rows.isEmpty {
      log.add(
        "schema-version", .error, nil,
        "schema_version has no row; term-llm migrates from the beginning and loses columns")
    } else if layout.version == nil {
      log.add(
        "schema-version", .error, nil, "schema_version holds no number; term-llm cannot open it")
    } else if rows.count > 1 {
      log.add("schema-version", .error, nil, "schema_version has \(rows.count) rows, not one")
    }
    if let version = layout.version, version > TermLLMLayout.newestVersion {
      log.add(
        "schema-newer", .warning, nil,
        "schema version \(version) is newer than any known; what is unknown is kept as it is")
    }
  }

  private func checkSchema(_ log: inout RuleLog) {
    guard let version = layout.version else { return }
    // Only for the two written versions all objects are known.
    guard let schema = TermLLMSchema.written.first(where: { $0.version == version }) else {
      return
    }
    for sql in schema.tables + schema.indexes + schema.search {
      guard let object = SchemaObject(sql) else { continue }
      switch object.kind {
      case "TABLE":
        let columns = layout.columns[object.name]
        if columns == nil {
          log.add("schema-objects", .error, nil, "table \(object.name) is missing")
        }
        for column in object.columns where columns?.contains(column) == false {
          log.add(
            "schema-objects", .error, nil, "column \(object.name).\(column) is missing")
        }
      case "TRIGGER":
        if !layout.objects.contains(object.name) {
          log.add(
            "search-triggers", .warning, nil,
            "trigger \(object.name) is missing; the search index goes out of step")
        }
      default:
        if !layout.objects.contains(object.name) {
          log.add("schema-objects", .error, nil, "index \(object.name) is missing")
        }
      }
    }
  }

  private func checkOrphans(_ log: inout RuleLog) throws(FormatError) {
    for table in [TermLLMTable.messages] + TermLLMTable.satellites {
      guard let owner = table.owner, layout.has(owner, in: table.name) else { continue }
      let rows = try connection.rows(
        "SELECT count(*) FROM \(table.name) WHERE \(owner) NOT IN (SELECT id FROM sessions)")
      if let count = rows.first?[0].int64, count > 0 {
        log.add(
          "orphans", .warning, nil,
          "\(count) rows of \(table.name) belong to no session; term-llm never shows them")
      }
    }
    guard layout.has("value", in: "metadata") else { return }
    let current = try connection.rows(
      """
      SELECT value FROM metadata WHERE key = 'current_session'
      AND (value IS NULL OR value NOT IN (SELECT id FROM sessions))
      """)
    if !current.isEmpty {
      log.add("current-session", .info, nil, "the current session does not exist")
    }
  }

  private func checkSoundness(_ log: inout RuleLog) throws(FormatError) {
    for row in try connection.rows("PRAGMA integrity_check(10)") {
      if let text = row[0].string, text != "ok" {
        log.add("integrity", .error, nil, "the database is damaged: \(text)")
      }
    }
    for row in try connection.rows("PRAGMA foreign_key_check") {
      log.add(
        "foreign-keys", .error, (row[0].string ?? "", row[1].int64 ?? 0),
        "a row refers to a row of \(row[2].string ?? "") that is missing")
    }
    // The database is open: what is beside it can be looked at, or there is nothing to warn of.
    if (try? FileStatus(path: connection.path + "-wal"))?.map(\.size) ?? 0 > 0,
      (try? FileStatus(path: connection.path + "-shm")) == .some(nil)
    {
      log.add(
        "log-left", .error, nil,
        "a write-ahead log without its index lies beside the database; keep the two together")
    }
  }

  /// The check is an INSERT, so it runs in a private copy.
  private func checkSearchIndex(_ log: inout RuleLog) throws(FormatError) {
    guard layout.columns["messages_fts"] != nil else {
      return log.add(
        "search-index", .error, nil, "there is no search index; term-llm cannot save messages")
    }
    let isInStep = try source.snapshot.checkCopy { database in
      // That the check fails is the finding.
      (try? database.execute(
        sql: "INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)"))
        != nil
    }
    if !isInStep {
      log.add(
        "search-index", .error, nil,
        "the search index does not match the messages; searches miss and deleting fails",
        repair: "rebuild it: INSERT INTO messages_fts(messages_fts) VALUES('rebuild')")
    }
  }
}
