internal import SessionFormats

/// Databases of schemas between those that the tool's releases work on, which are read as they are.
///
/// The tool itself adds the columns when it opens such a database. Here a view on this connection stands
/// in for a table and has the columns that it lacks, with the values that the tool would give them.
enum OlderSchema {
  /// Makes the columns that a release reads available.
  static func complete(_ connection: Connection, for release: Release) throws(StoreError) {
    let tables: [(name: String, columns: [String], value: (String) -> SQLiteValue)] = [
      (
        "sessions",
        SessionRow.columns(release) + SummaryRow.columns(release)
          + (release == .current ? ["last_user_message_at"] : []), SessionColumns.defaultValue
      ), ("messages", MessageRow.columns(release), MessageColumns.defaultValue),
    ]
    try connection.use { access throws(StoreError) in
      for table in tables {
        let present = try access.rows("SELECT name FROM pragma_table_info('\(table.name)')")
          .compactMap { $0[0].string }
        var seen = Set(present)
        let missing = table.columns.filter { seen.insert($0).inserted }
        if missing.isEmpty || present.isEmpty { continue }
        // The file stays as it is: the view lies in memory.
        try access.run("PRAGMA query_only = 0")
        let added = missing.map { "\(literal(table.value($0))) AS \($0)" }
        try access.run(
          "CREATE TEMP VIEW \(table.name) AS SELECT *, \(added.joined(separator: ", ")) "
            + "FROM main.\(table.name)")
        try access.run("PRAGMA query_only = 1")
      }
    }
  }

  private static func literal(_ value: SQLiteValue) -> String {
    if let number = value.int64 { return "\(number)" }
    return value.string.map { "'\($0)'" } ?? "NULL"
  }
}
