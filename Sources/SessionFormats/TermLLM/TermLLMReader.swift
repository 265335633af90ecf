import JSONText
import SessionCoding
import SessionModel

/// Reads one session: its `sessions` row, rows of the other tables, then its messages in sequence.
///
/// Messages are last because a session grows by them.
final class TermLLMReader: SessionReader {
  let head: SessionHead
  var findings: [Finding] { leftOut.findings + damage }
  /// What was left out so far.
  var leftOut: LeftOutRecords {
    var all = feed.leftOut
    all.add(longRows)
    return all
  }

  private var damage: [Finding] = []
  /// Rows of other tables that are left out.
  private var longRows = LeftOutRecords()
  /// Gets what was left out as soon as all is read.
  private let log: LeftOutLog?
  private let connection: TermLLMConnection
  private let session: SQLiteValue
  private let row: SessionRow
  private let columns: MessageColumns
  private let boundary: CompactionBoundary
  private var feed: RowFeed
  /// The sequence of the first row that begins a compaction.
  private let firstSummary: SQLiteValue?
  private var groups = CompactionGroups(isEnabled: false)
  private var isHeadRead = false
  /// Whether somebody has spoken, beside the instructions at the start.
  private var hasConversation = false
  private var tables = TermLLMTable.satellites[...]
  private var pending: ArraySlice<Entry> = []

  /// Opens a session.
  ///
  /// - Throws: `.notFound` if there is no such session.
  init(
    _ connection: TermLLMConnection, id: String, log: LeftOutLog? = nil
  ) throws(FormatError) {
    self.connection = connection
    self.log = log
    let names = TermLLMTable.sessions.spelledColumns(
      of: connection.layout.columns["sessions"] ?? [])
    let rows = try connection.limitedRows(
      connection.select(names, from: "sessions") + " WHERE id = ?1", [SQLiteValue(id)])
    guard let values = rows.first else {
      throw FormatError(
        .notFound, "there is no session '\(id)'", at: .file(path: connection.path),
        advice: "list the sessions of the database")
    }
    row = SessionRow(columns: names, values: values)
    session = row["id"] ?? .null
    var head = row.head(branch: try Self.branch(connection, session))
    head.messageCount = try connection.rows(
      "SELECT count(*) FROM messages WHERE session_id = ?1", [session]
    ).first?[0].int64.flatMap { Int(exactly: $0) }
    self.head = head
    columns = MessageColumns(connection.layout)
    feed = RowFeed(connection, session: session, columns: columns)
    var boundary = row.boundary
    if try Self.isStale(boundary, connection, session) { boundary.sequence = nil }
    self.boundary = boundary
    firstSummary = try Self.firstSummary(boundary, connection, session)
  }

  func next() throws(FormatError) -> Entry? {
    if !isHeadRead {
      isHeadRead = true
      return entry(
        .headChange(head), rows: rowJSON(TermLLMTable.sessions, row.columns, row.values),
        table: "sessions", row: row["number"]?.int64 ?? 0)
    }
    while pending.isEmpty, let table = tables.popFirst() { try load(table) }
    if let entry = pending.popFirst() { return entry }
    guard let row = try feed.peek() else {
      log?[head.id] = leftOut
      return nil
    }
    feed.advance()
    return try message(row)
  }

  func carry() throws(FormatError) -> CarryCursor? {
    guard let header = try connection.carryHeader(of: session) else { return nil }
    let (connection, session) = (connection, session)
    var chunk: Int64 = 0
    return CarryCursor(header: header) { () throws(FormatError) in
      defer { chunk += 1 }
      return try connection.carryChunk(chunk, of: session)
    }
  }

  // MARK: Messages

  private func message(_ row: [SQLiteValue]) throws(FormatError) -> Entry {
    let sequence = row[columns.sequence].int64
    let isEffective = boundary.sequence.map { (sequence ?? .max) >= $0 } ?? true
    guard place(of: row) == .summary else {
      let (content, bytes) = read(row)
      return entry(markingSummary(content), rows: bytes, of: row, isEffective: isEffective)
    }
    var bytes: [UInt8] = []
    var checkpoint = Checkpoint(messages: [], time: row[columns.created].time)
    var isDamaged = false
    var member: [SQLiteValue]? = row
    while let row = member {
      let (content, rowBytes) = read(row)
      bytes += rowBytes
      if case .message(var message) = content {
        if checkpoint.messages?.isEmpty ?? true { message.markAsSummary() }
        checkpoint.messages?.append(message)
      } else {
        isDamaged = true
      }
      member = try nextMember()
    }
    let content: Entry.Content =
      isDamaged
      ? .opaque(
        OpaqueRecord(
          format: TermLLM.id, type: "messages", damage: "a part does not decode",
          bytes: bytes[...])) : .checkpoint(checkpoint)
    return entry(content, rows: bytes, of: row, isEffective: isEffective)
  }

  /// Marks the summary that stands where a conversation begins.
  ///
  /// `ReplaceMessages` writes what a compaction left without counting one.
  private func markingSummary(_ content: Entry.Content) -> Entry.Content {
    guard !hasConversation, case .message(var message) = content else { return content }
    let text = message.blocks.first?.plainText.map { Array($0.string.utf8) } ?? []
    let isSummary = message.role == .user && CompactionGroups.isSummary(text)
    hasConversation = isSummary || message.role != .system
    guard isSummary else { return content }
    message.flags.insert(.compactionSummary)
    return .message(message)
  }

  /// The next row if it belongs to the compaction at hand.
  private func nextMember() throws(FormatError) -> [SQLiteValue]? {
    guard let next = try feed.peek() else { return nil }
    var probe = groups
    probe.isEnabled = isSummaryExpected(at: next)
    guard probe.place(of: next, columns) == .member else { return nil }
    groups = probe
    feed.advance()
    return next
  }

  private func place(of row: [SQLiteValue]) -> CompactionGroups.Place {
    groups.isEnabled = isSummaryExpected(at: row)
    return groups.place(of: row, columns)
  }

  private func isSummaryExpected(at row: [SQLiteValue]) -> Bool {
    guard let first = firstSummary?.int64, let sequence = row[columns.sequence].int64 else {
      return false
    }
    return boundary.compactions > 0 ? sequence >= first : sequence == first
  }

  /// What a row says and how it is spelled; parts that do not decode make it opaque.
  private func read(_ row: [SQLiteValue]) -> (Entry.Content, [UInt8]) {
    do throws(GoDecodingError) {
      let decoded = try columns.message(row)
      var writer = JSONWriter(reserving: row.reduce(512) { $0 + $1.byteCount + $1.byteCount / 8 })
      writer.messageRow(columns: columns, row, decoded)
      return (.message(decoded.message), writer.bytes)
    } catch {
      damage.append(
        Finding(
          rule: "term-llm.parts-decode", severity: .error,
          place: .row(
            path: connection.path, table: "messages", row: row[columns.id].int64 ?? 0),
          message: "parts do not decode (\(error.message)); term-llm cannot read the session",
          isSalvaged: true))
      let bytes = rowJSON(TermLLMTable.messages, columns.names, row)
      return (
        .opaque(
          OpaqueRecord(
            format: TermLLM.id, type: "messages", damage: error.message, bytes: bytes[...])),
        bytes
      )
    }
  }

  private func rowJSON(
    _ table: TermLLMTable, _ names: [String], _ values: [SQLiteValue]
  ) -> [UInt8] {
    let size = values.reduce(512) { $0 + $1.byteCount + $1.byteCount / 4 }
    var writer = JSONWriter(reserving: size)
    writer.row(table: table.name, columns: names, values: values)
    return writer.bytes
  }

  private func entry(
    _ content: Entry.Content, rows: [UInt8], of row: [SQLiteValue], isEffective: Bool
  ) -> Entry {
    var entry = entry(
      content, rows: rows, table: "messages", row: row[columns.id].int64 ?? 0)
    entry.isEffective = isEffective
    return entry
  }

  private func entry(
    _ content: Entry.Content, rows: [UInt8], table: String, row: Int64
  ) -> Entry {
    Entry(
      content, origin: Origin(format: TermLLM.id, bytes: rows[...]),
      place: .row(path: connection.path, table: table, row: row))
  }

  // MARK: Other tables

  private func load(_ table: TermLLMTable) throws(FormatError) {
    guard let owner = table.owner, let present = connection.layout.columns[table.name],
      present.contains(owner)
    else { return }
    let names = table.spelledColumns(of: present)
    let order = table.order.filter(present.contains)
    let (rows, long) = try connection.shortRows(
      connection.select(names, from: table.name) + " WHERE \(owner.quoted) = ?1"
        + (order.isEmpty ? "" : " ORDER BY " + order.map(\.quoted).joined(separator: ", ")),
      [session])
    for position in long {
      longRows.add(
        .row(path: connection.path, table: table.name, row: Int64(position) + 1), count: nil)
    }
    pending =
      rows.map { position, values in
        let bytes = rowJSON(table, names, values)
        return entry(
          .opaque(OpaqueRecord(format: TermLLM.id, type: table.name, bytes: bytes[...])),
          rows: bytes, table: table.name, row: Int64(position) + 1)
      }[...]
  }

  // MARK: Opening

  /// The parent of a branch.
  private static func branch(
    _ connection: TermLLMConnection, _ session: SQLiteValue
  ) throws(FormatError) -> ParentLink? {
    guard connection.layout.has("parent_session_id", in: "session_branches") else { return nil }
    let rows = try connection.rows(
      "SELECT parent_session_id, fork_after_message_id FROM session_branches"
        + " WHERE child_session_id = ?1", [session])
    guard let row = rows.first, let parent = row[0].displayText else { return nil }
    return ParentLink(id: parent, kind: .branch, message: row[1].displayText)
  }

  /// Where compactions begin: at the first of the last summary rows, as many as are counted.
  ///
  /// Where none is counted, as before schema 23, a summary right at the boundary is the only one.
  private static func firstSummary(
    _ boundary: CompactionBoundary, _ connection: TermLLMConnection, _ session: SQLiteValue
  ) throws(FormatError) -> SQLiteValue? {
    guard boundary.compactions > 0 || boundary.sequence != nil else { return nil }
    let hasTails = connection.layout.has("compaction_tail", in: "messages")
    return try connection.rows(
      """
      SELECT sequence FROM messages WHERE session_id = ?1 AND role = 'user'
      \(hasTails ? "AND COALESCE(compaction_tail, 0) = 0" : "")
      AND substr(ltrim(text_content, char(9, 10, 11, 12, 13, 32)), 1, 20) = ?2
      AND (?3 > 0 OR sequence = ?4) ORDER BY sequence DESC LIMIT max(?3, 1)
      """,
      [
        session, SQLiteValue(CompactionGroups.marker), .integer(boundary.compactions),
        boundary.sequence.map { .integer($0) } ?? .null,
      ]
    ).last?[0]
  }

  /// Whether no row lies behind the boundary: the tool then takes everything as active.
  private static func isStale(
    _ boundary: CompactionBoundary, _ connection: TermLLMConnection, _ session: SQLiteValue
  ) throws(FormatError) -> Bool {
    guard let sequence = boundary.sequence else { return false }
    return try connection.rows(
      "SELECT 1 FROM messages WHERE session_id = ?1 AND sequence >= ?2 LIMIT 1",
      [session, .integer(sequence)]
    ).isEmpty
  }
}

extension CompactionGroups {
  mutating func place(of row: [SQLiteValue], _ columns: MessageColumns) -> Place {
    place(
      role: row[columns.role].bytes ?? [], text: row[columns.text].bytes ?? [],
      isTail: columns.isTail(row))
  }
}

extension Message {
  /// Makes a summary row's message the summary that it stands for.
  ///
  /// `[Context Compaction]` and the line end are the tool's wrapping of an earlier summary.
  mutating func markAsSummary() {
    flags.insert(.compactionSummary)
    guard let index = blocks.firstIndex(where: { $0.plainText != nil }),
      case .text(var block) = blocks[index]
    else { return }
    var text: [UInt8] = []
    block.text.appendUTF8(to: &text)
    let wrapping = Array(CompactionGroups.marker.utf8) + [0x0A]
    let rest = text.dropFirst(wrapping.count)
    guard text.starts(with: wrapping), rest.starts(with: CompactionGroups.summaryMarker.utf8)
    else { return }
    role = .system
    block.text = JSONString(decodedUTF8: Array(rest))
    blocks[index] = .text(block)
  }
}
