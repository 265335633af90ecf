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
  var isLive: Bool { staged == nil }
  private let path: String
  /// Where a new database is built.
  private let staged: StagedDatabase?
  private let state = Mutex(State())

  private struct State {
    /// Sessions whose parent has not arrived, by parent.
    var orphans: [String: [String]] = [:]
    /// The session that is being replaced, as it was before.
    var replaced: (id: String, fingerprint: Fingerprint)?
    /// Records of another format's store that are yet to be stored.
    var storeCarry: (format: String, records: [[UInt8]])?
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
    let isNew: Bool
    do throws(FileError) {
      try SQLiteFile.checkKinds(of: path)
      isNew = try FileStatus(path: path)?.size ?? 0 == 0
    } catch {
      throw FormatError(writing: error)
    }
    if isNew {
      schema = try Self.schema(options.profile, path)
      let staged: StagedDatabase
      do throws(FileError) {
        staged = try StagedDatabase(for: path)
      } catch {
        throw FormatError(writing: error)
      }
      self.staged = staged
      database = try RowDatabase(
        building: staged.file, for: path, schema, carriesBeside: Format.carriesBeside)
    } else {
      staged = nil
      database = try RowDatabase(live: path, carriesBeside: Format.carriesBeside)
      try format.check(database)
      schema = try format.schema(of: database)
    }
    if let wanted = options.profile, wanted != schema.profile {
      throw FormatError(
        .unsupportedVersion,
        "the database has schema version \(schema.profile), not \(wanted)", at: .file(path: path),
        advice: "leave the profile out, or write a new database")
    }
  }

  /// The schema of a new database.
  private static func schema(_ profile: String?, _ path: String) throws(FormatError) -> RowSchema {
    let profiles = Format.schemas.map(\.profile)
    if let schema = Format.schemas.first(where: { $0.profile == profile ?? profiles.first }) {
      return schema
    }
    if let profile, !profiles.isEmpty {
      throw FormatError(
        .unsupportedVersion, "there is no profile '\(profile)'", at: .file(path: path),
        advice: "use \(profiles.joined(separator: " or "))")
    }
    throw FormatError(
      .notExpressible, "only the tool itself makes its database", at: .file(path: path),
      advice: "start the tool once, then convert again")
  }

  func identifier(for head: SessionHead) -> String { format.identifier(for: head) }

  func resumeCommand(for id: String) -> ResumeCommand? {
    guard path.split(separator: "/").last.map(String.init) == Format.fileName else { return nil }
    let home = path.dropLast(Format.fileName.utf8.count)
    return format.resumeCommand(for: id, home: home.isEmpty ? "." : String(home))
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
    return try fingerprint(of: id)
  }

  private func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    try SessionRows(of: Format.self, database, id: id).fingerprint(of: Format.self)
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    try RowWriter(self, head: head, id: id, replacing: existing)
  }

  /// Begins a session and removes the rows it had, but for its own, to which others may refer.
  ///
  /// - Returns: The numbers of rows that were removed, by table, where they order the rows.
  /// - Throws: `.changed` when another program has changed the session since it was looked at, or added
  ///   one.
  func begin(
    _ id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> [String: [Int64]] {
    try database.run(isLive ? "BEGIN IMMEDIATE" : "SAVEPOINT session")
    var freed: [String: [Int64]] = [:]
    do throws(FormatError) {
      if try holds(id) {
        let now = try fingerprint(of: id)
        guard let existing, try existing.fingerprint() == now else {
          throw FormatError(
            .changed,
            existing == nil
              ? "another program has just added session \(id)"
              : "another program has changed session \(id)", at: .file(path: path),
            advice: "nothing was overwritten; run again")
        }
        state.withLock { $0.replaced = (id, now) }
        freed = try removeRows(of: id)
      } else {
        try checkNoRows(of: id)
      }
    } catch {
      rollBack()
      throw error
    }
    return freed
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
    }
    noteContent()
  }

  /// Notes records of another format's store, which are worth publishing.
  func noteStoreCarry(_ carry: (format: String, records: [[UInt8]])) {
    state.withLock {
      $0.storeCarry = carry
      $0.hasContent = true
    }
  }

  /// Notes that something was written that is worth publishing.
  func noteContent() { state.withLock { $0.hasContent = true } }

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

  /// Tables with rows of sessions, and what picks those of the session `?1`.
  private func ownedTables() throws(FormatError) -> [(table: RowTable, condition: String)] {
    var tables = Format.tables
    if try database.hasTable(CarryTables.origin) {
      tables.append(RowTable(name: CarryTables.origin, owner: "session_id"))
    }
    return tables.compactMap { table in
      database.condition(of: table).map { (table, $0) }
    }
  }

  private func removeRows(of id: String) throws(FormatError) -> [String: [Int64]] {
    try checkSearch()
    var freed: [String: [Int64]] = [:]
    for (table, condition) in try ownedTables().reversed() {
      let name = table.name.quoted
      if let identity = table.identity, table.order == [identity] {
        let column = identity.quoted
        freed[table.name] = try database.rows(
          "SELECT \(column) FROM \(name) WHERE \(condition) ORDER BY \(column)", [SQLiteValue(id)]
        ).compactMap { $0.first?.int64 }
      }
      for details in table.details {
        guard let belongs = database.condition(of: details) else { continue }
        let keys = try database.rows(
          "SELECT \(table.key.quoted) FROM \(name) WHERE \(condition)", [SQLiteValue(id)])
        for key in keys {
          try database.rows("DELETE FROM \(details.name.quoted) WHERE \(belongs)", key)
        }
      }
      try database.rows("DELETE FROM \(name) WHERE \(condition)", [SQLiteValue(id)])
    }
    return freed
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
    for (table, condition) in try ownedTables() {
      let rest = "FROM \(table.name.quoted) WHERE \(condition)"
      if table.name == CarryTables.origin {
        try database.rows("DELETE \(rest)", [SQLiteValue(id)])
      } else if try database.value("SELECT 1 \(rest) LIMIT 1", [SQLiteValue(id)]) != nil {
        throw FormatError(
          .damaged, "\(table.name) has rows of session '\(id)', which does not exist",
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
    header.targetHead = CanonicalJSON.json(of: try RowReader<Format>(database, id: child).head)
    header.target = try fingerprint(of: child)
    try database.insertCarry(.text(header.json), chunk: -1, of: child)
  }

  // MARK: The database

  /// Finishes a new database and moves it to its place; a live one is up to date already.
  func publish() throws(FormatError) {
    let state = state.withLock { $0 }
    guard state.hasContent, !state.isClosed else { return }
    if let error = state.brokenBy { throw error }
    if let carry = state.storeCarry { try writeStoreCarry(carry) }
    if isLive { return }
    // Indexing all rows at once is faster than indexing each as it comes.
    for sql in schema.search { try database.run(sql) }
    for index in Format.searchIndexes {
      try database.run(RowStoreRules<Format>.searchRebuild(index))
    }
    try database.run("COMMIT")
    close()
    do throws(FileError) {
      try staged?.publish(durable: options.isDurable)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Closes the connection; what a session did not publish is rolled back.
  func discard() {
    close()
    staged?.discard()
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
