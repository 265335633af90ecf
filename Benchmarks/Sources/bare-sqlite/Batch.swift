import CSQLite

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Rows held in memory between reading and loading: one arena of bytes, no allocation per value.
struct Batch {
  private struct Value {
    var type: Int32
    var number: Int64 = 0
    var real: Double = 0
    var start = 0
    var count = 0
  }

  private(set) var rows = 0
  private(set) var bytes: [UInt8] = []
  private var values: [Value] = []

  /// Takes the current row of `statement`.
  mutating func append(_ statement: borrowing Statement, columns: Int32) {
    for column in 0..<columns {
      var value = Value(type: sqlite3_column_type(statement.handle, column))
      switch value.type {
      case SQLITE_INTEGER: value.number = sqlite3_column_int64(statement.handle, column)
      case SQLITE_FLOAT: value.real = sqlite3_column_double(statement.handle, column)
      case SQLITE_TEXT, SQLITE_BLOB:
        value.start = bytes.count
        let content = sqlite3_column_blob(statement.handle, column)
        value.count = Int(sqlite3_column_bytes(statement.handle, column))
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: content, count: value.count))
      default: break
      }
      values.append(value)
    }
    rows += 1
  }

  /// Runs `statement` once per row.
  func load(with statement: borrowing Statement, columns: Int32) {
    bytes.withUnsafeBytes { arena in
      var next = 0
      for _ in 0..<rows {
        for column in 1...columns {
          bind(values[next], at: column, to: statement, from: arena)
          next += 1
        }
        _ = statement.step()
        sqlite3_reset(statement.handle)
      }
    }
  }

  private func bind(
    _ value: Value, at column: Int32, to statement: borrowing Statement,
    from arena: UnsafeRawBufferPointer
  ) {
    let result =
      switch value.type {
      case SQLITE_INTEGER: sqlite3_bind_int64(statement.handle, column, value.number)
      case SQLITE_FLOAT: sqlite3_bind_double(statement.handle, column, value.real)
      case SQLITE_TEXT where value.count > 0:
        sqlite3_bind_text(
          statement.handle, column,
          arena.baseAddress?.advanced(by: value.start).assumingMemoryBound(to: CChar.self),
          Int32(value.count), nil)
      case SQLITE_TEXT: sqlite3_bind_text(statement.handle, column, "", 0, nil)
      case SQLITE_BLOB where value.count > 0:
        sqlite3_bind_blob(
          statement.handle, column, arena.baseAddress?.advanced(by: value.start),
          Int32(value.count), nil)
      case SQLITE_BLOB: sqlite3_bind_zeroblob(statement.handle, column, 0)
      default: sqlite3_bind_null(statement.handle, column)
      }
    if result != SQLITE_OK { fail("cannot bind column \(column)") }
  }
}
