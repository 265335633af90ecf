import FileIO
import JSONText
import SessionModel
import Synchronization
import TestSupport

import Testing

@testable import GGCodeStore

/// Carries out recorded calls on a store and collects the answers.
final class SequenceReplay {
  let store: JSONLStore
  private let clock = Mutex(Timestamp.goZero)
  private var sessions: [String: Session] = [:]
  private(set) var answers: [PlainJSON] = []

  init(
    directory: String, profile: JSONLStore.Profile, repeatsDataLoss: Bool = true
  ) throws {
    let box = ClockBox()
    var options = JSONLStore.Options()
    options.profile = profile
    options.repeatsDataLoss = repeatsDataLoss
    options.isDurable = false
    options.now = { box.now }
    self.box = box
    store = try JSONLStore(directory: directory, options: options)
  }

  private let box: ClockBox

  final class ClockBox: Sendable {
    private let time = Mutex(Timestamp.goZero)
    var now: Timestamp { time.withLock { $0 } }
    func set(_ value: Timestamp) { time.withLock { $0 = value } }
  }

  func run(_ line: [UInt8]) async throws {
    let op = try JSONDocument(line, limits: .go).root
    let name = op["op"]?.string?.string ?? ""
    do {
      try await perform(name, op)
    } catch let error as StoreError {
      var answer: [String: PlainJSON] = [
        "error": .string(error.description), "op": .string(name),
      ]
      for key in ["h", "id"] where key == "h" {
        if let value = op[name: key]?.string { answer[key] = .string(value.string) }
      }
      answers.append(.object(answer))
    }
  }

  private func answer(_ name: String, _ handle: String?, _ members: [String: PlainJSON]) {
    var members = members
    members["op"] = .string(name)
    if let handle { members["h"] = .string(handle) }
    answers.append(.object(members))
  }

  private func perform(_ name: String, _ op: JSONValue) async throws {
    let handle = op["h"]?.string?.string
    let session = handle.flatMap { sessions[$0] } ?? Session(id: "")
    func text(_ key: String) -> String { op[name: key]?.string?.string ?? "" }
    func change(_ body: (inout Session) throws -> Void) throws {
      var changed = session
      defer { if let handle { sessions[handle] = changed } }
      try body(&changed)
    }
    switch name {
    case "clock":
      box.set(try #require(Timestamp(rfc3339: text("at"))))
    case "new":
      var session = newSession(
        vendor: text("vendor"), endpoint: text("endpoint"), model: text("model"), now: box.now)
      session.workspace = "/"
      if op["id"] != nil { session.id = text("id") }
      if let set = op["set"] { try session.set(set) }
      if let handle { sessions[handle] = session }
    case "adopt":
      // A session that cannot be loaded is known by its identifier alone.
      var session =
        (try? store.load(text("id")))
        ?? Session(id: text("id"), createdAt: box.now, updatedAt: box.now)
      if let set = op["set"] { try session.set(set) }
      if let handle { sessions[handle] = session }
    case "set": try change { if let set = op["set"] { try $0.set(set) } }
    case "cost": try change { $0.cost = RawJSON(text("cost")) }
    case "save": try change { try store.save(&$0) }
    case "ensure_meta": try store.ensureMeta(session)
    case "meta": try store.appendMetaToDisk(session)
    case "append":
      let message = try Message(json: RawJSON(try #require(op["msg"]).raw))
      if op["todisk"]?.bool == true {
        try store.appendMessageToDisk(message, of: session)
      } else {
        try change { try store.appendMessage(message, to: &$0) }
      }
    case "usage":
      try store.appendUsageEntry(try UsageEntry(json: #require(op["usage"])), of: session)
    case "metric":
      try store.appendMetric(try MetricEvent(json: #require(op["metric"])), of: session)
    case "tunnel":
      try store.appendTunnelEventToDisk(
        try TunnelEvent(json: #require(op["event"])), of: session)
    case "checkpoint":
      let tokens = op["tokens"]?.int64 ?? 0
      if op["summary"] != nil || op["last"] != nil {
        try change {
          try store.appendCheckpoint(
            summaryMessage: text("summary"), lastMessage: text("last"), tokenCount: tokens, to: &$0)
        }
        return
      }
      let messages = try op["msgs"].map { try Message.list($0) } ?? []
      if op["todisk"]?.bool == true {
        try store.appendCheckpointToDisk(messages, tokenCount: tokens, of: session)
      } else {
        try change { try store.appendCheckpoint(messages, tokenCount: tokens, to: &$0) }
      }
    case "load":
      let loaded = try store.load(text("id"))
      if let handle { sessions[handle] = loaded }
      try answerState(name, handle, loaded)
    case "state": try answerState(name, handle, session)
    case "add_usage":
      try change {
        $0.addUsage(
          try UsageEntry(json: #require(op["usage"])).usage, forVendor: text("vendor"),
          endpoint: text("endpoint"))
      }
    case "add_metric":
      try change {
        $0.appendMetric(
          try MetricEvent(json: #require(op["metric"])), forVendor: text("vendor"),
          endpoint: text("endpoint"))
      }
    case "rebuild": try change { $0.rebuildEndpointStats() }
    case "usage_for":
      try change {
        let usage = $0.usage(forVendor: text("vendor"), endpoint: text("endpoint"))
        answer(name, handle, ["usage": usage.plain])
      }
    case "metrics_for":
      try change {
        let metrics = $0.metrics(forVendor: text("vendor"), endpoint: text("endpoint"))
        var copy = Session(id: "")
        copy.metrics = metrics
        let list = try PlainJSON(copy.json(profile: store.options.profile).bytes)["metrics"]
        answer(name, handle, ["metrics": list ?? .null])
      }
    case "key":
      answer(
        name, nil,
        ["key": .string(endpointStatsKey(vendor: text("vendor"), endpoint: text("endpoint")))])
    case "list":
      let list = try store.list()
      await store.finishMaintenance()
      answer(name, nil, ["list": .array(try list.map { try $0.plain(store) })])
    case "cleanup":
      let count = try store.cleanup(olderThan: try #require(Timestamp(rfc3339: text("at"))))
      await store.finishMaintenance()
      answer(name, nil, ["removed": .number("\(count)")])
    case "delete": try store.delete(text("id"))
    case "export":
      answer(name, nil, ["markdown": .string(try store.exportMarkdown(text("id")))])
    case "write":
      var output = try AtomicOutput(replacing: path(text("file")), permissions: 0o644)
      try output.write(text("data"))
      try output.commit(durable: false)
    case "appendraw":
      try appendToFile(path(text("file")), Array(text("data").utf8), mendingLine: false)
    case "rm": try removeFile(path(text("file")))
    case "cat":
      answer(
        name, nil,
        ["bytes": .string(String(decoding: try readFile(path(text("file"))), as: UTF8.self))])
    case "ls": answer(name, nil, ["files": try listing()])
    default: throw StoreError(.malformed, "unknown call \(name)")
    }
  }

  private func path(_ name: String) -> String { store.directory + "/" + name }

  private func listing() throws -> PlainJSON {
    let files = try listDirectory(store.directory).compactMap { entry -> PlainJSON? in
      guard let status = try FileStatus(path: path(entry.name)) else { return nil }
      let mode = (0..<9).reversed().map { bit in
        status.permissions >> UInt32(bit) & 1 == 1 ? ["x", "w", "r"][bit % 3] : "-"
      }.joined()
      return .string("\(entry.name) -\(mode) \(status.size)")
    }
    return files.isEmpty ? .null : .array(files)
  }

  private func answerState(_ name: String, _ handle: String?, _ session: Session) throws {
    answer(name, handle, ["session": try session.plain(store)])
    answer(name, handle, ["derived": session.derivedValues])
  }
}

extension Session {
  /// The session as the tool's JSON spells it.
  func plain(_ store: JSONLStore) throws -> PlainJSON {
    try PlainJSON(json(profile: store.options.profile).bytes)
  }

  /// The values that the recorded answers derive from a session.
  var derivedValues: PlainJSON {
    var copy = self
    let own = copy.metrics(forVendor: vendor, endpoint: endpoint).count
    let none = copy.metrics(forVendor: "", endpoint: "").count
    return .object([
      "has_user_interaction": .bool(hasUserInteraction),
      "last_turn_index": .number("\(lastTurnIndex(self))"),
      "message_count": .number("\(messages.count)"),
      "metrics_for_empty_endpoint_count": .number("\(none)"),
      "metrics_for_own_endpoint_count": .number("\(own)"),
      "own_endpoint_key": .string(endpointStatsKey(vendor: vendor, endpoint: endpoint)),
      "usage_for_empty_endpoint": copy.usage(forVendor: "", endpoint: "").plain,
      "usage_for_own_endpoint": copy.usage(forVendor: vendor, endpoint: endpoint).plain,
    ])
  }

  /// Takes over members as the tool's JSON decoding of a session would.
  mutating func set(_ value: JSONValue) throws {
    for (key, value) in value.members {
      let text = value.string?.string ?? ""
      switch key.string {
      case "id": id = text
      case "title": title = text
      case "workspace": workspace = text
      case "vendor": vendor = text
      case "endpoint": endpoint = text
      case "model": model = text
      case "preview": preview = text
      case "permission_mode": permissionMode = text
      case "sidebar_visible": sidebarVisible = value.bool
      case "context_window": contextWindow = value.int64 ?? 0
      case "max_tokens": maxTokens = value.int64 ?? 0
      case "created_at": createdAt = try #require(Timestamp(rfc3339: text))
      case "updated_at": updatedAt = try #require(Timestamp(rfc3339: text))
      case "tunnel_events_complete": tunnelEventsComplete = value.bool ?? false
      case "token_usage": tokenUsage = TokenUsage(json: value)
      case "messages": messages = value.isNull ? [] : try Message.list(value)
      case "usage_history": usageHistory = try value.elements.map { try UsageEntry(json: $0) }
      case "metrics": metrics = try value.elements.map { try MetricEvent(json: $0) }
      case "tunnel_events": tunnelEvents = try value.elements.map { try TunnelEvent(json: $0) }
      default: throw StoreError(.malformed, "unknown field \(key)")
      }
    }
  }
}
