import FileIO
import GRDB
import SessionCoding
import SessionModel
import Synchronization

/// The connection that sessions are written through.
final class TermLLMStore: Sendable {
  /// The database's final path.
  let path: String
  /// The schema in force.
  let schema: TermLLMSchema
  /// Whether the database existed before.
  let isLive: Bool
  private let queue: DatabaseQueue
  /// Where a new database is built; nil when there is nothing to publish any more.
  private let staged: Mutex<StagedDirectory?>
  /// The folders that were made for a new database, the outermost first.
  private let folders: [String]
  private let isDurable: Bool
  /// Whether rows that change what the tool may do are left out of copies.
  let stripsSettings: Bool
  private let state = Mutex(State())

  /// A session as it was before it is replaced.
  struct Replaced {
    var fingerprint: Fingerprint
    var number: SQLiteValue
  }

  private struct State {
    var layout: TermLLMLayout?
    /// Children whose parent has not arrived, by parent.
    var orphans: [String: [String]] = [:]
    /// The sessions that are being replaced, as they were before.
    var replaced: [String: Replaced] = [:]
    /// The highest message identifier; higher ones are free.
    var highestMessage: Int64?
    var hasCheckedSearch = false
    var hasContent = false
    /// Why rows of a session that failed may still be there.
    var brokenBy: FormatError?
    var isClosed = false
  }

  /// Starts a new database in a folder beside its place.
  init(building path: String, profile: String, options: WriteOptions) throws(FormatError) {
    guard let schema = TermLLMSchema.written.first(where: { String($0.version) == profile }) else {
      throw FormatError(
        .unsupportedVersion, "there is no profile '\(profile)'", at: .file(path: path),
        advice: "use 46 or 7")
    }
    self.path = path
    self.schema = schema
    isLive = false
    isDurable = options.isDurable
    stripsSettings = options.stripsSettings
    let file: String
    do throws(FileError) {
      folders = try Self.makeFolders(above: path)
      let folder = try StagedDirectory(nextTo: path)
      file = folder.path(of: Self.name)
      // Made here because SQLite would let everybody read it.
      try AtomicOutput(replacing: file, permissions: 0o600).commit(durable: false)
      staged = Mutex(consume folder)
    } catch {
      throw FormatError(writing: error)
    }
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    // Parents may come after children while the database is built.
    configuration.foreignKeysEnabled = false
    queue = try Self.open(file, configuration, for: path)
    try queue.access(path) { database in
      // Nothing is lost with an unfinished file. Rolling back one session must work, so the
      // journal is kept in memory; it holds only pages that the session did not itself add.
      try database.run(
        """
        PRAGMA synchronous = OFF; PRAGMA cache_size = -3000; PRAGMA temp_store = MEMORY;
        PRAGMA secure_delete = OFF;
        """, path: path)
      _ = try database.rows("PRAGMA journal_mode = MEMORY", path: path)
      try database.run("BEGIN", path: path)
      for sql in schema.tables + schema.indexes { try database.run(sql, path: path) }
      try database.run(
        "INSERT INTO schema_version(version) VALUES (\(schema.version))", path: path)
      try database.run("COMMIT; BEGIN", path: path)
    }
  }

  /// Opens a database that is in use.
  init(live path: String, options: WriteOptions) throws(FormatError) {
    self.path = path
    isLive = true
    staged = Mutex(nil)
    folders = []
    isDurable = options.isDurable
    stripsSettings = options.stripsSettings
    // Looking at the header first keeps other files from being opened for writing.
    _ = try SQLiteFile(path)
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.allowsUnsafeTransactions = true
    configuration.foreignKeysEnabled = true
    queue = try Self.open(path, configuration, for: path)
    let layout = try queue.access(path) { try TermLLMLayout($0, path: path) }
    schema = try Self.schema(of: layout, profile: options.profile, path: path)
    state.withLock { $0.layout = layout }
  }

  private static let name = "sessions.db"

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
    _ file: String, _ configuration: Configuration, for path: String
  ) throws(FormatError) -> DatabaseQueue {
    do {
      return try DatabaseQueue(path: file, configuration: configuration)
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }

  private static func schema(
    of layout: TermLLMLayout, profile: String?, path: String
  ) throws(FormatError) -> TermLLMSchema {
    try layout.checkReadable(path: path)
    guard let version = layout.version,
      let schema = TermLLMSchema.written.first(where: { $0.version == version }),
      layout.versionRows?.count == 1
    else {
      throw FormatError(
        .unsupportedVersion,
        "the database has schema version \(layout.version.map { "\($0)" } ?? "unknown"), and "
          + "only 46 and 7 are written", at: .file(path: path),
        advice: "open it once with the current term-llm, which migrates it")
    }
    if let profile, profile != String(version) {
      throw FormatError(
        .unsupportedVersion, "the database has schema version \(version), not \(profile)",
        at: .file(path: path), advice: "leave the profile out, or write a new database")
    }
    return schema
  }

  /// Runs a block on the connection; what fails is about the target.
  func access<Result>(_ body: (Database) throws -> Result) throws(FormatError) -> Result {
    do throws(FormatError) {
      return try queue.access(path, body)
    } catch {
      var error = error
      error.isAboutTarget = true
      throw error
    }
  }

  /// The database as readers see it.
  func connection() throws(FormatError) -> TermLLMConnection {
    TermLLMConnection(path: path, queue: queue, layout: try layout(), snapshot: nil)
  }

  /// What the database has.
  func layout() throws(FormatError) -> TermLLMLayout {
    if let layout = state.withLock({ $0.layout }) { return layout }
    let layout = try access { try TermLLMLayout($0, path: path) }
    state.withLock { $0.layout = layout }
    return layout
  }

  /// Whether a session is in the database.
  func holds(session id: String) throws(FormatError) -> Bool {
    try access {
      try !$0.rows("SELECT 1 FROM sessions WHERE id = ?1", [SQLiteValue(id)], path: path).isEmpty
    }
  }

  /// Notes that something was written that is worth publishing.
  func noteContent() { state.withLock { $0.hasContent = true } }

  /// Notes that rows of a session that failed may still be there.
  func noteBroken(_ error: FormatError) {
    state.withLock { $0.brokenBy = $0.brokenBy ?? error }
  }

  /// Notes a session whose parent is not here yet.
  func noteOrphan(_ child: String, of parent: String) {
    state.withLock { $0.orphans[parent, default: []].append(child) }
  }

  /// The parents that sessions wait for.
  var missingParents: [String] { state.withLock { $0.orphans.keys.sorted() } }

  /// The sessions that wait for a parent, which are then forgotten.
  func takeOrphans(of parent: String) -> [String] {
    state.withLock { $0.orphans.removeValue(forKey: parent) ?? [] }
  }

  /// The fingerprint of a session as it was before it is replaced, if it is.
  func fingerprint(ofExisting id: String) throws(FormatError) -> Fingerprint {
    if let replaced = replaced(id) { return replaced.fingerprint }
    return try TermLLMReader(try connection(), id: id).fingerprint()
  }

  /// The session that is being replaced, as it was before.
  func replaced(_ id: String) -> Replaced? { state.withLock { $0.replaced[id] } }

  /// Notes what a session is before it is replaced; nil when it is replaced no more.
  func noteReplaced(_ id: String, _ session: Replaced?) {
    state.withLock { $0.replaced[id] = session }
  }

  /// An identifier for a message: its own if nobody has it, else a fresh one or NULL for the next.
  func messageIdentifier(
    _ value: SQLiteValue, _ database: Database
  ) throws(FormatError) -> SQLiteValue {
    var highest = state.withLock { $0.highestMessage } ?? 0
    if highest == 0 {
      highest =
        try database.rows(
          """
          SELECT max(coalesce((SELECT max(id) FROM messages), 0),
            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'messages'), 0))
          """, path: path
        ).first?[0].int64 ?? 0
    }
    guard let id = value.int64, id > 0 else {
      // The database gives the next one.
      state.withLock { $0.highestMessage = highest == .max ? highest : highest + 1 }
      return .null
    }
    state.withLock { $0.highestMessage = max(highest, id) }
    if id > highest { return value }
    if try !isTaken(message: value, database) { return value }
    // Given here and not by the database, so that later identifiers are known to be free of it.
    var free = highest
    repeat {
      guard free < .max else { return .null }
      free += 1
    } while try isTaken(message: .integer(free), database)
    state.withLock { $0.highestMessage = free }
    return .integer(free)
  }

  private func isTaken(
    message id: SQLiteValue, _ database: Database
  ) throws(FormatError) -> Bool {
    try !database.rows("SELECT 1 FROM messages WHERE id = ?1", [id], path: path).isEmpty
  }

  /// Makes sure, once, that the search index is in step, without which rows cannot be deleted.
  func checkSearchIndex(_ database: Database) throws(FormatError) {
    if state.withLock({ $0.hasCheckedSearch }) || !isLive { return }
    do throws(FormatError) {
      try database.run(
        "INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)", path: path)
    } catch {
      throw FormatError(
        .damaged, "the search index does not match the messages, so none can be replaced",
        at: .file(path: path),
        advice: "run: sqlite3 FILE \"INSERT INTO messages_fts(messages_fts) VALUES('rebuild')\"")
    }
    state.withLock { $0.hasCheckedSearch = true }
  }

  /// Finishes a new database and moves it to its place; a live one is up to date already.
  func publish() throws(FormatError) {
    guard !isLive, state.withLock({ $0.hasContent && !$0.isClosed }) else { return }
    if let error = state.withLock({ $0.brokenBy }) { throw error }
    try adoptOrphans()
    try access { database in
      // Indexing all rows at once is faster than indexing each as it comes.
      for sql in schema.search { try database.run(sql, path: path) }
      try database.run(
        "INSERT INTO messages_fts(messages_fts) VALUES ('rebuild'); COMMIT", path: path)
    }
    close()
    do throws(FileError) {
      // An empty file that stood there is replaced.
      let isReplaced = try FileStatus(path: path)?.size == 0
      try staged.withLock { staged throws(FileError) in
        try staged?.publishFile(
          Self.name, at: path, replacing: isReplaced, durable: isDurable)
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
    guard isUnpublished else { return }
    for folder in folders.reversed() {
      discardEmptyDirectory(folder)
    }
  }

  private func close() {
    let wasClosed = state.withLock { state in
      defer { state.isClosed = true }
      return state.isClosed
    }
    // Statements that are still held keep the connection open until they go.
    if wasClosed { return }
    try? queue.close()
  }
}
