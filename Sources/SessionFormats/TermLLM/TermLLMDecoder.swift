import JSONText
import SessionCoding
import SessionModel

/// Says what the rows of one session mean.
struct TermLLMDecoder: RowDecoder {
  let head: SessionHead
  private(set) var log = FindingLog(TermLLM.id)
  private let database: RowDatabase
  private let boundary: CompactionBoundary
  /// The sequence of the first row that begins a compaction.
  private let firstSummary: Int64?
  private var groups = CompactionGroups(isEnabled: false)
  /// Whether somebody has spoken, beside the instructions at the start.
  private var hasConversation = false

  static func head(of session: TableRow) -> SessionHead { SessionColumns.head(of: session) }

  init(_ session: TableRow, in database: RowDatabase) throws(FormatError) {
    self.database = database
    let id = session["id"] ?? .null
    var head = Self.head(of: session)
    if let branch = try Self.branch(database, id) { head.parent = branch }
    head.messageCount = try database.value(
      "SELECT count(*) FROM messages WHERE session_id = ?1", [id])?.int64.flatMap {
        Int(exactly: $0)
      }
    self.head = head
    var boundary = CompactionBoundary(session)
    if try Self.isStale(boundary, database, id) { boundary.sequence = nil }
    self.boundary = boundary
    firstSummary = try Self.firstSummary(boundary, database, id)
  }

  mutating func joins(_ row: TableRow) -> Bool {
    guard row.table == "messages" else { return false }
    groups.isEnabled = isSummaryExpected(at: row)
    return groups.place(of: row) == .member
  }

  private func isSummaryExpected(at row: TableRow) -> Bool {
    guard let firstSummary, let sequence = row["sequence"]?.int64 else { return false }
    return boundary.compactions > 0 ? sequence >= firstSummary : sequence == firstSummary
  }

  mutating func decode(_ rows: [TableRow]) -> [Entry] {
    guard let first = rows.first, first.table == "messages" else { return [] }
    var messages: [Message] = []
    var damage: String?
    for row in rows {
      do throws(GoDecodingError) {
        messages.append(try MessageColumns.message(of: row))
      } catch {
        damage = error.message
        log.add(
          "parts-decode", .error, database.place(of: row),
          "parts do not decode (\(error.message)); term-llm cannot read the session")
      }
    }
    var entry: Entry
    let isCompaction =
      rows.count > 1 || isSummaryExpected(at: first) && CompactionGroups.isSummary(first)
    if let damage {
      let reason = isCompaction ? "a part does not decode" : damage
      entry = Entry(
        .opaque(
          OpaqueRecord(format: TermLLM.id, type: "messages", damage: reason, bytes: [])))
    } else if isCompaction {
      messages[0].markAsSummary()
      entry = Entry(.checkpoint(Checkpoint(messages: messages, time: first["created_at"]?.time)))
    } else {
      markSummary(&messages[0], first)
      entry = Entry(.message(messages[0]))
    }
    entry.isEffective = boundary.sequence.map { (first["sequence"]?.int64 ?? .max) >= $0 } ?? true
    return [entry]
  }

  /// Marks the summary that stands where a conversation begins.
  ///
  /// `ReplaceMessages` writes what a compaction left without counting one.
  private mutating func markSummary(_ message: inout Message, _ row: TableRow) {
    guard !hasConversation else { return }
    let isSummary = message.role == .user && CompactionGroups.isSummary(row)
    hasConversation = isSummary || message.role != .system
    if isSummary { message.flags.insert(.compactionSummary) }
  }

  // MARK: Opening

  /// The parent of a branch.
  private static func branch(
    _ database: RowDatabase, _ session: SQLiteValue
  ) throws(FormatError) -> ParentLink? {
    guard database.layout.has("parent_session_id", in: "session_branches") else { return nil }
    let rows = try database.rows(
      "SELECT parent_session_id, fork_after_message_id FROM session_branches"
        + " WHERE child_session_id = ?1", [session])
    guard let row = rows.first, let parent = row[0].displayText else { return nil }
    return ParentLink(id: parent, kind: .branch, message: row[1].displayText)
  }

  /// Where compactions begin: at the first of the last summary rows, as many as are counted.
  ///
  /// Where none is counted, as before schema 23, a summary right at the boundary is the only one.
  private static func firstSummary(
    _ boundary: CompactionBoundary, _ database: RowDatabase, _ session: SQLiteValue
  ) throws(FormatError) -> Int64? {
    guard boundary.compactions > 0 || boundary.sequence != nil else { return nil }
    let hasTails = database.layout.has("compaction_tail", in: "messages")
    return try database.rows(
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
    ).last?[0].int64
  }

  /// Whether no row comes after the boundary: the tool then takes everything as active.
  private static func isStale(
    _ boundary: CompactionBoundary, _ database: RowDatabase, _ session: SQLiteValue
  ) throws(FormatError) -> Bool {
    guard let sequence = boundary.sequence else { return false }
    return try database.value(
      "SELECT 1 FROM messages WHERE session_id = ?1 AND sequence >= ?2 LIMIT 1",
      [session, .integer(sequence)]) == nil
  }
}

extension Message {
  /// Makes a summary row's message the summary that it stands for.
  ///
  /// `[Context Compaction]` and the line end are the tool's wrapping of an earlier summary.
  fileprivate mutating func markAsSummary() {
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
