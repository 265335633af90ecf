import FileIO
import GRDB
import SessionCoding
import SessionModel
import Synchronization

/// A database being written to: a new one, staged as a whole, or a live one that is changed session by
/// session, each in one transaction.
final class RowTarget<Format: RestorableRowFormat>: SessionTarget {
  let format: Format
  let options: WriteOptions
  let database: RowDatabase
  let schema: RowSchema
  /// Whether the database existed before.
  let isLive: Bool
  private let path: String
  /// Where a new database is built; nil when there is nothing to publish any more.
  private let staged: Mutex<StagedDirectory?>
  /// The folders that were made for a new database, the outermost first.
  private let folders: [String]
  private let state = Mutex(State())

  private struct State {
    /// Sessions whose parent has not arrived, by parent.
    var orphans: [String: [String]] = [:]
    /// The session that is being replaced, as it was before.
    var replaced: (id: String, fingerprint: Fingerprint)?
    var hasCheckedSearch = false
    var hasContent = false
    /// Why a new database may not be published.
    var brokenBy: FormatError?
    var isClosed = false
  }

  var profile: String { schema.profile }
  /// Numbers and identifiers are given in the order of writing.
  let allowsParallelWriters = false
  var publishesEachSession: Bool { isLive }

  /// Opens a database, or starts a new one beside its place.
  ///
  /// - Throws: `.unsupportedVersion` if a live database is in no version that is written, or not in the
  ///   one that was asked for.
  init(_ format: Format, path: String, options: WriteOptions) throws(FormatError) {
    self.format = format
    self.path = path
    self.options = options
    do throws(FileError) {
      try SQLiteFile.checkKinds(of: path)
      isLive = try FileStatus(path: path)?.size ?? 0 > 0
      if isLive {
        staged = Mutex(nil)
        folders = []
      } else {
        folders = try Self.makeFolders(above: path)
        let folder = try StagedDirectory(nextTo: path)
        // Made here because SQLite would let everybody read it.
        try AtomicOutput(replacing: folder.path(of: Format.fileName), permissions: 0o600)
          .commit(durable: false)
        staged = Mutex(consume folder)
      }
    } catch {
      throw FormatError(writing: error)
    }
    if isLive {
      (database, schema) = try Self.open(path, format, options)
    } else {
      let file = staged.withLock { $0?.path(of: Format.fileName) } ?? path
      (database, schema) = try Self.build(file, for: path, profile: options.profile)
    }
  }

  /// Makes the folders that are missing above a path.
  private static func makeFolders(above path: String) throws(FileError) -> [String] {
    var missing: [String] = []
    var folder = path
    while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
      folder = String(folder[..<slash])
      if folder.hasSuffix("/") { continue }
      if try FileStatus(path: folder) != nil { break }
      missing.append(folder)
    }
    for folder in missing.reversed() { try createDirectory(folder, intermediates: false) }
    return missing.reversed()
  }

  private static func open(
    _ path: String, _ format: Format, _ options: WriteOptions
  ) throws(FormatError) -> (RowDatabase, RowSchema) {
    // Looking at the header first keeps other files from being opened for writing.
    _ = try SQLiteFile(path)
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = true
    let database = try RowDatabase(path: path, queue: queue(path, configuration, for: path))
    try format.check(database)
    let schema = try format.schema(of: database)
    if let wanted = options.profile, wanted != schema.profile {
      throw FormatError(
        .unsupportedVersion,
        "the database has schema version \(schema.profile), not \(wanted)", at: .file(path: path),
        advice: "leave the profile out, or write a new database")
    }
    return (database, schema)
  }

  private static func build(
    _ file: String, for path: String, profile: String?
  ) throws(FormatError) -> (RowDatabase, RowSchema) {
    guard let schema = Format.schemas.first(where: { $0.profile == profile ?? $0.profile }) else {
      throw FormatError(
        .unsupportedVersion,
        profile.map { "there is no profile '\($0)'" } ?? "only the tool itself makes its database",
        at: .file(path: path),
        advice: profile == nil
          ? "start the tool once"
          : "use \(Format.schemas.map(\.profile).joined(separator: " or "))")
    }
    var configuration = Configuration()
    // Parents may come after children while the database is built.
    configuration.foreignKeysEnabled = false
    let queue = try queue(file, configuration, for: path)
    try queue.access(path) { connection in
      // Nothing is lost with an unfinished file. Taking one session back must work, so the journal is
      // kept in memory; it holds only pages that the session did not itself add.
      try connection.run(
        """
        PRAGMA synchronous = OFF; PRAGMA cache_size = -3000; PRAGMA temp_store = MEMORY;
        PRAGMA secure_delete = OFF;
        """, path: path)
      _ = try connection.rows("PRAGMA journal_mode = MEMORY", path: path)
      try connection.run("BEGIN", path: path)
      for sql in schema.tables { try connection.run(sql, path: path) }
      try connection.run("COMMIT; BEGIN", path: path)
    }
    return (try RowDatabase(path: path, queue: queue), schema)
  }

  private static func queue(
    _ file: String, _ configuration: Configuration, for path: String
  ) throws(FormatError) -> DatabaseQueue {
    var configuration = configuration
    configuration.allowsUnsafeTransactions = true
    do {
      return try DatabaseQueue(path: file, configuration: configuration)
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }

  func identifier(for head: SessionHead) -> String {
    // Any text is a legal identifier.
    head.id.isEmpty ? "imported" : head.id
  }

  // MARK: Sessions

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    guard try holds(id) else { return nil }
    return ExistingSession(
      carry: try database.carryHeader(of: SQLiteValue(id)),
      files: SQLiteFile.files(of: path), file: nil
    ) { () throws(FormatError) in
      try self.fingerprint(ofExisting: id)
    } reader: { () throws(FormatError) in
      try RowReader<Format>(self.database, id: id)
    }
  }

  /// Whether a session is in the database.
  private func holds(_ id: String) throws(FormatError) -> Bool {
    try database.has(SQLiteValue(id), in: Format.sessionID, of: Format.sessions.name)
  }

  /// The fingerprint of a session, as it was before if it is being replaced.
  private func fingerprint(ofExisting id: String) throws(FormatError) -> Fingerprint {
    if let replaced = state.withLock({ $0.replaced }), replaced.id == id {
      return replaced.fingerprint
    }
    return try RowReader<Format>(database, id: id).fingerprint()
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    try RowWriter(self, head: head, id: id, replacing: existing)
  }

  /// Begins a session and removes the rows it had, but for its own, to which others may refer.
  ///
  /// - Throws: `.changed` when another program has changed the session since it was looked at, or added
  ///   one.
  func begin(_ id: String, replacing existing: ExistingSession?) throws(FormatError) {
    try database.run(isLive ? "BEGIN IMMEDIATE" : "SAVEPOINT session")
    do throws(FormatError) {
      if try holds(id) {
        let now = try RowReader<Format>(database, id: id).fingerprint()
        guard let existing, try existing.fingerprint() == now else {
          throw FormatError(
            .changed,
            existing == nil
              ? "another program has just added session \(id)"
              : "another program has changed session \(id)", at: .file(path: path),
            advice: "nothing was overwritten; run again")
        }
        state.withLock { $0.replaced = (id, now) }
        try removeRows(of: id)
      } else {
        try checkNoRows(of: id)
      }
    } catch {
      rollBack()
      throw error
    }
  }

  /// Ends a session so that it is visible, or will be when a new database is published.
  ///
  /// - Parameter parent: The session that it waits for.
  func commit(_ id: String, awaiting parent: String?) throws(FormatError) {
    for child in state.withLock({ $0.orphans[id] ?? [] }) { try setParent(of: child, id) }
    try database.run(isLive ? "COMMIT" : "RELEASE session")
    state.withLock {
      $0.orphans[id] = nil
      if let parent { $0.orphans[parent, default: []].append(id) }
      $0.replaced = nil
      $0.hasContent = true
    }
  }

  /// Ends a session as if it had never begun.
  ///
  /// A new database in which that fails is not published.
  func rollBack() {
    state.withLock { $0.replaced = nil }
    do throws(FormatError) {
      // A failure may have ended the transaction of a live database.
      if isLive, try !database.access({ $0.isInsideTransaction }) { return }
      try database.run(isLive ? "ROLLBACK" : "ROLLBACK TO session; RELEASE session")
    } catch {
      state.withLock { $0.brokenBy = $0.brokenBy ?? error }
    }
  }

  /// Tables with rows of sessions, and the columns that name them.
  private func ownedTables() throws(FormatError) -> [(table: String, owner: String)] {
    let tables = Format.tables.compactMap { table in
      table.owner.flatMap { database.layout.has($0, in: table.name) ? (table.name, $0) : nil }
    }
    let hasCarry = try database.hasTable(CarryTables.origin)
    return tables + (hasCarry ? [(CarryTables.origin, "session_id")] : [])
  }

  private func removeRows(of id: String) throws(FormatError) {
    try checkSearch()
    for (table, owner) in try ownedTables().reversed() {
      try database.rows(
        "DELETE FROM \(table.quoted) WHERE \(owner.quoted) = ?1", [SQLiteValue(id)])
    }
  }

  /// Makes sure, once, that the search indexes are in step, without which rows cannot be deleted.
  private func checkSearch() throws(FormatError) {
    if state.withLock({ $0.hasCheckedSearch }) || !isLive { return }
    for index in Format.searchIndexes {
      do throws(FormatError) {
        try database.run(RowStoreRules<Format>.searchCheck(index))
      } catch {
        throw FormatError(
          .damaged, "the search index does not match the messages, so none can be replaced",
          at: .file(path: path),
          advice: "run: sqlite3 FILE \"\(RowStoreRules<Format>.searchRebuild(index))\"")
      }
    }
    state.withLock { $0.hasCheckedSearch = true }
  }

  /// Makes sure that no rows wait for a session of this name, which would become part of it.
  ///
  /// What a conversion stored beside a session that the tool has deleted since is ours to remove.
  private func checkNoRows(of id: String) throws(FormatError) {
    for (table, owner) in try ownedTables() {
      if table == CarryTables.origin {
        try database.rows("DELETE FROM \(table) WHERE \(owner) = ?1", [SQLiteValue(id)])
      } else if try database.has(SQLiteValue(id), in: owner, of: table) {
        throw FormatError(
          .damaged, "\(table) has rows of session '\(id)', which does not exist",
          at: .file(path: path), advice: "remove these rows, or convert under another identifier")
      }
    }
  }

  /// Points a session that waited for its parent at it, and keeps its carry header true.
  private func setParent(of child: String, _ parent: String) throws(FormatError) {
    guard let column = Format.parentColumn, try holds(child) else { return }
    try database.rows(
      "UPDATE \(Format.sessions.name.quoted) SET \(column.quoted) = ?2"
        + " WHERE \(Format.sessionID.quoted) = ?1", [SQLiteValue(child), SQLiteValue(parent)])
    guard var header = try database.carryHeader(of: SQLiteValue(child))?.header else { return }
    let reader = try RowReader<Format>(database, id: child)
    header.targetHead = CanonicalJSON.json(of: reader.head)
    header.target = try reader.fingerprint()
    try database.insertCarry(.text(header.json), chunk: -1, of: child)
  }

  // MARK: Rows of the store

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard !records.isEmpty else { return }
    try database.run("SAVEPOINT records")
    try database.insertStoreCarry(records, of: format)
    try database.run("RELEASE records")
    state.withLock { $0.hasContent = true }
  }

  /// Restores rows that belong to no session.
  ///
  /// In a live database what is there wins, and rows of sessions that do not exist stay out.
  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {
    var refused: (count: Int, error: FormatError)?
    for record in StoreRecords(records, of: format).records {
      guard let row = TableRow(record), let present = database.layout.columns[row.table] else {
        continue
      }
      let columns = row.columns.filter { present.contains($0.name) }
      guard !columns.isEmpty else { continue }
      do throws(FormatError) {
        if row.table == "sqlite_sequence" {
          try raiseSequence(row)
        } else if !isLive || Format.storeTables.contains(where: { $0.name == row.table }) {
          try database.insert(columns, into: row.table, verb: "INSERT OR IGNORE")
        }
      } catch  where !error.concernsAll {
        refused = ((refused?.count ?? 0) + 1, refused?.error ?? error)
      }
    }
    if !records.isEmpty { state.withLock { $0.hasContent = true } }
    guard let refused else { return }
    var error = refused.error
    error.message = "\(refused.count) rows that belong to no session: \(error.message)"
    throw error
  }

  /// Keeps identifiers from being given twice.
  private func raiseSequence(_ row: TableRow) throws(FormatError) {
    guard let name = row["name"], let value = row["seq"]?.int64 else { return }
    try database.rows(
      "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", [name, .integer(value)])
    try database.rows(
      """
      INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2
      WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)
      """, [name, .integer(value)])
  }

  // MARK: The database

  /// Finishes a new database and moves it to its place; a live one is up to date already.
  func publish() throws(FormatError) {
    let state = state.withLock { $0 }
    guard !isLive, state.hasContent, !state.isClosed else { return }
    if let error = state.brokenBy { throw error }
    // Indexing all rows at once is faster than indexing each as it comes.
    for sql in schema.search { try database.run(sql) }
    for index in Format.searchIndexes {
      try database.run(RowStoreRules<Format>.searchRebuild(index))
    }
    try database.run("COMMIT")
    close()
    do throws(FileError) {
      // An empty file that stood there is replaced.
      let isReplaced = try FileStatus(path: path)?.size == 0
      try staged.withLock { staged throws(FileError) in
        try staged?.publishFile(
          Format.fileName, at: path, replacing: isReplaced, durable: options.isDurable)
        staged = nil
      }
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Closes the connection; what a session did not publish is rolled back.
  func discard() {
    close()
    let isUnpublished = staged.withLock { staged in
      defer { staged = nil }
      return staged != nil
    }
    if isUnpublished { for folder in folders.reversed() { discardEmptyDirectory(folder) } }
  }

  private func close() {
    let wasClosed = state.withLock { state in
      defer { state.isClosed = true }
      return state.isClosed
    }
    if wasClosed { return }
    // Statements that are still held keep the connection open until they go.
    try? database.queue.close()
  }
}
