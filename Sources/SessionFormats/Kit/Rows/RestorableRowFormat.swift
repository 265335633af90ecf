import SessionCoding
import SessionModel

/// A format of rows whose sessions are written as they were.
protocol RestorableRowFormat: RowFormat, RestorableSessionFormat {
  associatedtype Encoder: RowEncoder

  /// The column of a session's row that names another session, which MUST be there; nil for none.
  static var parentColumn: String? { get }

  /// The identifier to give a session: its own where the tool would take it.
  func identifier(for head: SessionHead) -> String

  /// How the tool goes on with a session of its database.
  ///
  /// - Parameter home: The folder of the database.
  func resumeCommand(for id: String, home: String) -> ResumeCommand?

  /// Makes sure that rows may be added to a database of the tool's.
  ///
  /// - Returns: The schema that it has.
  /// - Throws: `.unsupportedVersion` when it is not written in that version.
  func schema(of database: RowDatabase) throws(FormatError) -> RowSchema
}

/// A format of rows that sessions of other tools are written in too.
protocol WritableRowFormat: RestorableRowFormat, WritableSessionFormat {}

extension RestorableRowFormat {
  static var parentColumn: String? { nil }

  func resumeCommand(for id: String, home: String) -> ResumeCommand? { nil }

  func identifier(for head: SessionHead) -> String { head.id.isEmpty ? "imported" : head.id }

  func target(at path: String, options: WriteOptions) throws(FormatError) -> any SessionTarget {
    try RowTarget(self, path: database(at: path), options: options)
  }
}
