import SessionCoding

/// What in a session changes what the tool may do: folders that were granted, and whether it asks.
enum TermLLMSettings {
  /// Tables of which no row is copied.
  static let tables: Set<String> = ["session_workspace_grants"]
  /// Columns of `sessions` that are emptied.
  static let columns: Set<String> = ["approval_mode", "mcp", "tools"]

  /// A row of `sessions` without them.
  static func stripped(_ row: TermLLMRow, _ settings: inout StrippedSettings) -> TermLLMRow {
    var row = row
    for index in row.columns.indices where columns.contains(row.columns[index].name) {
      guard row.columns[index].value.displayText?.isEmpty == false else { continue }
      settings.add(row.columns[index].name)
      row.columns[index].value = .null
    }
    return row
  }
}
