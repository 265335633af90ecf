import Conversion
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// What is written for Codex obeys the rules of its files, checked without our own reader.
@Suite struct CodexWrittenTests {
  static let cases = FixtureCase.all.filter { $0.format != "codex" }

  /// Types that a conversion never writes: they set what the program may do, or hold its state.
  static let forbiddenLines: Set<String> = ["turn_context", "world_state", "token_usage_record"]
  static let knownItems: Set<String> = [
    "message", "function_call", "function_call_output", "custom_tool_call",
    "custom_tool_call_output", "reasoning",
  ]

  @Test(arguments: cases)
  func `a rollout obeys the writer's rules`(_ fixture: FixtureCase) async throws {
    let folder = try TemporaryFolder()
    let home = folder.path("home")
    let report = try await convert(fixture.input, fixture.format, to: home, "codex")
    let written = Set(report.sessions.filter { $0.status == .written }.compactMap(\.target))
    let sessions = URL(fileURLWithPath: home)
    guard let files = FileManager.default.enumerator(at: sessions, includingPropertiesForKeys: nil)
    else { return }
    var found: Set<String> = []
    for case let file as URL in files where file.pathExtension == "jsonl" {
      guard file.lastPathComponent.hasPrefix("rollout-") else { continue }
      found.insert(try check(file))
    }
    #expect(found == written)
  }

  /// Checks one file; gives its thread.
  func check(_ file: URL) throws -> String {
    let name = file.deletingPathExtension().lastPathComponent
    let parts = try #require(
      try #/^rollout-(\d{4})-(\d\d)-(\d\d)T\d\d-\d\d-\d\d-([0-9a-f-]{36})$/#.wholeMatch(in: name))
    let thread = String(parts.4)
    #expect(UUID(uuidString: thread) != nil)
    let path = file.path
    #expect(
      path.contains("/sessions/\(parts.1)/\(parts.2)/\(parts.3)/")
        || path.contains("/archived_sessions/"))
    let data = try Data(contentsOf: file)
    #expect(data.last == 0x0A)
    let text = try #require(String(data: data, encoding: .utf8))
    var walk = Walk()
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .enumerated()
    {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      #expect(object["timestamp"] is String)
      #expect(object["ordinal"] == nil)
      let type = try #require(object["type"] as? String)
      let payload = try #require(object["payload"] as? [String: Any])
      #expect((type == "session_meta") == (index == 0))
      if index == 0 { checkMeta(payload, thread) } else { walk.check(type, payload) }
    }
    #expect(walk.turn == nil, "the last turn is not ended")
    return thread
  }

  func checkMeta(_ payload: [String: Any], _ thread: String) {
    for name in ["id", "timestamp", "cwd", "originator", "cli_version"] {
      #expect(payload[name] is String, "\(name)")
    }
    #expect(payload["id"] as? String == thread)
    #expect(payload["model_provider"] as? String == "openai")
    if payload["thread_source"] as? String == "subagent" {
      let source = payload["source"] as? [String: [String: [String: Any]]]
      let parent = source?["subagent"]?["thread_spawn"]?["parent_thread_id"] as? String
      #expect(parent != nil && parent == payload["parent_thread_id"] as? String)
    } else {
      #expect(payload["source"] as? String == "cli")
    }
    for name in ["base_instructions", "dynamic_tools", "history_mode", "instructions"] {
      #expect(payload[name] == nil, "\(name)")
    }
  }

  /// Follows both logs.
  struct Walk {
    var turn: String?
    var turns: Set<String> = []
    var calls: [String: String] = [:]

    mutating func check(_ type: String, _ payload: [String: Any]) {
      #expect(!CodexWrittenTests.forbiddenLines.contains(type))
      switch type {
      case "event_msg": checkEvent(payload)
      case "response_item":
        #expect(turn != nil, "an item outside a turn")
        checkItem(payload)
      case "compacted":
        #expect(payload["message"] is String)
        #expect(payload["replacement_history"] is [[String: Any]])
        for item in payload["replacement_history"] as? [[String: Any]] ?? [] { checkItem(item) }
      default: #expect(type == "carryover")
      }
    }

    mutating func checkEvent(_ payload: [String: Any]) {
      switch payload["type"] as? String {
      case "task_started":
        #expect(turn == nil, "a turn inside a turn")
        turn = payload["turn_id"] as? String
        #expect(turns.insert(turn ?? "").inserted)
      case "task_complete":
        #expect(turn != nil && payload["turn_id"] as? String == turn)
        turn = nil
      case "user_message", "agent_message": #expect(payload["message"] is String)
      case "agent_reasoning": #expect(payload["text"] is String)
      case "context_compacted": break
      case "mcp_tool_call_end": checkShown(payload)
      default: Issue.record("event \(payload["type"] ?? "")")
      }
    }

    /// What the program draws of a call: it needs all of these to read the line.
    func checkShown(_ payload: [String: Any]) {
      let id = payload["call_id"] as? String ?? ""
      #expect(calls[id] != nil, "nobody called \(id)")
      let invocation = payload["invocation"] as? [String: Any]
      #expect(invocation?["server"] is String && invocation?["tool"] is String)
      let duration = payload["duration"] as? [String: Int]
      #expect(duration?.keys.sorted() == ["nanos", "secs"])
      let result = (payload["result"] as? [String: [String: Any]])?["Ok"]
      #expect(result?["isError"] is Bool)
      let content = result?["content"] as? [[String: String]]
      #expect(content?.count == 1 && content?.first?["type"] == "text")
      #expect((content?.first?["text"]?.unicodeScalars.count ?? .max) <= 2_001)
    }

    mutating func checkItem(_ payload: [String: Any]) {
      let type = payload["type"] as? String ?? ""
      #expect(CodexWrittenTests.knownItems.contains(type), "\(type)")
      #expect(payload["encrypted_content"] == nil, "reasoning of another provider")
      switch type {
      case "message":
        #expect(["user", "assistant", "developer"].contains(payload["role"] as? String))
        for part in payload["content"] as? [[String: Any]] ?? [] {
          let isText = part["text"] is String
          let isPicture = (part["image_url"] as? String)?.hasPrefix("data:") ?? false
          #expect(isText || isPicture)
        }
      case "function_call", "custom_tool_call":
        let id = payload["call_id"] as? String ?? ""
        #expect((1...64).contains(id.utf8.count))
        #expect(calls.updateValue(type, forKey: id) == nil, "the call \(id) twice")
        if type == "function_call" {
          let arguments = payload["arguments"] as? String ?? "missing"
          // Foundation reads 512 levels.
          let isDeep = arguments.utf8.prefix(1_200).count { $0 == UInt8(ascii: "[") } > 500
          #expect(
            isDeep
              || (try? JSONSerialization.jsonObject(
                with: Data(arguments.utf8), options: .fragmentsAllowed)) != nil
          )
        }
      case "function_call_output", "custom_tool_call_output":
        #expect(payload["output"] is String || payload["output"] is [[String: Any]])
        if let call = calls[payload["call_id"] as? String ?? ""] {
          #expect(type == call + "_output")
        }
      default: break
      }
    }
  }
}
