package import FileIO
package import SessionCoding
import SessionModel

/// What the first bytes of a database file and the files beside it tell before it is opened.
package struct SQLiteFile: Sendable {
  /// The path of the database.
  let path: String
  /// The database file.
  let status: FileStatus
  /// Whether the header says that writers use a write-ahead log.
  package let usesLog: Bool
  /// The size of the write-ahead log; nil when there is none.
  package let logSize: UInt64?
  /// Whether the log's shared index exists, as it does while the database is in use.
  let hasSharedIndex: Bool

  /// The files whose status tells whether a database was written to.
  static func files(of path: String) -> [String] { [path, path + "-wal"] }

  /// Looks at a file without opening it as a database.
  ///
  /// - Throws: `.notFound`, `.notRecognised` if it is no SQLite database, `.damaged` if its end is
  ///   missing, `.notReadable` if it or a file beside it is no regular file.
  package init(_ path: String) throws(FormatError) {
    self.path = path
    let journalSize: UInt64
    do throws(FileError) {
      guard let status = try FileStatus(path: path) else {
        throw FileError(.notFound, path: path, operation: "opening")
      }
      self.status = status
      try Self.checkKinds(of: path)
      logSize = try FileStatus(path: path + "-wal")?.size
      hasSharedIndex = try FileStatus(path: path + "-shm") != nil
      journalSize = try FileStatus(path: path + "-journal")?.size ?? 0
    } catch {
      throw FormatError(reading: error)
    }
    let header: [UInt8]
    do throws(FileError) {
      header = try RandomAccessFile(path: path).read(at: 0, count: 100)
    } catch {
      throw FormatError(reading: error)
    }
    guard header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw FormatError(
        .notRecognised, "this is not a database", at: .file(path: path),
        advice: "it may be encrypted, overwritten or another kind of file")
    }
    guard header.count == 100 else { throw Self.truncated(path) }
    usesLog = header[18] == 2 || header[19] == 2
    // The page count is valid only if the change counter is the one it was written with.
    let pageSize = UInt64(header[16]) << 8 | UInt64(header[17])
    let pages = header[28..<32].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // A writer that was killed may have left less, which its journal restores.
    if header[24..<28] == header[92..<96], (logSize ?? 0) == 0, journalSize == 0,
      status.size < pages * (pageSize == 1 ? 65_536 : pageSize)
    {
      throw Self.truncated(path)
    }
  }

  /// Makes sure that what there is of a database and the files beside it are regular files.
  ///
  /// SQLite would wait for whoever writes to a pipe.
  ///
  /// - Throws: `.isDirectory` or `.notRegularFile` with the path of what else lies there.
  package static func checkKinds(of path: String) throws(FileError) {
    for path in [path, path + "-wal", path + "-shm", path + "-journal"] {
      guard let kind = try FileStatus(path: path)?.kind, kind != .file else { continue }
      throw FileError(
        kind == .directory ? .isDirectory : .notRegularFile, path: path, operation: "opening",
        kind: kind == .directory ? nil : kind)
    }
  }

  private static func truncated(_ path: String) -> FormatError {
    FormatError(
      .damaged, "the end of the database file is missing", at: .file(path: path),
      advice: "copy the file again, or run 'sqlite3 FILE .recover' on it")
  }

  /// The address that makes SQLite take the file as one that nobody changes.
  package static func immutableAddress(of path: String) -> String {
    var address = path.hasPrefix("/") ? "file://" : "file:"
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
        UInt8(ascii: "-"), UInt8(ascii: "_"):
        address.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        address += digits.utf8.count == 1 ? "%0" + digits : "%" + digits
      }
    }
    return address + "?mode=ro&immutable=1"
  }
}
