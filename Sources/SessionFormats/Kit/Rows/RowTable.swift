/// What is known of a table: whose rows it holds, and how they are spelled out.
struct RowTable: Sendable {
  /// The table's name.
  var name: String
  /// The column that names the session; it is not spelled out in rows of a session, which follow its own.
  var owner: String?
  /// What picks the rows of a session where no column names it, `?1` being its identifier; for details
  /// the key of the row to which they belong.
  var condition: String?
  /// The columns that order a session's rows.
  var order: [String] = []
  /// Columns in the order in which they are spelled out: short ones that change first, long ones last.
  var columns: [String] = []
  /// Columns that come after those that are not known.
  var lastColumns: [String] = []
  /// Columns with texts that are JSON.
  var json: Set<String> = []
  /// The column with a number that the database gives; one that is taken is replaced by a new one.
  var identity: String?
  /// The column by which ``details`` know a row.
  var key = "id"
  /// Tables with rows that belong to a row of this one, after which they are read.
  var details: [RowTable] = []

  /// The columns of an existing table in the order in which they are spelled out, the owner left out.
  func spelledColumns(of present: [String]) -> [String] {
    let known = columns + lastColumns
    return columns.filter(present.contains)
      + present.filter { !known.contains($0) && $0 != owner }
      + lastColumns.filter(present.contains)
  }

  /// The table with its owner spelled out, for rows whose session is missing.
  var withOwner: RowTable {
    guard let owner else { return self }
    var table = self
    table.owner = nil
    table.order.insert(owner, at: 0)
    table.columns.insert(owner, at: 0)
    return table
  }
}
