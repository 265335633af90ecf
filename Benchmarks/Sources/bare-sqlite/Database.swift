import CSQLite

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A connection; any failure ends the program.
struct Database: ~Copyable {
  private let handle: OpaquePointer

  init(path: String, flags: Int32) {
    var handle: OpaquePointer?
    guard sqlite3_open_v2(path, &handle, flags, nil) == SQLITE_OK, let handle else {
      fail("cannot open \(path)")
    }
    self.handle = handle
  }

  deinit {
    sqlite3_close_v2(handle)
  }

  func execute(_ sql: String) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { fail(message(sql)) }
  }

  func prepare(_ sql: String) -> Statement {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
      fail(message(sql))
    }
    return Statement(handle: statement)
  }

  private func message(_ sql: String) -> String {
    String(cString: sqlite3_errmsg(handle)) + ": " + sql
  }
}

/// A prepared statement.
struct Statement: ~Copyable {
  let handle: OpaquePointer

  init(handle: OpaquePointer) {
    self.handle = handle
  }

  deinit {
    sqlite3_finalize(handle)
  }

  /// Whether there is another row.
  func step() -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: fail(String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
    }
  }

  func text(_ column: Int32) -> String {
    sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
  }
}

func fail(_ message: String) -> Never {
  let line = Array("bare-sqlite: \(message)\n".utf8)
  _ = write(2, line, line.count)
  exit(1)
}
