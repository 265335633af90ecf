internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the records of a chat mean.
struct QwenDecoder: RecordDecoder {
  /// What is known of a record after the first pass; lines that share an identifier are one.
  private struct Node: Sendable {
    var isMessage: Bool
    /// Whether the record is beside the conversation: the program never goes on from it.
    var isSide: Bool
    var isRewind: Bool
    var isUsed = false
  }

  static func recognizes(_ first: JSONValue) -> Bool {
    guard first["uuid"]?.string != nil, first["sessionId"]?.string != nil else { return false }
    switch first.text("type") {
    case "user", "assistant", "tool_result": return first["message"]?["parts"]?.kind == .array
    case "system":
      return first["systemPayload"]?.kind == .object || first["message"]?["parts"] != nil
    default: return false
    }
  }

  static func id(in first: JSONValue) -> String? { first.text("sessionId") }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(QwenCode.id)
  private let file: LocatedSession
  private var tree = RecordTree()
  private var nodes: [Node] = []
  /// The node of each record, in order.
  private var places: [Int] = []
  /// The nodes of compressions.
  private var compressions: [Int] = []
  private var leaf: Int?
  private var hasOtherSession = false

  // Known after the first pass.
  private var compression: Int?
  private var messagesAbove: [Int?] = []

  // The second pass.
  private var position = -1
  private var told: Set<Int> = []

  init(_ file: LocatedSession) {
    self.file = file
    head = SessionHead(id: file.id)
    head.messageCount = 0
    let folder = LocatedSession.folder(of: file.name)?.split(separator: "/").last
    if folder == "archive" { head.archived = true }
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    let type = object.text("type") ?? ""
    let place = addNode(object, type, record)
    places.append(place)
    if !nodes[place].isSide { leaf = place }
    noteHead(object, type)
    if let session = object.text("sessionId"), session != file.id, !hasOtherSession {
      hasOtherSession = true
      log.add(
        "session-id", .warning, record.place,
        "the record is of session \(session); Qwen Code refuses files of several sessions")
    }
    switch type {
    case "user":
      if firstPrompt == nil, QwenContent.isTyped(object) {
        firstPrompt = QwenContent.message(object).blocks.lazy.compactMap(\.plainText).first
          .map { String($0.string.prefix(200)) }
      }
    case "assistant":
      head.model = object.text("model") ?? head.model
      if let usage = QwenContent.usage(object["usageMetadata"]) {
        head.usage = head.usage.map { $0.adding(usage) } ?? usage
      }
    case "system": noteSystem(object, place)
    default: break
    }
  }

  /// Adds a record to the tree, unless it goes on with one that is there; gives its node.
  private mutating func addNode(
    _ object: JSONValue, _ type: String, _ record: NativeRecord
  ) -> Int {
    let id = object.text("uuid")
    if let id, let known = tree.places[id] { return known }
    if id == nil {
      log.add("uuid", .error, record.place, "the record has no uuid; nothing can follow it")
    }
    let parent = object.text("parentUuid")
    if let parent, tree.places[parent] == nil {
      log.add(
        "parent-first", .warning, record.place,
        "no earlier record is the parent \(parent); Qwen Code goes on from what stands before it")
    }
    tree.add(id: id, parent: parent)
    let subtype = object.text("subtype") ?? ""
    let isMessage = ["user", "assistant", "tool_result"].contains(type)
    if isMessage { head.messageCount = (head.messageCount ?? 0) + 1 }
    nodes.append(
      Node(
        isMessage: isMessage,
        isSide: type == "system" && Self.isBeside(subtype) || QwenContent.isOfSubagent(object),
        isRewind: type == "system" && subtype == "rewind"))
    return nodes.count - 1
  }

  /// Whether a system record is no part of the chain (`conversation-chain.ts`).
  private static func isBeside(_ subtype: String) -> Bool {
    ["session_artifact_event", "session_artifact_snapshot", "session_sources_snapshot"].contains(
      subtype) || subtype.hasPrefix("managed_session_")
  }

  private mutating func noteHead(_ object: JSONValue, _ type: String) {
    if let time = object.time("timestamp") {
      if head.created == nil { head.created = time }
      if head.updated.map({ $0 < time }) ?? true { head.updated = time }
    }
    if head.workspace == nil { head.workspace = object.text("cwd") }
    if head.parent == nil, let origin = object["forkedFrom"]?.text("sessionId") {
      head.parent = ParentLink(
        id: origin, kind: .branch, message: object["forkedFrom"]?.text("messageUuid"))
    }
  }

  private mutating func noteSystem(_ object: JSONValue, _ place: Int) {
    switch object.text("subtype") {
    case "custom_title": head.title = QwenContent.title(object)
    case "chat_compression": compressions.append(place)
    default: break
    }
  }

  mutating func finishScan() {
    if nodes.isEmpty { log.add("empty", .error, .file(path: file.name), "the file holds no chat") }
    messagesAbove = tree.nearest { nodes[$0].isMessage }
    guard let leaf else { return }
    let path = self.path(to: leaf)
    for place in path { nodes[place].isUsed = true }
    compression = compressions.last { nodes[$0].isUsed }
    // What a compression stands for is shown, and not sent any more.
    if let compression {
      for place in path.prefix(while: { $0 != compression }) { nodes[place].isUsed = false }
    }
  }

  /// The records from a root to the leaf; where a parent is missing, the program goes on from the last
  /// record before the gap, unless a rewind stands between.
  private func path(to leaf: Int) -> [Int] {
    var path = tree.path(to: leaf).places
    var seen = Set(path)
    while let first = path.first, tree.parent(of: first) == RecordTree.none {
      let before = (0..<first).last { !seen.contains($0) && !nodes[$0].isSide }
      guard let before, !nodes[before..<first].contains(where: \.isRewind) else { break }
      let more = tree.path(to: before).places.filter { !seen.contains($0) }
      guard let root = more.first, root < first else { break }
      seen.formUnion(more)
      path = more + path
    }
    return path
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    position += 1
    guard position < places.count else { return [] }
    let place = places[position]
    let isUsed = nodes[place].isUsed
    switch object.text("type") {
    case "user", "assistant", "tool_result":
      var message = QwenContent.message(object)
      // Of lines that share an identifier the first one has it.
      if told.insert(place).inserted { message.id = object.text("uuid") }
      if let above = messagesAbove[place] { message.parent = tree.ids[above] }
      if QwenContent.isOfSubagent(object) { message.flags.insert(.sideChain) }
      let isSent = isUsed && object.text("subtype") != "realtime_message"
      var entries = [Entry(.message(message), isEffective: isSent)]
      if let context = QwenContent.context(object) {
        entries.append(Entry(.message(context), isEffective: isSent))
      }
      return entries
    case "system": return [system(object, isUsed: isUsed, isInForce: place == compression)]
    default: return []
    }
  }

  private func system(_ object: JSONValue, isUsed: Bool, isInForce: Bool) -> Entry {
    let subtype = object.text("subtype") ?? ""
    switch subtype {
    case "custom_title":
      var changed = head
      changed.title = QwenContent.title(object)
      return Entry(.headChange(changed))
    case "chat_compression":
      let payload = object["systemPayload"]
      return Entry(
        .checkpoint(
          Checkpoint(
            messages: QwenContent.messages(payload?["compressedHistory"]),
            tokens: payload?["info"]?["originalTokenCount"]?.int64, time: object.time("timestamp"),
            extras: payload?.extras(of: QwenCode.id, except: ["compressedHistory"]) ?? [])),
        isEffective: isInForce)
    default:
      return Entry(
        .event(
          EventRecord(
            format: QwenCode.id, kind: subtype.isEmpty ? "system" : subtype,
            id: object.text("uuid"), time: object.time("timestamp"), data: RawJSON(object.raw))),
        isEffective: isUsed)
    }
  }
}
