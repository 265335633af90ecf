import FileIO
import SessionCoding
import SessionModel

/// A format that keeps its sessions in rows of one SQLite database.
protocol RowFormat: SessionFormat {
  associatedtype Decoder: RowDecoder

  /// The format's identifier.
  static var id: String { get }

  /// The name of the database in the tool's folder.
  static var fileName: String { get }

  /// The table with one row for each session.
  static var sessions: RowTable { get }

  /// The column of ``sessions`` with the identifier.
  static var sessionID: String { get }

  /// The other tables with rows of sessions, in the order in which these are read; the last one has the
  /// messages, by which a session grows.
  static var tables: [RowTable] { get }

  /// Tables with rows that belong to no session.
  static var storeTables: [RowTable] { get }

  /// Tables whose rows say nothing, such as a schema's version.
  static var ignoredTables: Set<String> { get }

  /// Whether carries stand in a database of ours beside the tool's, whose schema must not be touched.
  static var carriesBeside: Bool { get }

  /// Full-text indexes over columns of other tables, which triggers keep in step.
  static var searchIndexes: [String] { get }

  /// Schemas of which everything is known.
  static var schemas: [RowSchema] { get }

  /// Makes sure that a database is one of the tool's, of a version that is read.
  ///
  /// - Throws: `.notRecognised` or `.unsupportedVersion`.
  func check(_ database: RowDatabase) throws(FormatError)

  /// The profile in which a database is written; nil when it has none of ``schemas``.
  func profile(of database: RowDatabase) throws(FormatError) -> String?

  /// What is wrong with a session by the format's own rules, what its reader finds included.
  func findings(of rows: SessionRows) throws(FormatError) -> [Finding]

  /// Notes what opening a database tells to be wrong with it.
  func checkOpening(_ database: RowDatabase, _ log: inout FindingLog) throws(FormatError)

  /// Notes what else is wrong with a database, but for what ``RowStoreRules`` find.
  func checkStore(_ database: RowDatabase, _ log: inout FindingLog) throws(FormatError)
}

extension RowFormat {
  static var sessionID: String { "id" }
  static var storeTables: [RowTable] { [] }
  static var ignoredTables: Set<String> { [] }
  static var carriesBeside: Bool { false }
  static var searchIndexes: [String] { [] }
  static var schemas: [RowSchema] { [] }

  func profile(of database: RowDatabase) throws(FormatError) -> String? { nil }

  func findings(of rows: SessionRows) throws(FormatError) -> [Finding] {
    let reader = try RowReader<Self>(rows.database, id: rows.id.displayText ?? "")
    while try reader.next() != nil {}
    return reader.findings
  }

  func checkOpening(_ database: RowDatabase, _ log: inout FindingLog) {}
  func checkStore(_ database: RowDatabase, _ log: inout FindingLog) {}

  /// The tables with rows of sessions and their details.
  static var allTables: [RowTable] { tables.flatMap { [$0] + $0.details } }

  /// What is known of a table with rows of sessions.
  static func table(_ name: String) -> RowTable? {
    ([sessions] + allTables).first { $0.name == name }
  }

  func recognizes(_ path: String) -> Bool {
    // A source that is busy or damaged is reported when it is opened.
    (try? RowSource(self, path: path, options: ReadOptions())) != nil
  }

  func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try RowSource(self, path: path, options: options)
  }

  /// The database of a location: the file itself, or the one in the tool's folder.
  func database(at path: String) -> String {
    guard let status = FileStatus.guess(path), status.kind == .directory else { return path }
    return path + "/" + Self.fileName
  }
}
