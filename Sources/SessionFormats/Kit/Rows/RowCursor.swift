import GRDB
import SessionCoding

/// Gives the rows of a table that a condition picks, in order, of which it holds a few at a time.
///
/// It knows the numbers of all of them, and reads each row by its number.
struct RowCursor {
  /// How many rows and bytes are read at once; one more row than this may be held.
  private static let mostRows = 64
  private static let mostBytes = 256 << 10

  private let database: RowDatabase
  let table: RowTable
  private let names: [String]
  private let hasNumbers: Bool
  private let query: String
  private let arguments: [SQLiteValue]
  private let numbers: [Int64]
  private var position = 0
  private var ready: ArraySlice<(number: Int64, row: TableRow?)> = []

  /// - Parameters:
  ///   - condition: What follows `WHERE`; nil for all rows.
  ///   - arguments: The values of `?1` and so on in it.
  init(
    _ database: RowDatabase, _ table: RowTable, where condition: String? = nil,
    _ arguments: [SQLiteValue] = []
  ) throws(FormatError) {
    self.database = database
    self.table = table
    let present = database.layout.columns[table.name] ?? []
    names = table.spelledColumns(of: present)
    let name = table.name.quoted
    let number = database.layout.number(of: table.name)
    // Rows that are equal in all else are in the order in which they were added.
    let order = table.order.filter(present.contains).map(\.quoted) + (number.map { [$0] } ?? [])
    let rest =
      " FROM \(name)" + (condition.map { " WHERE " + $0 } ?? "")
      + (order.isEmpty ? "" : " ORDER BY " + order.joined(separator: ", "))
    guard !names.isEmpty else {
      (hasNumbers, query, self.arguments, numbers) = (false, "", [], [])
      return
    }
    if let number {
      hasNumbers = true
      numbers = try database.rows("SELECT \(number)" + rest, arguments).compactMap { $0[0].int64 }
      query = "SELECT \(names.quoted) FROM \(name) WHERE \(number) = ?1"
      self.arguments = []
    } else {
      hasNumbers = false
      let count = try database.value("SELECT count(*)" + rest, arguments)?.int64 ?? 0
      numbers = Array(0..<count)
      query = "SELECT \(names.quoted)\(rest) LIMIT 1 OFFSET ?\(arguments.count + 1)"
      self.arguments = arguments
    }
  }

  /// The next row and its number; no row where a value is too long, and nil at the end.
  mutating func next() throws(FormatError) -> (number: Int64, row: TableRow?)? {
    if ready.isEmpty { try read() }
    return ready.popFirst()
  }

  private mutating func read() throws(FormatError) {
    let first = position
    let rows = try database.access { connection in
      try connection.withLongestValue(database.longestValue) {
        var (rows, bytes): ([(number: Int64, row: TableRow?)], Int) = ([], 0)
        for number in numbers[first...].prefix(Self.mostRows) where bytes < Self.mostBytes {
          let values = try values(connection, number)
          bytes += values?.reduce(0) { $0 + $1.byteCount } ?? 0
          let place = hasNumbers ? number : number + 1
          let row = values.map { values in
            TableRow(
              table: table.name, number: place,
              columns: zip(names, values).map { (name: $0, value: $1) })
          }
          rows.append((place, row))
        }
        return rows
      }
    }
    position += rows.count
    ready = rows[...]
  }

  /// The values of a row; nil when one is too long.
  private func values(
    _ connection: Database, _ number: Int64
  ) throws(FormatError) -> [SQLiteValue]? {
    do throws(FormatError) {
      return try connection.rows(query, arguments + [.integer(number)], path: database.path).first
        ?? []
    } catch {
      if error.code == .limit { return nil }
      throw error
    }
  }

  /// Notes a row that is left out, with its length where it can be told.
  func noteLeftOut(_ number: Int64, in leftOut: inout LeftOutRecords) throws(FormatError) {
    let length = try database.access { connection in
      hasNumbers ? connection.longestValue(in: names, of: table.name, row: number) : nil
    }
    leftOut.add(database.place(table.name, number), count: length)
  }
}
