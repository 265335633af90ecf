internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the lines of a session mean.
struct PiDecoder<Dialect: PiDialect>: RecordDecoder {
  /// What is known of an entry after the first pass.
  private struct Node: Sendable {
    var line: Int
    var isMessage: Bool
    /// The identifier of its message, where messages have one of their own.
    var message: String?
    var isUsed = false
  }

  static func recognizes(_ first: JSONValue) -> Bool {
    switch first.text("type") {
    case "session": first["id"]?.string != nil && first["timestamp"]?.string != nil
    case "title": first["v"]?.int64 == 1 && first["title"]?.string != nil
    default: false
    }
  }

  static func id(in first: JSONValue) -> String? {
    first.text("type") == "session" ? first.text("id") : nil
  }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(Dialect.id)
  private let file: LocatedSession
  private let content = PiContent(format: Dialect.id)
  private var hasHeader = false
  private var isLinear = false
  private var tree = RecordTree()
  private var nodes: [Node] = []
  /// The models that entries name, by their places.
  private var models: [(place: Int, provider: String?, model: String?)] = []
  /// Compactions, with the first entry that each keeps.
  private var compactions: [(place: Int, kept: String?, index: Int64?)] = []
  private var pinnedLeaf: Int?
  /// The last entry of each message that has an identifier of its own.
  private var messagePlaces: [String: Int] = [:]
  /// The last boundary of a conversation that was cleared.
  private var resets: [Int] = []

  // Known after the first pass.
  private var compaction: Int?
  private var keptFrom: Int?
  /// The nearest message above each entry.
  private var messagesAbove: [Int?] = []

  // The second pass.
  private var place = -1
  private var kept: [Message] = []

  init(_ file: LocatedSession) {
    self.file = file
    head = SessionHead(id: file.id)
    head.messageCount = 0
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    let type = object.text("type") ?? ""
    switch type {
    case "session": return scanHeader(object, record)
    case "title":
      head.title = object.text("title").flatMap { $0.isEmpty ? nil : $0 }
      return
    default: break
    }
    if !hasHeader, nodes.isEmpty {
      log.add(
        "header", .error, record.place,
        "no session header comes first; \(Dialect.toolName) takes the file for empty and overwrites it when it opens it"
      )
    }
    addNode(object, type, record)
    switch type {
    case "message": if let message = object["message"] { scan(message, object, record) }
    // Letta Code passes over both.
    case "model_change" where Dialect.order != .lines:
      models.append(PiModel.named(in: object, at: nodes.count - 1))
    case "session_info" where Dialect.order != .lines, "title_change":
      let title = object.text("name") ?? object.text("title")
      head.title = title.flatMap { $0.isEmpty ? nil : $0 }
    case "compaction":
      compactions.append(
        (nodes.count - 1, object.text("firstKeptEntryId"), object["firstKeptEntryIndex"]?.int64))
    case "reset_boundary": resets.append(nodes.count - 1)
    case "leaf": pinnedLeaf = object.text("targetId").flatMap { tree.places[$0] }
    default: break
    }
    if type != "leaf" { pinnedLeaf = nil }
  }

  private mutating func scanHeader(_ object: JSONValue, _ record: NativeRecord) {
    if hasHeader || !nodes.isEmpty {
      log.add(
        "header-once", .warning, record.place,
        "a header that does not come first; \(Dialect.toolName) ignores it")
      return
    }
    hasHeader = true
    head.created = object.time("timestamp")
    head.updated = head.created
    head.workspace = object.text("cwd")
    let version = object["version"]?.int64 ?? 1
    isLinear = version < 2 || Dialect.order == .lines
    models.append(PiModel.named(in: object, at: -1))
    if let parent = object.text("parentSession") ?? object.text("branchedFrom") {
      head.parent = ParentLink(id: Dialect.sessionID(in: parent), kind: .branch)
    }
    head.extras = object.extras(
      of: Dialect.id, except: ["type", "id", "timestamp", "cwd", "provider", "modelId"])
    if version > 3 {
      log.add(
        "version", .warning, record.place, "version \(version) is newer than 3, the last one known")
    }
    if Dialect.order == .parents, record.bytes.count > 512 {
      log.add(
        "header-length", .warning, record.place,
        "the header is longer than 512 bytes; pi --continue does not find the session")
    }
    if let id = object.text("id"), id != file.id {
      log.add("session-id", .info, record.place, "the header names the session \(id)")
    }
  }

  private mutating func addNode(_ object: JSONValue, _ type: String, _ record: NativeRecord) {
    var id = object.text("id")
    var parent = object.text("parentId")
    let isUnknown = parent.map { tree.places[$0] == nil } ?? false
    if isLinear || isUnknown && Dialect.order == .parentsOrLines { parent = tree.ids.last ?? nil }
    // Version 1 has no identifiers: Pi gives each line one.
    if isLinear, Dialect.order != .lines { id = id ?? "line \(record.number)" }
    if id == nil {
      log.add(
        "entry-id", .error, record.place,
        "the entry has no id; \(Dialect.toolName) cannot link to it")
    } else if !tree.add(id: id, parent: parent) {
      log.add(
        "entry-id-unique", .error, record.place,
        "an earlier entry has the same id; \(Dialect.toolName) uses this one")
    }
    if id == nil { tree.add(id: nil, parent: parent) }
    if let parent, tree.places[parent] == nil {
      log.add(
        "parent-first", .error, record.place,
        "no earlier entry is the parent \(parent); \(Dialect.toolName) does not see what came before"
      )
    } else if parent == nil, !nodes.isEmpty {
      log.add(
        "one-root", .warning, record.place,
        "a second entry without a parent; \(Dialect.toolName) shows several roots")
    }
    let isMessage = ["message", "custom_message", "branch_summary"].contains(type)
    if isMessage { head.messageCount = (head.messageCount ?? 0) + 1 }
    nodes.append(Node(line: record.number, isMessage: isMessage))
    if Dialect.order == .lines, isMessage || type == "compaction" { addMessage(object, record) }
  }

  /// Takes note of a message that has an identifier of its own.
  private mutating func addMessage(_ object: JSONValue, _ record: NativeRecord) {
    guard let id = object["message"]?.text("id") else {
      log.add(
        "message-id", .error, record.place,
        "the message has no id; \(Dialect.toolName) ignores it")
      return
    }
    nodes[nodes.count - 1].message = id
    if messagePlaces.updateValue(nodes.count - 1, forKey: id) != nil {
      log.add(
        "message-id-unique", .warning, record.place,
        "an earlier message has the same id; \(Dialect.toolName) uses this one")
    }
  }

  /// Takes the tool's own list of the messages that it uses.
  private mutating func use(_ context: [String]) {
    let wanted = Set(context)
    for id in context where messagePlaces[id] == nil {
      log.add(
        "context", .warning, .file(path: file.name),
        "the list of messages in use names \(id), which is not there")
    }
    let path = Set(messagePlaces.filter { wanted.contains($0.key) }.values)
    compaction = compactions.last { path.contains($0.place) }?.place
    keptPath = path.filter { $0 < compaction ?? 0 }
    for place in nodes.indices {
      nodes[place].isUsed = path.contains(place) && place >= compaction ?? 0
    }
  }

  private mutating func scan(_ message: JSONValue, _ object: JSONValue, _ record: NativeRecord) {
    if let time = object.time("timestamp"), head.updated.map({ $0 < time }) ?? true {
      head.updated = time
    }
    switch message.text("role") {
    case "user":
      guard firstPrompt == nil else { return }
      for case .text(let text) in content.blocks(message["content"]) {
        firstPrompt = String(text.text.string.prefix(200))
        break
      }
    case "assistant":
      models.append((nodes.count - 1, message.text("provider"), message.text("model")))
      if let usage = PiContent.usage(message["usage"]) {
        head.usage = head.usage.map { $0.adding(usage) } ?? usage
      } else if Dialect.order == .parents {
        log.add(
          "usage", .error, record.place,
          "the answer states no usage; the statistics of \(Dialect.toolName) need it")
      }
    default: break
    }
  }

  mutating func finishScan() {
    Dialect.describe(&head, by: file)
    Dialect.check(file, &log)
    if !hasHeader, nodes.isEmpty {
      log.add("header", .error, .file(path: file.name), "the file holds no session")
    }
    guard !nodes.isEmpty else { return }
    messagesAbove = tree.nearest { nodes[$0].isMessage }
    let (path, isCircle) = tree.path(to: pinnedLeaf ?? nodes.count - 1)
    if isCircle {
      log.add(
        "parent-circle", .error, .file(path: file.name),
        "entries are their own ancestors; \(Dialect.toolName) hangs"
      )
    }
    for place in path { nodes[place].isUsed = true }
    // A clearing takes away what came before it, a compaction all but what it keeps.
    if let reset = resets.last(where: { nodes[$0].isUsed }) {
      for place in path.prefix(while: { $0 != reset }) { nodes[place].isUsed = false }
    }
    if let last = compactions.last(where: { nodes[$0.place].isUsed }),
      let position = path.firstIndex(of: last.place)
    {
      compaction = last.place
      let first =
        last.kept.flatMap { tree.places[$0] }
        ?? last.index.flatMap { index in nodes.firstIndex { Int64($0.line - 1) == index } }
      if let first, path[..<position].contains(first) {
        keptFrom = first
      } else if last.kept != nil, last.kept != PiEncoder<Dialect>.keepsNothing {
        log.add(
          "kept-entry", .warning, .file(path: file.name),
          "the first entry that the compaction keeps does not come before it; \(Dialect.toolName) keeps none"
        )
      }
      for place in path[..<position] { nodes[place].isUsed = false }
    }
    let used = Set(path)
    for (place, provider, model) in models where place < 0 || used.contains(place) {
      if let provider, provider != ModelProvider.unknown { head.providerKey = provider }
      if let model, model != ModelProvider.unknown { head.model = model }
    }
    keptPath = keptFrom.flatMap { path.firstIndex(of: $0) }.map { Set(path[$0...]) } ?? []
    if let context = Dialect.context(of: file), !context.isEmpty { use(context) }
  }

  /// The entries of the path from the first that is kept on.
  private var keptPath: Set<Int> = []

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    let type = object.text("type") ?? ""
    if type == "session" { return [Entry(.headChange(head))] }
    if type == "title" { return [Entry(event(object, type))] }
    place += 1
    guard place < nodes.count else { return [] }
    let isUsed = nodes[place].isUsed
    switch type {
    case "message", "custom_message", "branch_summary":
      guard var message = content.message(object, type) else { return [] }
      message.id = object.text("id")
      if Dialect.order == .lines {
        message.id = nodes[place].message
        message.extras.removeAll { $0.key == "id" }
      }
      if !isLinear, let above = messagesAbove[place] { message.parent = tree.ids[above] }
      if let compaction, place < compaction, keptPath.contains(place) { kept.append(message) }
      let isSent = object["message"]?["excludeFromContext"]?.bool != true
      return [Entry(.message(message), isEffective: isUsed && isSent)]
    case "compaction": return [checkpoint(object, isUsed: isUsed)]
    case "model_change" where Dialect.order != .lines:
      var changed = head
      let named = PiModel.named(in: object, at: place)
      changed.providerKey = named.provider ?? head.providerKey
      changed.model = named.model ?? head.model
      return [Entry(.headChange(changed))]
    case "session_info" where Dialect.order != .lines, "title_change":
      var changed = head
      let title = object.text("name") ?? object.text("title")
      changed.title = title.flatMap { $0.isEmpty ? nil : $0 }
      return [Entry(.headChange(changed))]
    case "model_change", "session_info", "thinking_level_change", "custom", "label",
      "active_tools_change", "leaf",
      "reset_boundary", "service_tier_change", "mode_change", "session_init", "ttsr_injection":
      return [Entry(event(object, type), isEffective: isUsed)]
    default: return []
    }
  }

  private func event(_ object: JSONValue, _ type: String) -> Entry.Content {
    .event(
      EventRecord(
        format: Dialect.id, kind: type, id: object.text("id"), time: object.time("timestamp"),
        data: RawJSON(object.raw)))
  }

  private mutating func checkpoint(_ object: JSONValue, isUsed: Bool) -> Entry {
    let time = object.time("timestamp")
    var messages = [
      Message(
        role: .user, blocks: [.text(Block.Text(object["summary"]?.string ?? ""))], time: time,
        flags: .compactionSummary)
    ]
    let isInForce = isUsed && place == compaction
    if isInForce {
      let tail = object["retainedTail"].map { tail in
        tail.elements.compactMap { content.message(content: $0, time: nil) }
      }
      for var message in tail ?? kept {
        message.flags.insert(.compactionTail)
        message.id = nil
        message.parent = nil
        messages.append(message)
      }
      kept = []
    }
    return Entry(
      .checkpoint(
        Checkpoint(
          messages: messages, time: time,
          extras: object.extras(
            of: Dialect.id, except: ["type", "parentId", "timestamp", "summary"]))),
      isEffective: isInForce)
  }
}

/// The model that a record names.
enum PiModel {
  /// Pi names provider and model apart, Oh My Pi as `provider/model`.
  static func named(in object: JSONValue, at place: Int)
    -> (place: Int, provider: String?, model: String?)
  {
    guard let both = object.text("model") else {
      return (place, object.text("provider"), object.text("modelId"))
    }
    let parts = both.split(separator: "/", maxSplits: 1).map(String.init)
    return parts.count == 2 ? (place, parts[0], parts[1]) : (place, nil, both)
  }
}
