import JSONText
import struct SessionModel.Timestamp
import Synchronization
import TestSupport

@testable import TermLLMStore

/// Carries out recorded calls on a store.
final class OperationReplay {
  let store: SQLiteStore
  /// Identifiers that the recording's store made up, and the ones made up here.
  private var identifiers: [(recorded: String, actual: String)] = []

  init(_ store: SQLiteStore) { self.store = store }

  /// A clock that starts as the recorded one did and goes on by a second at each look.
  static func makeClock() -> @Sendable () -> Timestamp {
    let seconds = Mutex<Int64>(1_772_323_200)
    return {
      Timestamp(
        seconds: seconds.withLock {
          $0 += 1; return $0 - 1
        })
    }
  }

  /// What a call answers: a value or an error.
  func run(_ call: JSONValue, recorded: JSONValue) -> (out: PlainJSON, error: String?) {
    var out = PlainJSON.null
    do {
      try perform(call, recorded: recorded, &out)
      return (out, nil)
    } catch {
      return (out, "\(error)")
    }
  }

  /// The recorded answer with the identifiers made up here.
  func expected(_ json: JSONValue) -> PlainJSON {
    var text = String(decoding: json.raw, as: UTF8.self)
    for pair in identifiers {
      text = text.split(separator: pair.recorded, omittingEmptySubsequences: false)
        .joined(separator: pair.actual)
    }
    return (try? PlainJSON(text.utf8)) ?? .null
  }

  private func perform(_ call: JSONValue, recorded: JSONValue, _ out: inout PlainJSON) throws {
    let release = store.release
    func text(_ key: String) -> String { call[name: key]?.string?.string ?? "" }
    func int(_ key: String) -> Int64 { call[name: key]?.int64 ?? 0 }
    let id = text("id")
    switch text("op") {
    case "create":
      var session = try call["session"].map { try Session(recorded: $0) } ?? Session()
      let isNew = session.id.isEmpty
      defer { out = session.recorded(release) }
      try store.create(&session)
      if isNew, let made = recorded["id"]?.string?.string {
        identifiers.append((made, session.id))
      }
    case "update":
      var session = try call["session"].map { try Session(recorded: $0) } ?? Session()
      defer { out = session.recorded(release) }
      try store.update(&session)
    case "get": out = try store.get(id)?.recorded(release) ?? .null
    case "get_by_number": out = try store.getByNumber(int("number"))?.recorded(release) ?? .null
    case "get_by_prefix":
      if let session = try store.getByPrefix(text("text")) {
        out = .object(["id": .string(session.id), "number": .number("\(session.number)")])
      }
    case "delete": try store.delete(id)
    case "list":
      let list = try store.list(ListOptions(recorded: call["list"]))
      if !list.isEmpty { out = .array(list.map { $0.recorded(release) }) }
    case "list_ids":
      out = .array(try store.list(ListOptions(recorded: call["list"])).map { .string($0.id) })
    case "search":
      let options = SearchOptions(
        text("query"), limit: Int(int("limit")), archived: call["archived"]?.bool ?? false,
        categories: call["categories"]?.elements.compactMap { $0.string?.string } ?? [])
      let results = try store.search(options)
      let isBlank = options.query.allSatisfy(\.isWhitespace)
      if !results.isEmpty || (isBlank && release == .current) {
        out = .array(results.map { $0.recorded(release) })
      }
    case "add":
      var message = try Message(recordedCall: call["message"], release)
      defer {
        out = .object([
          "id": .number("\(message.id)"), "sequence": .number("\(message.sequence)"),
        ])
      }
      try store.addMessage(&message, to: id)
    case "messages":
      out = list(
        try store.getMessages(id, limit: Int(int("limit")), offset: Int(int("offset"))))
    case "messages_from":
      out = list(
        try store.getMessages(id, fromSequence: int("from"), limit: Int(int("limit"))))
    case "messages_desc":
      out = list(
        try store.getMessages(id, beforeSequence: int("from"), limit: Int(int("limit"))))
    case "replace": try store.replaceMessages(messages(call), of: id)
    case "compact": try store.compactMessages(messages(call), of: id)
    case "metrics":
      let numbers = call["ints"]?.elements.compactMap(\.int64) ?? []
      func number(_ index: Int) -> Int64 { numbers.indices.contains(index) ? numbers[index] : 0 }
      try store.updateMetrics(
        id,
        adding: Metrics(
          llmTurns: number(0), toolCalls: number(1), inputTokens: number(2),
          outputTokens: number(3), cachedInputTokens: number(4), cacheWriteTokens: number(5)))
    case "context_estimate":
      let numbers = call["ints"]?.elements.compactMap(\.int64) ?? []
      try store.updateContextEstimate(
        id, totalTokens: numbers.first ?? 0, messageCount: numbers.last ?? 0)
    case "status": try store.updateStatus(id, SessionStatus(rawValue: text("text")))
    case "inc_user_turns": try store.incrementUserTurns(id)
    case "set_current": try store.setCurrent(id)
    case "get_current": out = try store.getCurrent().map { .string($0.id) } ?? .null
    case "clear_current": try store.clearCurrent()
    case "undo":
      try change(&out) { () throws(StoreError) in
        try store.undoLastUserTurn(id, expecting: store.transcriptState(of: id))
      }
    case "redo":
      try change(&out) { () throws(StoreError) in
        try store.redoLastUserTurn(id, expecting: store.transcriptState(of: id))
      }
    case "generated_title":
      try store.updateGeneratedTitle(
        id, short: text("text"), long: text("query"), basisSequence: int("number"))
    case "export":
      var options = ExportOptions()
      options.release = release
      options.includesSystem = call["archived"]?.bool ?? false
      if let session = try store.get(id) {
        out = .string(exportToMarkdown(session, try store.getMessages(id), options))
      }
    default: throw StoreError(.malformed, "unknown call")
    }
  }

  private func list(_ messages: [Message]) -> PlainJSON {
    messages.isEmpty ? .null : .array(messages.map { $0.recorded(store.release) })
  }

  private func messages(_ call: JSONValue) throws -> [Message] {
    try call["messages"]?.elements.map { try Message(recordedCall: $0, store.release) } ?? []
  }

  private func change(
    _ out: inout PlainJSON, _ body: () throws(StoreError) -> TurnChange
  ) throws(StoreError) {
    out = .object(["head_id": .number("0"), "rev": .number("0")])
    let change = try body()
    var members: [String: PlainJSON] = [
      "head_id": .number("\(change.state.headID)"),
      "rev": .number("\(change.state.revision)"),
    ]
    if !change.userText.isEmpty { members["user_text"] = .string(change.userText) }
    out = .object(members)
  }
}

extension Message {
  /// A message of a recorded call; an empty text is filled from the parts.
  init(recordedCall json: JSONValue?, _ release: Release) throws {
    guard let json else { throw StoreError(.malformed, "no message") }
    try self.init(json: json)
    if textContent.isEmpty { textContent = extractTextContent(for: release) }
  }
}

extension ListOptions {
  init(recorded json: JSONValue?) throws {
    self.init()
    guard let json else { return }
    for (key, value) in json.members {
      let text = value.string?.string ?? ""
      switch key.string {
      case "Name": name = text
      case "Provider": provider = text
      case "Model": model = text
      case "Mode": mode = SessionMode(rawValue: text)
      case "Status": status = SessionStatus(rawValue: text)
      case "Tag": tag = text
      case "Archived": archived = value.bool ?? false
      case "Limit": limit = Int(value.int64 ?? 0)
      case "Offset": offset = Int(value.int64 ?? 0)
      case "Categories": categories = value.elements.compactMap { $0.string?.string }
      case "BeforeNumber": beforeNumber = value.int64 ?? 0
      case "SortByActivity": sortsByActivity = value.bool ?? false
      case "SortByNumberDesc": sortsByNumberDescending = value.bool ?? false
      default: throw StoreError(.malformed, "unknown option \(key)")
      }
    }
  }
}
