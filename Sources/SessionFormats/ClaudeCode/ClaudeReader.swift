internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads one session file: a scan for graph and head, then one entry for each line, in file order.
final class ClaudeReader: SessionReader {
  let head: SessionHead
  private(set) var findings: [Finding] = []
  private let file: ClaudeFile
  private let options: ReadOptions
  private let scan: ClaudeScan
  private let entries: ClaudeEntry
  private let records: ClaudeRecords
  private var node = 0
  /// The last message so far and the last compaction boundary's place in the graph.
  private var lastMessage: String?
  /// The identifier of the last record that has one.
  private var last: (value: JSONValue, id: String)?

  init(_ file: ClaudeFile, scan: ClaudeScan, options: ReadOptions) throws(FormatError) {
    self.file = file
    self.options = options
    self.scan = scan
    head = scan.head
    entries = ClaudeEntry(
      head: head, common: scan.index.facts.common, isAgent: file.isAgent)
    records = try ClaudeRecords(path: file.path, options: options)
    findings = scan.index.leftOut(of: file.path).findings
    if scan.carryIsLost {
      findings.append(
        Finding(
          rule: "claude-code.carry-lost", severity: .warning, place: .file(path: file.path),
          message: "the file beside the session that holds its original is missing or another; "
            + "the session is converted as it is", isSalvaged: true))
    }
  }

  func next() throws(FormatError) -> Entry? {
    guard let record = try records.next() else { return nil }
    let (line, bytes, start) = (record.line, record.bytes, record.start)
    switch record.content {
    case nil:
      let message = "more follows the record on the same line"
      note(
        "claude-code.line-decodes", .error, line, start,
        "\(message); Claude Code ignores it")
      return opaque(bytes, line, start, type: nil, damage: message)
    case .carryover: return opaque(bytes, line, start, type: "carryover", damage: nil)
    case .blank, .ignored: return opaque(bytes, line, start, type: nil, damage: nil)
    case .damaged(let message, let offset):
      note(
        "claude-code.line-decodes", .error, line, offset,
        "\(message); Claude Code skips such a line")
      return opaque(bytes, line, start, type: nil, damage: message)
    case .record(let document, let type):
      if let offset = document.firstInvalidUTF8 {
        note(
          "claude-code.utf8", .warning, line, offset,
          "invalid UTF-8; Claude Code reads each such byte as U+FFFD")
      }
      return entry(ClaudeRecord(document, type: type), bytes, line)
    }
  }

  private func entry(
    _ record: ClaudeRecord, _ bytes: ArraySlice<UInt8>, _ line: SharedLine
  ) -> Entry {
    let nodes = scan.index.nodes
    while node < nodes.count, nodes[node].line < line.number { node += 1 }
    let isNode = node < nodes.count && Int(nodes[node].line) == line.number
    let isUsed = isNode ? scan.chain.isUsed[node] : !record.kind.isChain
    let id = ClaudeID.text(of: record[.id])
    let parent = parentID(record)
    if let id, let value = record[.id] { last = (value, id) }
    let isReplaced = isNode && !scan.index.counts(node)
    if isNode { noteGraph(node, hasID: id != nil, isReplaced: isReplaced, line) }
    let isLast = isNode && nodes[node].flags.contains(.lastOfResponse)
    var content = entries.content(
      of: record, id: id, parent: parent, isReplaced: isReplaced, isUsed: isUsed,
      isLastOfResponse: isLast, isCut: isNode && isCut(node))
    switch content {
    case .message: if !isReplaced { lastMessage = id ?? lastMessage }
    case .checkpoint(var checkpoint):
      checkpoint.lastMessage = lastMessage
      checkpoint.summaryMessage = scan.summaries[Int32(node)]
      content = .checkpoint(checkpoint)
    case .event where record.kind.isTurn:
      note(
        "claude-code.content", .warning, line, 0,
        "the record has no content that Claude Code can use; it drops the record")
    default: break
    }
    return Entry(
      content, isEffective: isUsed, origin: Origin(format: ClaudeCode.id, bytes: bytes),
      place: place(line, 0))
  }

  /// The identifier of a record's parent; that of the record before is not made again.
  private func parentID(_ record: ClaudeRecord) -> String? {
    guard let value = record[.parent] else { return nil }
    if let last,
      value.withBytes({ bytes in last.value.withBytes { bytes.isEqual(to: $0) } })
    {
      return last.id
    }
    return ClaudeID.text(of: value)
  }

  /// Whether a record's parent cannot be named: a cycle would close, or it is a compaction boundary.
  private func isCut(_ node: Int) -> Bool {
    let parent = scan.index.nodes[node].parent
    guard parent >= 0, !scan.chain.cycles.contains(Int32(node)) else { return parent >= 0 }
    let above = scan.index.nodeOfSlot[Int(parent)]
    return above >= 0 && scan.index.nodes[Int(above)].flags.contains(.boundary)
  }

  private func noteGraph(_ node: Int, hasID: Bool, isReplaced: Bool, _ line: SharedLine) {
    if !hasID {
      note(
        "claude-code.uuid", .warning, line, 0,
        "the record has no uuid; Claude Code uses the last such record only, other readers none")
    } else if isReplaced {
      note(
        "claude-code.uuid-unique", .warning, line, 0,
        "a later record has the same uuid; Claude Code uses that one")
    }
    if scan.chain.cycles.contains(Int32(node)) {
      note(
        "claude-code.parent-cycle", .warning, line, 0,
        "the record is its own ancestor; it is read as a first record")
    }
    if let parent = scan.chain.repaired[Int32(node)] {
      note(
        "claude-code.parent-exists", .warning, line, 0,
        parent >= 0
          ? "the parent does not exist; Claude Code links the record by its time"
          : "the parent does not exist and no record is earlier; the conversation starts here")
    }
  }

  private func opaque(
    _ bytes: ArraySlice<UInt8>, _ line: SharedLine, _ start: Int, type: String?, damage: String?
  ) -> Entry {
    Entry(
      .opaque(OpaqueRecord(format: ClaudeCode.id, type: type, damage: damage, bytes: bytes)),
      isEffective: false, origin: Origin(format: ClaudeCode.id, bytes: bytes),
      place: place(line, start))
  }

  private func place(_ line: SharedLine, _ offset: Int) -> Place {
    .line(path: file.path, line: line.number, byte: line.offset + UInt64(offset))
  }

  private func note(
    _ rule: String, _ severity: Severity, _ line: SharedLine, _ offset: Int, _ message: String
  ) {
    findings.append(
      Finding(
        rule: rule, severity: severity, place: place(line, offset), message: message,
        isSalvaged: true))
  }

  func carry() throws(FormatError) -> CarryCursor? {
    try ClaudeCarry.cursor(file, scan, longest: options.maximumCarryLength)
  }
}
