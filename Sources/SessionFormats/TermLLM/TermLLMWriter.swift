import GRDB
import JSONText
import SessionCoding
import SessionModel

/// Writes one session in one transaction.
///
/// The `sessions` row is the first thing read back, so it counts with the first entry.
final class TermLLMWriter: SessionWriter {
  let store: TermLLMStore
  let id: String
  let form: NativeRow.Form
  let layout: TermLLMLayout
  private(set) var tally = SessionTally()
  private var head: SessionHead
  private var inserter: MessageInserter?
  private var groups = CompactionGroups(isEnabled: false)
  private var written = WrittenMessages()
  private var view = WrittenView()
  private var times: SynthesisedTimes
  /// The session's row as it came from a database of this format.
  private var originRow: TermLLMRow?
  private var stripped = StrippedSettings()
  private var isHeadWritten = false
  private var isOpen = true
  private var chunk: Int64 = 0

  /// Begins the transaction, removing what stands under the identifier.
  ///
  /// - Parameter isNew: Whether nothing was seen there.
  init(
    _ store: TermLLMStore, head: SessionHead, id: String, isNew: Bool
  ) throws(FormatError) {
    self.store = store
    self.id = id
    self.head = head
    self.head.id = id
    layout = try store.layout()
    let isCurrent = store.schema.isCurrent
    form = NativeRow.Form(isCurrent: isCurrent, shape: isCurrent ? .head : .seed)
    times = SynthesisedTimes(head)
    try store.begin(replacing: id, isNew: isNew)
  }

  var files: [String] { SQLiteFile.files(of: store.path) }

  var findings: [Finding] { stripped.findings(rule: "term-llm.grants", path: store.path) }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    let rows =
      entry.origin?.format == TermLLM.id
      ? entry.origin.flatMap { TermLLMRow.rows(of: $0.bytes) } : nil
    guard isHeadWritten else {
      // The first thing read back is the session's row, whatever comes first here.
      if let row = rows?.first, row.table == "sessions" {
        try writeHead(origin: row)
        return 1
      }
      if case .headChange(let first) = entry.content, entry.origin == nil {
        head = first
        head.id = id
      }
      try writeHead(origin: nil)
      return try 1 + write(entry)
    }
    if let rows {
      view.noteOwn(entry)
      return try copy(rows, isEffective: entry.isEffective)
    }
    return try encode(entry)
  }

  // MARK: The session's row

  private func writeHead(origin: TermLLMRow?) throws(FormatError) {
    var origin = origin
    if store.stripsSettings { origin = origin.map { TermLLMSettings.stripped($0, &stripped) } }
    originRow = origin
    isHeadWritten = true
    times.start(head)
    if let origin {
      // What later heads are compared with. A branch is not in this row but in one of its own.
      let branch = head.parent?.kind == .branch ? head.parent : nil
      head = SessionRow(
        columns: origin.columns.map(\.name), values: origin.columns.map(\.value)
      ).head(branch: branch)
      head.id = id
    }
    try store.insertSession(id: id, head: head, origin: origin, layout)
    inserter = try store.access { [store, layout, id] in
      try MessageInserter($0, store, layout: layout, session: id)
    }
  }

  // MARK: Copying rows

  private func copy(_ rows: [TermLLMRow], isEffective: Bool) throws(FormatError) -> Int {
    var entries = 0
    var messages = 0
    for row in rows {
      switch row.table {
      case "messages":
        if try copy(row, isCompaction: rows.count > 1, isEffective: isEffective) { messages += 1 }
      case "sessions": break
      case let table where store.stripsSettings && TermLLMSettings.tables.contains(table):
        stripped.add(table)
      default: entries += try store.insertSatellite(row, session: id, layout) ? 1 : 0
      }
    }
    // The rows of one entry are read as one again, unless nothing marks a compaction.
    return entries + (form.isCurrent ? min(messages, 1) : messages)
  }

  private func copy(
    _ row: TermLLMRow, isCompaction: Bool, isEffective: Bool
  ) throws(FormatError) -> Bool {
    let role = row["role"]?.bytes ?? []
    if !form.isCurrent {
      // The documented schema knows neither these roles nor what a boundary hides.
      guard isEffective, ["user", "assistant", "system", "tool"].contains(row["role"]?.string)
      else { return false }
    }
    let text = row["text_content"]?.bytes ?? []
    let isTail = form.isCurrent && row["compaction_tail"]?.flag == true
    try insert { (inserter, database) throws(FormatError) in try inserter.insert(database, row) }
    tally.count(role: role, text: text, isTail: isTail, time: row["created_at"] ?? .null)
    groups.isEnabled = isCompaction || hasOriginCompactions
    if groups.place(role: role, text: text, isTail: isTail) == .message { groups.reset() }
    return true
  }

  /// Whether the copied `sessions` row counts compactions.
  private var hasOriginCompactions: Bool {
    form.isCurrent && originRow?["compaction_count"]?.int64 ?? 0 > 0
  }

  private func insert(
    _ body: (inout MessageInserter, Database) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard var inserter else { return }
    // Taken out so that it is not copied when it changes.
    self.inserter = nil
    defer { self.inserter = inserter }
    try store.access { try body(&inserter, $0) }
  }

  // MARK: Encoding entries

  private func encode(_ entry: Entry) throws(FormatError) -> Int {
    switch entry.content {
    case .message(let message):
      if !entry.isEffective, !form.isCurrent || message.flags.contains(.sideChain) { return 0 }
      let place = view.place(of: entry)
      if case .nowhere = place { return 0 }
      let isSummary = message.flags.contains(.compactionSummary)
      let rows =
        isSummary ? NativeRow.summaryRows(message, form) : NativeRow.rows(for: message, form)
      guard !rows.isEmpty else { return 0 }
      view.note(entry)
      if isSummary, form.isCurrent {
        return try insertCompaction(rows, isEffective: entry.isEffective)
      }
      var isAtBoundary = false
      if case .behindHistory = place {
        // The tool uses what stands from the boundary on; a row that looks like a summary is one here.
        tally.boundary = inserter?.nextSequence
        isAtBoundary = true
      }
      let entries = try insert(rows, isCompaction: isAtBoundary)
      if form.isCurrent { written.add(message, size: entry.origin?.bytes.count ?? 0) }
      return entries
    case .checkpoint(let checkpoint):
      guard let messages = checkpoint.messages, entry.isEffective || form.isCurrent else {
        return 0
      }
      if case .nowhere = view.place(of: entry) { return 0 }
      let rows = NativeRow.rows(for: messages, form) { written.contains($0) }
      if !rows.isEmpty { view.note(entry) }
      guard form.isCurrent else { return try insert(rows) }
      return try insertCompaction(rows, isEffective: entry.isEffective)
    case .headChange(let changed):
      if entry.origin == nil { try apply(changed) }
      return 0
    case .usage, .metric, .event, .opaque: return 0
    }
  }

  private func insertCompaction(
    _ rows: [NativeRow], isEffective: Bool
  ) throws(FormatError) -> Int {
    guard !rows.isEmpty, let inserter else { return 0 }
    if isEffective { tally.boundary = inserter.nextSequence }
    return try insert(rows, isCompaction: true)
  }

  private func insert(
    _ rows: [NativeRow], isCompaction: Bool = false
  ) throws(FormatError) -> Int {
    var entries = 0
    for (index, row) in rows.enumerated() {
      var row = row
      row.time = times.next(row.time)
      let (role, text) = (Array(row.role.utf8), row.text)
      let time = SQLiteValue(time: row.time)
      try insert { (inserter, database) throws(FormatError) in
        try inserter.insert(database, row, time: time)
      }
      tally.countNative(row)
      tally.count(role: role, text: text, isTail: row.isTail, time: time)
      // From the first compaction on, rows that look like a summary are counted as one.
      groups.isEnabled =
        form.isCurrent
        && ((isCompaction && index == 0) || tally.compactions > 0 || hasOriginCompactions)
      switch groups.place(role: role, text: text, isTail: row.isTail) {
      case .message: entries += 1
      case .summary:
        entries += 1
        tally.compactions += 1
      case .member: break
      }
    }
    return entries
  }

  /// Changes the columns in which a later head differs.
  private func apply(_ changed: SessionHead) throws(FormatError) {
    var changed = changed
    changed.id = id
    let before = SessionColumns.values(of: head)
    var values = SessionColumns.values(of: changed).filter { before[$0.key] != $0.value }
    if changed.title == head.title { values["name"] = nil }
    head = changed
    try store.update(session: id, values, layout)
    for name in values.keys { originChanges.insert(name) }
  }

  private var originChanges: Set<String> = []

  // MARK: Finishing

  private(set) var trailingEntryCount = 0

  func finishEntries() throws(FormatError) {
    if !isHeadWritten {
      try writeHead(origin: nil)
      trailingEntryCount = 1
    }
    let row = try store.sessionRow(id, layout)
    try store.update(
      session: id,
      tally.columns(
        row: row, origin: originRow, head: head, changed: originChanges, times: times), layout)
    inserter = nil
  }

  func readBack() throws(FormatError) -> any SessionReader {
    try TermLLMReader(try store.connection(), id: id)
  }

  func appendCarry(_ data: [UInt8]) throws(FormatError) {
    try store.insertCarry(.blob(CarryChunk.bytes(data) ?? []), chunk: chunk, of: id)
    chunk += 1
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header { try store.insertCarry(.text(header.json), chunk: -1, of: id) }
    try store.commit(id)
    isOpen = false
    store.noteContent()
  }

  func discard() {
    inserter = nil
    if isOpen { store.rollBack(id) }
    isOpen = false
  }

  deinit { if isOpen { store.rollBack(id) } }
}
