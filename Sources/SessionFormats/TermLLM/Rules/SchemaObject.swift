/// The name of what a `CREATE` statement of ours makes, and the columns of a table.
struct SchemaObject {
  let kind: String
  let name: String
  let columns: [String]

  init?(_ sql: String) {
    let words = sql.split(whereSeparator: { " \n(".contains($0) }).map(String.init)
    guard words.count > 3, words[0] == "CREATE" else { return nil }
    let isPlain = words[1] == "TABLE" || words[1] == "INDEX" || words[1] == "TRIGGER"
    kind = isPlain ? words[1] : words[2]
    name = isPlain ? words[2] : words[3]
    columns = words[1] == "TABLE" ? Self.columns(sql) : []
  }

  /// The first words between the commas of the outermost brackets, constraints left out.
  private static func columns(_ sql: String) -> [String] {
    var depth = 0
    var items: [String] = []
    for character in sql {
      if character == ")" { depth -= 1 }
      if depth == 1, character == "," {
        items.append("")
      } else if depth >= 1 {
        if items.isEmpty { items.append("") }
        items[items.count - 1].append(character)
      }
      if character == "(" { depth += 1 }
    }
    return items.compactMap { item in
      item.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }.filter { !["PRIMARY", "UNIQUE", "FOREIGN", "CHECK"].contains($0) }
  }
}
