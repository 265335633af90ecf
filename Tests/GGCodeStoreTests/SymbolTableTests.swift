import FileIO
import TestSupport
import Testing

/// The table in `STORES.md` and the documentation comments of the sources say the same.
@Suite struct SymbolTableTests {
  private func table(_ heading: String) throws -> [NamedSymbol] {
    let text = String(
      decoding: try readFile(Fixtures.projectRoot + "/STORES.md"), as: UTF8.self)
    let section = try #require(text.split(separator: "\n## ").first { $0.hasPrefix(heading) })
    return section.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.split(separator: "`").dropFirst().first }
      guard line.hasPrefix("| `"), cells.count == 2, let original = cells[0], let symbol = cells[1]
      else { return nil }
      return NamedSymbol(original: String(original), symbol: String(symbol))
    }
  }

  @Test(arguments: [
    ("From ggcode", "JSONL", Self.ggcode), ("From term-llm", "SQLite", Self.termLLM),
  ])
  func `Every original function has its symbol`(
    heading: String, folder: String, wanted: [String]
  ) throws {
    let symbols = try NamedSymbol.scan(Fixtures.projectRoot + "/Sources/SessionStores/" + folder)
    let table = try table(heading)
    #expect(table.count > 30)
    for row in table where !symbols.contains(row) {
      Issue.record("\(row.original) → \(row.symbol) is not in the sources")
    }
    for symbol in symbols where !table.contains(symbol) {
      Issue.record("| `\(symbol.original)` | `\(symbol.symbol)` |")
    }
    for name in wanted where !table.contains(where: { $0.original == name }) {
      Issue.record("\(name) is missing")
    }
  }

  /// The documented interface of ggcode's store.
  static let ggcode = [
    "JSONLStore", "NewDefaultStore", "NewJSONLStore", "Dir", "Save", "Load", "List", "Delete",
    "ExportMarkdown", "CleanupOlderThan", "EnsureMeta", "AppendMessage", "AppendMessageToDisk",
    "AppendCheckpoint", "AppendCheckpointToDisk", "AppendMetaToDisk", "AppendUsageEntry",
    "AppendMetric", "AppendTunnelEventToDisk", "Session", "AddUsageForEndpoint",
    "AppendMetricForEndpoint", "HasUserInteraction", "MetricsForEndpoint", "RebuildEndpointStats",
    "UsageForEndpoint", "NewSession", "CurrentWorkspacePath", "DefaultDir", "EndpointStatsKey",
    "ExportSessionMarkdown", "LastTurnIndex", "NormalizeWorkspacePath", "TunnelEvent",
    "UsageEntry", "Store",
  ]

  /// The documented interface of term-llm's store.
  static let termLLM = [
    "SQLiteStore", "NewSQLiteStore", "NewStore", "Create", "Get", "GetByNumber", "GetByPrefix",
    "Update", "Delete", "List", "Search", "AddMessage", "GetMessages", "ReplaceMessages",
    "UpdateMetrics", "UpdateStatus", "IncrementUserTurns", "SetCurrent", "GetCurrent",
    "ClearCurrent", "Close", "NoopStore", "LoggingStore", "NewLoggingStore", "Config",
    "DefaultConfig", "ListOptions", "ExportOptions", "SearchResult", "Session", "SessionSummary",
    "SessionMode", "SessionStatus", "Message", "NewMessage", "ExtractTextContent", "PartsJSON",
    "SetPartsFromJSON", "ToLLMMessage", "NewID", "ShortID", "ExpandShortID", "ParseIDTime",
    "TruncateSummary", "ExportToMarkdown", "GetDBPath", "GetDataDir", "ModeChat", "ModeAsk",
    "ModePlan", "ModeExec", "StatusActive", "StatusComplete", "StatusError", "StatusInterrupted",
    "Store",
  ]
}
