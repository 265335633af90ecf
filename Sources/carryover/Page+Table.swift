extension Page {
  /// Prints rows in columns; the last column is not padded, numbers are aligned to the right.
  mutating func print(
    table rows: [[String]], heading: Bool = false, right: Set<Int> = [], indent: String = ""
  ) throws(Ending) {
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.count)
      }
    }
    for (number, row) in rows.enumerated() {
      var line = indent
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
        if right.contains(column) {
          line += space + cell
        } else {
          line += cell
          if column < row.count - 1 { line += space }
        }
        if column < row.count - 1 { line += "  " }
      }
      while line.hasSuffix(" ") { line.removeLast() }
      try print(line, heading && number == 0 ? .bold : nil)
    }
  }
}
