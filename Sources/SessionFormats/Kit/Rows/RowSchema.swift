/// What a tool makes a database of, as SQL.
///
/// SQLite keeps the text of each statement, so it is spelled exactly as the tool spells it.
package struct RowSchema: Sendable {
  /// The profile that the schema is written as.
  package let profile: String
  /// Statements that make tables and indexes, and the rows of a database without sessions.
  package let tables: [String]
  /// Statements that make the search index and the triggers which keep it in step.
  package let search: [String]

  /// - Parameters:
  ///   - tables: Statements, of which each begins on a line of its own, all other lines indented.
  ///   - search: The same; run when all rows of a new database are there.
  init(_ profile: String, tables: String, search: String = "") {
    self.profile = profile
    self.tables = Self.statements(tables)
    self.search = Self.statements(search)
  }

  private static func statements(_ text: String) -> [String] {
    var statements: [String] = []
    for line in text.split(separator: "\n") {
      if line.first == " ", let last = statements.indices.last {
        statements[last] += "\n" + line
      } else {
        statements.append(String(line))
      }
    }
    return statements
  }
}
