import SessionCoding
import SessionModel

/// Says entries in rows of term-llm.
struct TermLLMEncoder: RowEncoder {
  private(set) var stripped = StrippedSettings()
  private let shape: PartShape
  private let columns: [String]
  private let number: SQLiteValue?
  private var head: SessionHead
  private var tally = SessionTally()
  /// Whether somebody has spoken, beside the instructions at the start.
  private var hasSpoken = false
  private var groups = CompactionGroups(isEnabled: false)
  private var written = WrittenMessages()
  private var view = WrittenView()
  private var times: SynthesisedTimes
  /// The session's row as it came from a database of this format.
  private var originRow: TableRow?
  /// Columns of the session's row that a later head changed.
  private var changedColumns: Set<String> = []
  private var isOpen = false
  private var hasMessages = false
  /// The sequence that the next message gets when it brings none that is free.
  private var nextSequence: Int64 = 0

  init(_ head: SessionHead, _ schema: RowSchema, to rows: NewRows) throws(FormatError) {
    self.head = head
    shape = schema.profile == RowSchema.termLLM7.profile ? .seed : .head
    columns = rows.columns(of: "messages")
    number = try rows.session()?["number"]
    times = SynthesisedTimes(head)
  }

  // MARK: The session's row

  private mutating func open(_ origin: TableRow?, _ rows: NewRows) throws(FormatError) {
    isOpen = true
    times.start(head)
    originRow = origin
    if var origin {
      if rows.stripsSettings { strip(&origin) }
      originRow = origin
      // What later heads are compared with. A branch is not in this row but in one of its own.
      let branch = head.parent?.kind == .branch ? head.parent : nil
      head = SessionColumns.head(of: origin)
      head.parent = branch ?? head.parent
      head.id = rows.id
    }
    let native = SessionColumns.values(of: head)
    var columns: [(name: String, value: SQLiteValue)] = []
    for name in rows.columns(of: "sessions") {
      let value = originRow.map { $0[name] } ?? native[name]
      switch name {
      case "number": columns.append((name, try freeNumber(rows)))
      case "parent_id": columns.append((name, try rows.reference(to: value)))
      default: columns.append((name, value ?? SessionColumns.defaultValue(name)))
      }
    }
    try rows.setSession(columns)
  }

  private mutating func strip(_ row: inout TableRow) {
    for index in row.columns.indices
    where TermLLM.Settings.columns.contains(row.columns[index].name) {
      guard row.columns[index].value.displayText?.isEmpty == false else { continue }
      stripped.add(row.columns[index].name)
      row.columns[index].value = .null
    }
  }

  /// The session's own number where it has one or brings one that is free, else the next.
  private func freeNumber(_ rows: NewRows) throws(FormatError) -> SQLiteValue {
    if let number, !number.isNull { return number }
    if !rows.isLive, let number = originRow?["number"],
      try !rows.database.has(number, in: "number", of: "sessions")
    {
      return number
    }
    return try rows.database.value("SELECT COALESCE(MAX(number), 0) + 1 FROM sessions")
      ?? .integer(1)
  }

  // MARK: Copying rows

  mutating func copy(
    _ copied: [TableRow], of entry: Entry, to rows: NewRows
  ) throws(FormatError) -> Int {
    if !isOpen {
      if let row = copied.first, row.table == "sessions" {
        try open(row, rows)
        return 1
      }
      try open(nil, rows)
      return try 1 + copy(copied, of: entry, to: rows)
    }
    view.noteOwn(entry)
    var entries = 0
    var messages = 0
    for row in copied {
      switch row.table {
      case "messages":
        let isCompaction = copied.count > 1
        if try copy(row, isCompaction, entry.isEffective, rows) { messages += 1 }
      case "sessions": break
      case let table where rows.stripsSettings && TermLLM.Settings.tables.contains(table):
        stripped.add(table)
      default: entries += try rows.insert(row) ? 1 : 0
      }
    }
    // The rows of one entry are read as one again, unless nothing marks a compaction.
    return entries + (shape.isCurrent ? min(messages, 1) : messages)
  }

  private mutating func copy(
    _ row: TableRow, _ isCompaction: Bool, _ isEffective: Bool, _ rows: NewRows
  ) throws(FormatError) -> Bool {
    var role = row["role"]?.bytes ?? []
    if !shape.isCurrent {
      if role.elementsEqual("developer".utf8) { role = Array("system".utf8) }
      // The documented schema knows neither these roles nor what a boundary hides.
      guard isEffective || !hasOriginBoundary,
        ["user", "assistant", "system", "tool"].contains(String(decoding: role, as: UTF8.self))
      else { return false }
    }
    if !role.elementsEqual("system".utf8) { hasSpoken = true }
    let text = row["text_content"]?.bytes ?? []
    let isTail = shape.isCurrent && MessageColumns.isTail(row)
    let writtenRole = shape.isCurrent ? row["role"] : .text(role)
    try insert(id: row["id"], sequence: row["sequence"]?.int64, rows) {
      $0 == "role" ? writtenRole : row[$0]
    }
    tally.count(role: role, text: text, isTail: isTail, time: row["created_at"] ?? .null)
    groups.isEnabled = isCompaction || hasOriginCompactions
    if groups.place(role: role, text: text, isTail: isTail) == .message { groups.reset() }
    return true
  }

  /// Whether the copied `sessions` row hides rows.
  private var hasOriginBoundary: Bool {
    originRow.map { CompactionBoundary($0).sequence != nil } ?? false
  }

  /// Whether the copied `sessions` row counts compactions.
  private var hasOriginCompactions: Bool {
    shape.isCurrent && originRow?["compaction_count"]?.int64 ?? 0 > 0
  }

  /// Adds a row of `messages`; a sequence that does not follow the last one is replaced by the next.
  private mutating func insert(
    id: SQLiteValue?, sequence wanted: Int64?, _ rows: NewRows, value: (String) -> SQLiteValue?
  ) throws(FormatError) {
    var sequence = wanted ?? nextSequence
    if hasMessages, sequence < nextSequence { sequence = nextSequence }
    hasMessages = true
    nextSequence = sequence == .max ? sequence : sequence + 1
    let values = columns.map { name in
      let value: SQLiteValue? =
        switch name {
        case "id": id
        case "sequence": .integer(sequence)
        default: value(name)
        }
      return (name: name, value: value ?? MessageColumns.defaultValue(name))
    }
    try rows.insert(TableRow(table: "messages", columns: values))
  }

  // MARK: Encoding entries

  mutating func write(_ entry: Entry, to rows: NewRows) throws(FormatError) -> Int {
    if !isOpen {
      if case .headChange(let first) = entry.content, entry.origin == nil {
        head = first
        head.id = rows.id
      }
      try open(nil, rows)
      return try 1 + write(entry, to: rows)
    }
    switch entry.content {
    case .message(let message): return try write(message, of: entry, rows)
    case .checkpoint(let checkpoint):
      guard let messages = checkpoint.messages, entry.isEffective || shape.isCurrent else {
        return 0
      }
      if case .nowhere = view.place(of: entry) { return 0 }
      let made = NativeRow.rows(for: messages, shape) { written.contains($0) }
      if made.isEmpty { return 0 }
      view.note(entry)
      return try insertCompaction(made, entry.isEffective, rows)
    case .headChange(let changed):
      if entry.origin == nil { try apply(changed, rows) }
      return 0
    case .usage, .metric, .event, .opaque: return 0
    }
  }

  private mutating func write(
    _ message: Message, of entry: Entry, _ rows: NewRows
  ) throws(FormatError) -> Int {
    if !entry.isEffective, !shape.isCurrent || message.flags.contains(.sideChain) { return 0 }
    let place = view.place(of: entry)
    if case .nowhere = place { return 0 }
    let isSummary = message.flags.contains(.compactionSummary)
    let made =
      isSummary ? NativeRow.summaryRows(message, shape) : NativeRow.rows(for: message, shape)
    guard !made.isEmpty else { return 0 }
    view.note(entry)
    // Where nothing was said before it, nothing is compacted here.
    if isSummary, shape.isCurrent, hasSpoken {
      return try insertCompaction(made, entry.isEffective, rows)
    }
    if message.role != .system || isSummary { hasSpoken = true }
    var isAtBoundary = false
    if case .behindHistory = place {
      // The tool uses what stands from the boundary on; a row that looks like a summary is one here.
      tally.boundary = nextSequence
      isAtBoundary = true
    }
    let entries = try insert(made, isCompaction: isAtBoundary, rows)
    if shape.isCurrent { written.add(message) }
    return entries
  }

  private mutating func insertCompaction(
    _ made: [NativeRow], _ isEffective: Bool, _ rows: NewRows
  ) throws(FormatError) -> Int {
    hasSpoken = true
    if shape.isCurrent, isEffective { tally.boundary = nextSequence }
    return try insert(made, isCompaction: shape.isCurrent, rows)
  }

  private mutating func insert(
    _ made: [NativeRow], isCompaction: Bool, _ rows: NewRows
  ) throws(FormatError) -> Int {
    var entries = 0
    for (index, row) in made.enumerated() {
      var row = row
      row.time = times.next(row.time)
      try insert(id: nil, sequence: nil, rows) { row.value($0) }
      let role = Array(row.role.utf8)
      tally.countNative(row)
      tally.count(
        role: role, text: row.text, isTail: row.isTail, time: SQLiteValue(time: row.time))
      // From the first compaction on, rows that look like a summary are counted as one.
      groups.isEnabled =
        shape.isCurrent
        && ((isCompaction && index == 0) || tally.compactions > 0 || hasOriginCompactions)
      switch groups.place(role: role, text: row.text, isTail: row.isTail) {
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
  private mutating func apply(_ changed: SessionHead, _ rows: NewRows) throws(FormatError) {
    var changed = changed
    changed.id = rows.id
    let before = SessionColumns.values(of: head)
    var values = SessionColumns.values(of: changed).filter { before[$0.key] != $0.value }
    if changed.title == head.title { values["name"] = nil }
    head = changed
    if let parent = values["parent_id"] {
      values["parent_id"] = try rows.reference(to: parent)
    }
    try rows.updateSession(values)
    changedColumns.formUnion(values.keys)
  }

  mutating func finish(to rows: NewRows) throws(FormatError) -> Int {
    let isEmpty = !isOpen
    if isEmpty { try open(nil, rows) }
    try rows.updateSession(
      tally.columns(origin: originRow, head: head, changed: changedColumns))
    return isEmpty ? 1 : 0
  }
}
