import GRDB
import SessionCoding

/// The tables and columns that a database really has, whatever its version says.
struct RowLayout: Sendable {
  /// Columns of each table, in the database's order.
  let columns: [String: [String]]
  /// What else there is, by name: `index`, `trigger` or `view`.
  let objects: [String: String]
  /// The names by which tables know the numbers of their rows.
  private let numbers: [String: String]

  /// Reads the schema.
  init(_ database: Database, path: String) throws(FormatError) {
    var (columns, objects, numbers): ([String: [String]], [String: String], [String: String])
    (columns, objects, numbers) = ([:], [:], [:])
    for row in try database.rows("SELECT type, name FROM sqlite_schema", path: path) {
      guard let type = row[0].string, let name = row[1].string else { continue }
      guard type == "table" else {
        objects[name] = type
        continue
      }
      let names = try Self.rowsIfAny(database, "PRAGMA table_info(\(name.quoted))", path: path)
        .compactMap { $0[1].string }
      columns[name] = names
      let taken = Set(names.map { $0.lowercased() })
      guard let number = ["rowid", "_rowid_", "oid"].first(where: { !taken.contains($0) }),
        try !Self.rowsIfAny(
          database, "SELECT count(\(number)) FROM (SELECT \(number) FROM \(name.quoted) LIMIT 1)",
          path: path
        ).isEmpty
      else { continue }
      numbers[name] = number
    }
    (self.columns, self.objects, self.numbers) = (columns, objects, numbers)
  }

  /// The rows of a query; none where a table has no such column, or is one of an unknown module.
  private static func rowsIfAny(
    _ database: Database, _ sql: String, path: String
  ) throws(FormatError) -> [[SQLiteValue]] {
    do throws(FormatError) {
      return try database.rows(sql, path: path)
    } catch {
      if error.concernsAll { throw error }
      return []
    }
  }

  /// Whether a table has a column.
  func has(_ column: String, in table: String) -> Bool {
    columns[table]?.contains(column) ?? false
  }

  /// Whether a table has all of some columns.
  func has(_ wanted: [String], in table: String) -> Bool {
    wanted.allSatisfy { has($0, in: table) }
  }

  /// The name by which a table knows the numbers of its rows; nil when they have none.
  func number(of table: String) -> String? { numbers[table] }
}

extension String {
  /// The name as a quoted SQL identifier.
  var quoted: String {
    "\"" + (utf8.contains(UInt8(ascii: "\"")) ? replacing("\"", with: "\"\"") : self) + "\""
  }
}

extension [String] {
  /// The names as a list of quoted SQL identifiers.
  var quoted: String { map(\.quoted).joined(separator: ", ") }
}
