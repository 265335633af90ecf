internal import JSONText
internal import SessionModel

/// The records of a session that are linked by their parents; never their content.
struct ClaudeGraph: Sendable {
  /// What is known of one record.
  struct Node: Sendable {
    /// Its line in the file, from 1, and where that begins.
    var line: Int
    var offset: UInt64
    var kind: ClaudeKind
    /// Milliseconds since 1970; nil when its time cannot be parsed.
    var time: Int64?
    var isSideChain = false
    var isBoundary = false
    /// The summary of a compaction.
    var isSummary = false
    /// Whether the program never sends it: an error of the API, or content that it drops.
    var isUnsent = false
    /// Whether it is the last record of its response, whose usage counts.
    var isLastOfResponse = false
    /// A hash of the response's identifier.
    var response: UInt64?
    /// A hash of the first call that the record answers, and the record that made the call.
    var answered: UInt64?
    var source: String?
  }

  /// A `last-prompt` record that names a leaf.
  struct LeafChoice: Sendable {
    /// Nil for the one that means "none".
    var id: String?
    var line: Int
    var isExplicit: Bool
  }

  /// Lines that a compaction preserved.
  struct Preserved: Sendable {
    /// The line that they follow; without it they are not sent.
    var anchor: String?
    var ids: [String] = []
    /// The first and the last of them, where they are not listed.
    var head, tail: String?
  }

  private(set) var tree = RecordTree()
  private(set) var nodes: [Node] = []
  /// By the boundary's place.
  private(set) var preserved: [Int: Preserved] = [:]
  private(set) var leafChoice: LeafChoice?
  /// The last node of each response.
  private var lastOfResponses: [UInt64: Int] = [:]

  /// What records without an identifier have in common: the last of them counts (2.1.329).
  private static let absent = ""
  /// The UUID that means "none" in `last-prompt` records.
  static let none = "00000000-0000-0000-0000-000000000000"

  /// The place of the record that counts for an identifier.
  func place(_ id: String?) -> Int? { id.flatMap { tree.places[$0] } }

  /// Whether a record is the last one of its identifier, which counts.
  func counts(_ place: Int) -> Bool { self.place(tree.ids[place]) == place }

  /// The identifier of a record; nil for one that states none.
  func id(_ place: Int) -> String? { tree.ids[place].flatMap { $0 == Self.absent ? nil : $0 } }

  /// Adds a record if it is one of the graph.
  mutating func add(_ record: ClaudeRecord, line: Int, offset: UInt64 = 0) {
    let isChain = record.kind.isChain
    guard let id = record.id("uuid") ?? (isChain ? Self.absent : nil),
      isChain || record["parentUuid"] != nil
    else {
      if record.type == "last-prompt", let id = record.id("leafUuid") {
        leafChoice = LeafChoice(
          id: id == Self.none ? nil : id, line: line, isExplicit: record.isTruthy("explicit"))
      }
      return
    }
    var node = Node(
      line: line, offset: offset, kind: record.kind, time: record.time?.milliseconds,
      isSideChain: record.isTruthy("isSidechain"), isBoundary: record.isBoundary,
      isSummary: record.isTruthy("isCompactSummary"),
      isUnsent: record.isTruthy("isApiErrorMessage"))
    if record.kind.isTurn { note(record, &node) }
    if node.isBoundary, let metadata = record["compactMetadata"] {
      preserved[nodes.count] = Self.preserved(metadata)
    }
    tree.add(id: id, parent: record.id("parentUuid"))
    nodes.append(node)
  }

  /// Adds a line by what links it to others.
  mutating func add(
    _ id: String, parent: String?, _ kind: ClaudeKind, line: Int, time: Int64, isSideChain: Bool
  ) {
    tree.add(id: id, parent: parent)
    nodes.append(Node(line: line, offset: 0, kind: kind, time: time, isSideChain: isSideChain))
  }

  private mutating func note(_ record: ClaudeRecord, _ node: inout Node) {
    if !record.isSent { node.isUnsent = true }
    let message = record.message
    guard record.kind == .assistant else {
      node.source = record.id("sourceToolAssistantUUID")
      if let content = record.content, content.kind == .array {
        let call = content.elements.lazy.compactMap { $0["tool_use_id"] }.first
        node.answered = call.map { hash64($0.raw) }
      }
      return
    }
    node.isLastOfResponse = true
    guard let id = message?["id"], !(id.string?.isEmpty ?? true) else { return }
    node.response = hash64(id.raw)
    let key = Self.responseKey(id, record["requestId"])
    if let earlier = lastOfResponses.updateValue(nodes.count, forKey: key) {
      nodes[earlier].isLastOfResponse = false
    }
  }

  /// What tells responses apart when their tokens are counted.
  static func responseKey(_ id: JSONValue, _ request: JSONValue?) -> UInt64 {
    hash64(request?.raw ?? [], seed: hash64(id.raw))
  }

  private static func preserved(_ metadata: JSONValue) -> Preserved {
    let (messages, segment) = (metadata["preservedMessages"], metadata["preservedSegment"])
    var kept = Preserved(anchor: (messages ?? segment)?["anchorUuid"]?.claudeID)
    kept.ids = messages?["uuids"]?.elements.compactMap(\.claudeID) ?? []
    if kept.ids.isEmpty {
      kept.head = segment?["headUuid"]?.claudeID
      kept.tail = segment?["tailUuid"]?.claudeID
    }
    return kept
  }
}
