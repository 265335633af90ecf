/// The objects of a database of one schema version, as SQL text.
///
/// SQLite keeps the text of each statement, so it is spelled exactly as the format notes give it.
package struct TermLLMSchema: Sendable {
  /// What the table `schema_version` holds.
  package let version: Int64
  /// All tables but the search index.
  package let tables: [String]
  /// Indexes on them.
  package let indexes: [String]
  /// The search index and the triggers that keep it in step.
  package let search: [String]

  /// The versions that are written.
  static let written = [v46, v7]

  /// Whether messages know compaction boundaries, turns, developer and event roles.
  var isCurrent: Bool { version >= 46 }
}
