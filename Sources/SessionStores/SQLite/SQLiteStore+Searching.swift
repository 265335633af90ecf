internal import SessionFormats
internal import SessionModel

extension SQLiteStore {
  /// Finds messages by their words, the best first.
  ///
  /// Original: `Search`.
  ///
  /// Current databases give the best message of each session that holds all words; the text around is
  /// not marked. Documented ones give every message, and take FTS5's query language.
  /// - Throws: `.database` for a query that a documented database does not understand.
  public func search(_ options: SearchOptions) throws(StoreError) -> [SearchResult] {
    release == .documented ? try searchDocumented(options) : try searchCurrent(options)
  }

  private func searchDocumented(_ options: SearchOptions) throws(StoreError) -> [SearchResult] {
    let columns = ["id", "number", "name", "summary", "provider", "model"]
    let names = columns.map { "s.\($0)" }.joined(separator: ", ")
    let sql = """
      SELECT \(names), m.id, snippet(messages_fts, 0, '**', '**', '...', 32), m.created_at, rank \
      FROM messages_fts JOIN messages m ON m.id = messages_fts.rowid \
      JOIN sessions s ON s.id = m.session_id \
      WHERE messages_fts MATCH ?1 ORDER BY rank LIMIT ?2
      """
    let rows = try connection.use { access throws(StoreError) in
      try access.rows(
        sql, [SQLiteValue(options.query), .integer(Int64(options.limit > 0 ? options.limit : 20))])
    }
    var results: [SearchResult] = []
    for values in rows {
      let row = Row(
        columns: columns + ["message_id", "snippet", "message_created_at", "rank"], values: values,
        subject: "search result")
      var result = try Self.result(row)
      result.session.id = try row.text("id")
      result.session.number = try row.optionalInt("number")
      result.session.name = try row.text("name")
      result.session.summary = try row.text("summary")
      result.session.provider = try row.text("provider")
      result.session.model = try row.text("model")
      results.append(result)
    }
    return results
  }

  private static func result(_ row: Row) throws(StoreError) -> SearchResult {
    var result = SearchResult()
    result.messageID = try row.int("message_id")
    result.snippet = row.optionalText("snippet")
    result.createdAt = try row.time("message_created_at")
    if case .real(let rank)? = row.values.last { result.rank = rank }
    return result
  }

  private func searchCurrent(_ options: SearchOptions) throws(StoreError) -> [SearchResult] {
    guard let query = Self.quoted(options.query) else { return [] }
    var filter = Filter()
    if !options.archived { filter.add("s.archived = FALSE") }
    filter.add("COALESCE(m.compaction_tail, FALSE) = FALSE")
    filter.add(categories: options.categories)
    let columns = SummaryRow.columns(.current)
    let names = columns.map { "s.\($0)" }.joined(separator: ", ")
    // The first query only ranks, so that the text of one message per session is read.
    let sql = """
      WITH hits AS (
        SELECT messages_fts.rowid AS id, messages_fts.rank AS score FROM messages_fts
        WHERE messages_fts MATCH ?1),
      best AS (
        SELECT m.id, m.session_id, hits.score,
          ROW_NUMBER() OVER (PARTITION BY m.session_id ORDER BY hits.score, m.id) AS place
        FROM hits JOIN messages m ON m.id = hits.id JOIN sessions s ON s.id = m.session_id
        WHERE \(filter.condition)),
      chosen AS (
        SELECT id, session_id, score FROM best WHERE place = 1 ORDER BY score, id LIMIT ?2)
      SELECT \(names), m.id,
        (SELECT snippet(messages_fts, 0, '**', '**', '...', 32) FROM messages_fts
          WHERE messages_fts.rowid = m.id), m.created_at, chosen.score
      FROM chosen JOIN messages m ON m.id = chosen.id JOIN sessions s ON s.id = chosen.session_id
      ORDER BY chosen.score, m.id
      """
    let limit = SQLiteValue.integer(Int64(options.limit > 0 ? options.limit : 20))
    let rows = try connection.use { access throws(StoreError) in
      try access.rows(sql, [SQLiteValue(query), limit])
    }
    var results: [SearchResult] = []
    for values in rows {
      let row = Row(
        columns: columns + ["message_id", "snippet", "message_created_at", "rank"], values: values,
        subject: "search result")
      var result = try Self.result(row)
      result.session = try SummaryRow.summary(row)
      results.append(result)
    }
    return results
  }

  /// The words as FTS5 phrases, each once; nil if there are none.
  private static func quoted(_ query: String) -> String? {
    var seen: Set<String> = []
    var phrases: [String] = []
    for word in query.split(whereSeparator: \.isWhitespace)
    where seen.insert(word.lowercased()).inserted {
      let doubled = word.split(separator: "\"", omittingEmptySubsequences: false)
        .joined(separator: "\"\"")
      phrases.append("\"\(doubled)\"")
    }
    return phrases.isEmpty ? nil : phrases.joined(separator: " ")
  }
}
