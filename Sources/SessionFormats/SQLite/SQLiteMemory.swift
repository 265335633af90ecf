internal import CSQLiteMemory

/// The memory that SQLite takes.
public enum SQLiteMemory {
  /// Has SQLite not count the bytes it holds.
  ///
  /// It counts under a lock that all connections share. While a database is written and its search
  /// index is made by another thread, waiting for that lock took a tenth of the time. Call it before
  /// there is a connection; later it does nothing.
  public static func omitCounting() { _ = sqlite_count_memory(0) }
}
