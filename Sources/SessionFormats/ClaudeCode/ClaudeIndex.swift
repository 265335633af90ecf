internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The first pass over a session file: its graph, its head, where our record stands.
///
/// Memory grows with the number of records, by some tens of bytes each.
struct ClaudeIndex {
  /// A `last-prompt` record that names a leaf.
  struct LeafChoice {
    var slot: Int32
    var line: Int32
    var isExplicit: Bool
  }

  /// Lines that compaction preserved, by the number of the boundary's node.
  struct Preserved {
    /// The line that they follow; without it they are not sent.
    var anchor: Int32 = -1
    var head: Int32 = -1
    var tail: Int32 = -1
    var slots: [Int32] = []
  }

  private(set) var nodes: [ClaudeNode] = []
  /// The last node of each identifier's number; −1 for one that is only named.
  private(set) var nodeOfSlot: [Int32] = []
  private(set) var ids = NumberedSet<ClaudeID>()
  private(set) var preserved: [Int32: Preserved] = [:]
  private(set) var leafChoice: LeafChoice?
  /// The last node of each response while the file is read.
  private var lastNode: [UInt64: Int32] = [:]
  /// Facts for the head.
  private(set) var facts = ClaudeFacts()
  /// Our last record.
  private(set) var marker: JSONValue?
  /// Whether a line begins as our own record does and cannot be read.
  private(set) var hasBrokenMarker = false
  /// The lines that are not read: number, offset and length.
  private var longLines: [(line: Int, offset: UInt64, count: Int)] = []
  /// The fingerprint of the file without our own records and what is left out.
  private(set) var fingerprint = Fingerprint()
  private(set) var messageCount = 0
  /// Whether the first record belongs to a side conversation, as all of a sub-agent's do.
  private(set) var startsAsSideChain = false
  private var hasRecord = false

  init(path: String, options: ReadOptions) throws(FormatError) {
    do throws(FileError) {
      try read(path, options)
    } catch {
      throw FormatError(reading: error)
    }
    facts.finish()
    lastNode = [:]
  }

  private mutating func read(_ path: String, _ options: ReadOptions) throws(FileError) {
    var lines = try SharedLineReader(path: path, maximumLineLength: options.maximumRecordLength)
    func pass(_ line: LongLine) {
      guard !ClaudeLine.isOurs(line.beginning.span) else { return }
      longLines.append((line.number, line.offset, line.count))
    }
    while let line = try lines.next(keepingLineFeed: true, passingOver: pass) {
      let decoded = ClaudeLine.decode(
        line.storage, in: line.range, maximumDepth: options.maximumDepth)
      fingerprint.update(claudeLine: line.storage.span.extracting(line.range)) { decoded }
      switch decoded.line {
      case .record(let document, let type):
        let record = ClaudeRecord(document, type: type)
        if !hasRecord { startsAsSideChain = record.isTruthy(.isSideChain) }
        hasRecord = true
        note(record, line: Int32(clamping: line.number))
      case .carryover(let value): marker = value
      case .damaged where line.bytes.starts(with: ClaudeLine.carryStart): hasBrokenMarker = true
      default: break
      }
    }
  }

  /// What is left out of a file with this index.
  func leftOut(of path: String) -> LeftOutRecords {
    var list = LeftOutRecords()
    for line in longLines {
      list.add(.line(path: path, line: line.line, byte: line.offset), count: line.count)
    }
    return list
  }

  /// The number of an identifier.
  private mutating func slot(_ id: ClaudeID?) -> Int32 {
    guard let id else { return -1 }
    let (slot, isNew) = ids.insert(id)
    if isNew { nodeOfSlot.append(-1) }
    return slot
  }

  /// The node that counts for an identifier.
  func node(_ id: ClaudeID) -> Int? {
    guard let slot = ids.find(id), nodeOfSlot[Int(slot)] >= 0 else { return nil }
    return Int(nodeOfSlot[Int(slot)])
  }

  /// Whether a node is the last one of its identifier, which counts.
  func counts(_ node: Int) -> Bool { nodeOfSlot[Int(nodes[node].slot)] == Int32(node) }

  private mutating func note(_ record: ClaudeRecord, line: Int32) {
    let (root, kind) = (record.root, record.kind)
    let time = ClaudeTime.timestamp(record[.time])
    facts.note(record, time)
    let stated = ClaudeID(record[.id])
    guard let id = stated ?? (kind.isChain ? .absent : nil),
      kind.isChain || record[.parent] != nil
    else {
      if record.type.equals("last-prompt") { noteLeaf(root, line) }
      return
    }
    var node = ClaudeNode(slot: slot(id), line: line, kind: kind)
    node.parent = slot(ClaudeID(record[.parent]))
    if let time {
      node.time = ClaudeTime.milliseconds(time)
      node.flags.insert(.timed)
    }
    if record.isTruthy(.isSideChain) { node.flags.insert(.sideChain) }
    if record.isTruthy(.isMeta) { node.flags.insert(.meta) }
    if record.isTruthy(.isSummary) { node.flags.insert(.summary) }
    if record.isTruthy(.isAPIError) { node.flags.insert(.apiError) }
    switch kind {
    case .user, .assistant: noteTurn(record, &node)
    case .system:
      if record[.subtype]?.string?.equals("compact_boundary") ?? false {
        node.flags.insert(.boundary)
        notePreserved(root["compactMetadata"], node: Int32(clamping: nodes.count))
      }
      if ClaudeMessage.isLocalCommand(root) { node.flags.insert(.message) }
    case .attachment:
      if ClaudeMessage.isAttachedMessage(root) { node.flags.insert(.message) }
    case .progress, .other: break
    }
    if node.flags.contains(.message) { messageCount += 1 }
    nodeOfSlot[Int(node.slot)] = Int32(clamping: nodes.count)
    nodes.append(node)
  }

  private mutating func noteTurn(_ record: ClaudeRecord, _ node: inout ClaudeNode) {
    if ClaudeMessage.hasContent(record) { node.flags.insert(.message) }
    if !ClaudeMessage.isSent(record) { node.flags.insert(.malformed) }
    let message = record.message
    if record.kind == .assistant {
      node.flags.insert(.lastOfResponse)
      if let id = message?[.id], id.kind == .string, id.range.count > 2 {
        node.link = hash64(id.raw)
        noteLast(Int32(clamping: nodes.count), of: Self.usageKey(id, record[.request]))
      }
    } else {
      node.source = slot(ClaudeID(record[.source]))
      if let content = message?[.content], content.kind == .array {
        for block in content.elements {
          guard let call = block["tool_use_id"] else { continue }
          node.link = hash64(call.raw)
          break
        }
      }
    }
  }

  private mutating func noteLast(_ node: Int32, of response: UInt64) {
    guard let earlier = lastNode.updateValue(node, forKey: response) else { return }
    nodes[Int(earlier)].flags.remove(.lastOfResponse)
  }

  /// What tells responses apart when their tokens are counted.
  static func usageKey(_ id: JSONValue, _ request: JSONValue?) -> UInt64 {
    hash64(request?.raw ?? [], seed: hash64(id.raw))
  }

  private mutating func noteLeaf(_ root: JSONValue, _ line: Int32) {
    guard let id = ClaudeID(root["leafUuid"]) else { return }
    leafChoice = LeafChoice(
      slot: id == .none ? -1 : slot(id), line: line,
      isExplicit: root["explicit"]?.isTruthy ?? false)
  }

  private mutating func notePreserved(_ metadata: JSONValue?, node: Int32) {
    guard let metadata else { return }
    var kept = Preserved()
    let named = metadata["preservedMessages"] ?? metadata["preservedSegment"]
    kept.anchor = slot(ClaudeID(named?["anchorUuid"]))
    for id in metadata["preservedMessages"]?["uuids"]?.elements.map({ $0 }) ?? [] {
      kept.slots.append(slot(ClaudeID(id)))
    }
    if let segment = metadata["preservedSegment"], kept.slots.isEmpty {
      kept.head = slot(ClaudeID(segment["headUuid"]))
      kept.tail = slot(ClaudeID(segment["tailUuid"]))
    }
    preserved[node] = kept
  }
}

extension JSONValue {
  /// Whether JavaScript takes the value as true.
  var isTruthy: Bool {
    switch kind {
    case .null, .false: false
    case .true, .array, .object: true
    case .string: !(string?.isEmpty ?? true)
    case .number: double != 0
    }
  }
}
