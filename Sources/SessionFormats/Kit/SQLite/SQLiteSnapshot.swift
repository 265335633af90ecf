import FileIO
import GRDB
import SessionCoding
import SessionModel

/// A database opened for reading in one transaction, without changing any of its files.
///
/// How it is opened depends on what lies beside it:
/// - A log with content and its shared index: the tool may be at work. The pair is read through
///   SQLite's own protocol, which only touches the shared index.
/// - A log with content alone: the pair was copied here. SQLite would have to create the index, so a
///   private copy of both is read.
/// - A log-mode database without a log: SQLite would create one even for reading, so the file is
///   opened as immutable; a change while it is read is noticed by ``checkUnchanged()``.
/// - A rollback journal that an interrupted write left: what it undoes is undone in a private copy.
/// - Anything else: opened read-only, under SQLite's locks.
///
/// A database that is written to meanwhile by the same run is read from a private copy.
final class SQLiteSnapshot: Sendable {
  /// The path that was asked for.
  let path: String
  /// The connection, in the middle of a read transaction.
  let queue: DatabaseQueue
  private let file: SQLiteFile
  private let isImmutable: Bool
  private let copy: StagedDirectory?

  /// Opens a database.
  ///
  /// - Parameter isWrittenTo: Whether this run writes to it meanwhile.
  /// - Throws: `.notFound`, `.notRecognised`, `.damaged`, `.notReadable`, or `.busy` when a writer
  ///   keeps it locked for five seconds.
  init(path: String, isWrittenTo: Bool = false) throws(FormatError) {
    let file = try SQLiteFile(path)
    let hasLog = (file.logSize ?? 0) > 0
    self.path = path
    self.file = file
    if hasLog, !file.hasSharedIndex {
      isImmutable = false
      let copy = try Self.copyPair(file, companion: "-wal")
      queue = try Self.open(copy.path(of: "copy.db"), for: path)
      self.copy = consume copy
    } else if try Self.hasHotJournal(path) {
      isImmutable = false
      let copy = try Self.copyPair(file, companion: "-journal")
      queue = try Self.open(copy.path(of: "copy.db"), for: path, isReadOnly: false)
      self.copy = consume copy
    } else {
      let isUnused = file.usesLog && (file.logSize == nil || !file.hasSharedIndex)
      let address = isUnused ? SQLiteFile.immutableAddress(of: path) : path
      if isWrittenTo {
        isImmutable = false
        let source = try Self.open(address, for: path)
        let copy = try Self.copy(source, of: path)
        // Closing ends its transaction; what holds it is gone by then anyway.
        try? source.close()
        queue = try Self.open(copy.path(of: "copy.db"), for: path)
        self.copy = consume copy
      } else {
        copy = nil
        isImmutable = isUnused
        queue = try Self.open(address, for: path)
      }
    }
  }

  /// Copies a database to a private folder, in one read transaction.
  private static func copy(
    _ source: DatabaseQueue, of path: String
  ) throws(FormatError) -> StagedDirectory {
    let folder: StagedDirectory
    do throws(FileError) {
      folder = try privateFolder()
    } catch {
      throw FormatError(reading: error)
    }
    do {
      let copy = try DatabaseQueue(path: folder.path(of: "copy.db"))
      try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
      try source.unsafeReentrantWrite { source in
        try copy.writeWithoutTransaction { try source.backup(to: $0) }
      }
      try copy.close()
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
    return folder
  }

  /// The size of the database and its log; no row is larger.
  var byteCount: UInt64 { file.status.size &+ (file.logSize ?? 0) }

  /// Runs a block on the connection.
  func read<Result>(_ body: (Database) throws -> Result) throws(FormatError) -> Result {
    try queue.access(path, body)
  }

  /// Makes sure that what was read since opening belongs together.
  func checkUnchanged() throws(FormatError) {
    guard isImmutable else { return }
    do throws(FileError) {
      let now = try FileStatus(path: path)
      if now == file.status { return }
    } catch {
      throw FormatError(reading: error)
    }
    throw FormatError(
      .busy, "the database was changed while it was read", at: .file(path: path),
      advice: "run again")
  }

  /// Runs a block on a private copy of the database, which it may change.
  func checkCopy<Result>(_ body: (Database) throws -> Result) throws(FormatError) -> Result {
    let folder = try Self.copy(queue, of: path)
    do {
      let copy = try DatabaseQueue(path: folder.path(of: "copy.db"))
      // A copy in a private folder that goes with it.
      defer { try? copy.close() }
      return try copy.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = OFF")
        return try body(database)
      }
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }

  private static func privateFolder() throws(FileError) -> StagedDirectory {
    let folder = environmentVariable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    return try StagedDirectory(nextTo: folder + "/carryover-database")
  }

  /// Whether a journal lies beside the database that no writer is using and that must be rolled back.
  private static func hasHotJournal(_ path: String) throws(FormatError) -> Bool {
    let journal: FileStatus?
    do throws(FileError) {
      journal = try FileStatus(path: path + "-journal")
    } catch {
      throw FormatError(reading: error)
    }
    guard let journal, journal.size > 0 else { return false }
    do throws(FormatError) {
      _ = try open(path, for: path)
      return false
    } catch {
      if error.code == .interruptedWrite { return true }
      throw error
    }
  }

  private static func open(
    _ address: String, for path: String, isReadOnly: Bool = true
  ) throws(FormatError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = isReadOnly
    configuration.busyMode = .timeout(5)
    configuration.allowsUnsafeTransactions = true
    configuration.foreignKeysEnabled = false
    do {
      let queue = try DatabaseQueue(path: address, configuration: configuration)
      try queue.unsafeReentrantWrite { database in
        try database.execute(sql: "BEGIN")
        // The snapshot begins with the first read.
        _ = try database.rows("SELECT count(*) FROM sqlite_schema", path: path)
      }
      return queue
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }

  /// Copies a database and its log or journal, which nobody has open, to a private folder.
  private static func copyPair(_ file: SQLiteFile, companion: String) throws(FormatError)
    -> StagedDirectory
  {
    do throws(FileError) {
      let copy = try privateFolder()
      let before = try FileStatus(path: file.path + companion)
      try copyFile(file.path, to: copy.path(of: "copy.db"))
      try copyFile(file.path + companion, to: copy.path(of: "copy.db" + companion))
      guard try FileStatus(path: file.path) == file.status,
        try FileStatus(path: file.path + companion) == before
      else { throw FileError(.locked, path: file.path, operation: "copying") }
      return copy
    } catch {
      throw FormatError(reading: error)
    }
  }

  private static func copyFile(_ path: String, to newPath: String) throws(FileError) {
    let source = try RandomAccessFile(path: path)
    var output = try AtomicOutput(replacing: newPath)
    var offset: UInt64 = 0
    while case let piece = try source.read(at: offset, count: 1 << 20), !piece.isEmpty {
      try output.write(piece)
      offset += UInt64(piece.count)
    }
    try output.commit(durable: false)
  }
}
