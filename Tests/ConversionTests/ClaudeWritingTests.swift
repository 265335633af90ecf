import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// What is written obeys the rules for writers, seen through a reader that is not ours.
@Suite struct ClaudeWritingTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var format: String
    var path: String
    var testDescription: String { "\(format) \(path.dropFirst(Fixtures.root.count + 1))" }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    for format in ["ggcode", "canonical"] {
      let folder = Fixtures.root + "/" + format
      for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted() {
        let path = folder + "/" + name
        let inside = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if let input = inside.sorted().first(where: { $0.hasPrefix("input") }) {
          cases.append(Case(format: format, path: "\(folder)/\(name)/\(input)"))
        }
      }
    }
    cases.append(Case(format: "ggcode", path: Fixtures.root + "/ggcode/store"))
    for name in ["base-small", "head-v46", "seed-v7", "fts-stale"] {
      cases.append(
        Case(format: "term-llm", path: Fixtures.root + "/term-llm/store/\(name).db"))
    }
    return cases
  }()

  @Test(arguments: cases)
  func `what is written obeys the rules for writers`(_ test: Case) async throws {
    let folder = try TemporaryFolder()
    try await Self.convert(test.path, test.format, to: folder.path, "claude-code")
    for file in try ClaudeSessionFile.all(in: folder.path("projects")) {
      check(place: file)
      check(graph: file)
      check(content: file)
      check(turns: file)
      let kinds = Set(file.records.compactMap { $0["type"] as? String })
      let known: Set = [
        "user", "assistant", "system", "custom-title", "ai-title", "tag", "last-prompt",
        "carryover",
      ]
      #expect(kinds.isSubset(of: known))
    }
  }

  func check(place file: ClaudeSessionFile) {
    #expect(UUID(uuidString: file.stem) != nil)
    #expect(file.records.allSatisfy { $0["sessionId"] as? String == file.stem })
    let status = try? FileManager.default.attributesOfItem(atPath: file.path)
    #expect((status?[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    guard let first = file.graph.first else { return }
    let workspace = first["cwd"] as? String ?? ""
    let key = workspace.utf16.map { unit -> Character in
      let isKept = (48...57).contains(unit) || (65...90).contains(unit) || (97...122).contains(unit)
      return isKept ? Character(Unicode.Scalar(UInt8(unit))) : "-"
    }
    #expect(file.folder == String(key))
    // Listed: the first line has a folder and is no side conversation, and there is a title.
    let (head, tail) = file.ends
    #expect(head.contains("\"cwd\":\""))
    let line = head.prefix { $0 != "\n" }
    #expect(line.hasPrefix("{\"parentUuid\":null,\"isSidechain\":false") || line.isEmpty)
    let isTitled = tail.contains("\"customTitle\":\"") || tail.contains("\"aiTitle\":\"")
    #expect(isTitled || head.contains("\"type\":\"user\""))
  }

  func check(graph file: ClaudeSessionFile) {
    let ids = file.graph.compactMap { $0["uuid"] as? String }
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy { UUID(uuidString: $0) != nil })
    let known = Set(ids)
    for record in file.graph {
      if let parent = record["parentUuid"] as? String { #expect(known.contains(parent)) }
    }
    let chain = file.chain
    let roots = chain.filter { $0["parentUuid"] is NSNull }
    #expect(roots.count == (chain.isEmpty ? 0 : 1))
    let times = chain.compactMap { $0["timestamp"] as? String }
    #expect(times == times.sorted())
    #expect(times.count == chain.count)
  }

  func check(content file: ClaudeSessionFile) {
    for record in file.chain {
      guard let message = record["message"] as? [String: Any] else { continue }
      if let text = message["content"] as? String {
        #expect(!text.isEmpty)
        continue
      }
      let blocks = message["content"] as? [[String: Any]] ?? []
      #expect(!blocks.isEmpty)
      let isAssistant = message["role"] as? String == "assistant"
      let model = (message["model"] as? String ?? "").lowercased()
      for block in blocks {
        let keys = Set(block.keys).subtracting(["type"])
        switch block["type"] as? String {
        case "text":
          #expect(!(block["text"] as? String ?? "").isEmpty && keys == ["text"])
        case "thinking":
          #expect(isAssistant && block["signature"] as? String == "imported")
          #expect(!model.contains("claude"))
        case "tool_use":
          #expect(isAssistant && block["input"] is [String: Any])
          #expect(Self.isName(block["name"]) && Self.isName(block["id"]))
        case "tool_result":
          #expect(!isAssistant && keys.isSubset(of: ["tool_use_id", "content", "is_error"]))
        case "image", "document": #expect(!isAssistant)
        case "server_tool_use", "web_search_tool_result": #expect(isAssistant)
        default: Issue.record("a block of type \(block["type"] ?? "none")")
        }
      }
    }
  }

  static func isName(_ value: Any?) -> Bool {
    guard let text = value as? String, (1...64).contains(text.utf8.count) else { return false }
    return text.range(of: "^[a-zA-Z0-9_-]+$", options: .regularExpression) != nil
  }

  func check(turns file: ClaudeSessionFile) {
    var used: Set<String> = []
    let turns = file.turns
    for (number, turn) in turns.enumerated() {
      let calls = turn.blocks.compactMap {
        $0["type"] as? String == "tool_use" ? $0["id"] as? String : nil
      }
      for call in calls { #expect(used.insert(call).inserted) }
      let results = turn.blocks.compactMap { $0["tool_use_id"] as? String }
      if turn.role == "user" {
        let before = number > 0 ? turns[number - 1].blocks : []
        let asked = before.compactMap { $0["id"] as? String }
        #expect(Set(results) == Set(asked) && results.count == asked.count)
      } else if !calls.isEmpty {
        #expect(number + 1 < turns.count && turns[number + 1].role == "user")
      }
    }
  }

  // MARK: Going back

  @Test(arguments: cases)
  func `it comes back byte for byte`(_ test: Case) async throws {
    let folder = try TemporaryFolder()
    let there = try await Self.convert(test.path, test.format, to: folder.path("c"), "claude-code")
    let written = Set(there.sessions.filter { $0.status == .written }.map(\.source))
    let profile = test.path.hasSuffix("seed-v7.db") ? "7" : nil
    let name = test.format == "term-llm" ? "back.db" : "back"
    let back = try await Self.convert(
      folder.path("c"), "claude-code", to: folder.path(name), test.format, profile: profile)
    for session in back.sessions where written.contains(session.target ?? "") {
      if session.failure?.code == .notExpressible { continue }
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      let isEmpty = session.entries.total == 0
      #expect(session.fidelity == .exact || isEmpty, "\(session.source): \(session.losses)")
    }
    let again = try await Self.convert(
      test.path, test.format, to: folder.path("c"), "claude-code")
    #expect(again.sessions.allSatisfy { $0.status != .written })
  }

  static let natives: [String] = {
    let folder = Fixtures.root + "/claude-code"
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }()

  @Test(arguments: natives, ["canonical", "ggcode", "term-llm"])
  func `a session comes back byte for byte`(_ name: String, through middle: String) async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/claude-code/\(name)/input"
    let between = folder.path(middle == "term-llm" ? "between.db" : "between")
    let there = try await Self.convert(source, "claude-code", to: between, middle)
    #expect(there.sessions.allSatisfy { $0.status == .written && $0.fidelity != .lossy })
    let back = try await Self.convert(between, middle, to: folder.path("back"), "claude-code")
    #expect(back.sessions.allSatisfy { $0.status == .written && $0.fidelity == .exact })
    try compare(source, folder.path("back"))
  }

  @Test(arguments: natives)
  func `a copy has the same bytes in the same place`(_ name: String) async throws {
    guard name != "name-not-uuid" else { return }
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/claude-code/\(name)/input"
    let copy = try await Self.convert(source, "claude-code", to: folder.path, "claude-code")
    #expect(copy.sessions.allSatisfy { $0.status == .written && $0.fidelity == .exact })
    try compare(source, folder.path)
  }

  func compare(_ source: String, _ copy: String) throws {
    let names = FileManager.default.enumerator(atPath: source)?.compactMap { $0 as? String } ?? []
    for file in names where file.hasSuffix(".jsonl") {
      let original = try readFile(source + "/" + file)
      let returned = try readFile(copy + "/" + file)
      let isSame = original == returned
      #expect(isSame, "\(file)")
    }
  }

  @Test func `new turns are added to the old bytes natively`() async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/claude-code/thinking/input"
    _ = try await Self.convert(source, "claude-code", to: folder.path("g"), "ggcode")
    let name = "0c0ffee0-0000-4000-8000-000000000001.jsonl"
    let middle = folder.path("g/" + name)
    var lines = try readFile(middle)
    lines += Array(
      """
      {"type":"message","session_id":"0c0ffee0-0000-4000-8000-000000000001","created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","message":{"role":"user","content":[{"type":"text","text":"And now?"}]}}
      {"type":"message","session_id":"0c0ffee0-0000-4000-8000-000000000001","created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","message":{"role":"assistant","content":[{"type":"text","text":"Now this."}]}}

      """.utf8)
    try Data(lines).write(to: URL(fileURLWithPath: middle))
    let back = try await Self.convert(
      folder.path("g"), "ggcode", to: folder.path("b"), "claude-code")
    #expect(back.sessions.first?.status == .written, "\(back.sessions.first?.reason ?? "")")
    let original = try readFile(source + "/projects/-home-dev-app/" + name)
    let path = folder.path("b/projects/-home-dev-app/" + name)
    let returned = try readFile(path)
    let isKept = returned.starts(with: original)
    #expect(isKept)
    let chain = try ClaudeSessionFile(path: path).chain
    #expect(chain.count == 5)
    #expect((chain[4]["message"] as? [String: Any])?["role"] as? String == "assistant")
    #expect(chain[3]["parentUuid"] as? String == chain[2]["uuid"] as? String)
  }

  @Test func `a lost side file is said, and the session is converted as it is`() async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/ggcode/minimal/input"
    _ = try await Self.convert(source, "ggcode", to: folder.path("c"), "claude-code")
    let names = FileManager.default.enumerator(atPath: folder.path("c"))?.compactMap {
      $0 as? String
    }
    let side = try #require(names?.first { $0.hasSuffix(".ndjson") })
    try FileManager.default.removeItem(atPath: folder.path("c/" + side))
    let back = try await Self.convert(
      folder.path("c"), "claude-code", to: folder.path("g"), "ggcode")
    let session = try #require(back.sessions.first)
    #expect(session.status == .written)
    #expect(session.findings.contains { $0.rule == "claude-code.carry-lost" })
  }

  @Test func `a sub-agent that is written beside its session names it`() async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/claude-code/sub-agent-sibling/input"
    try await Self.convert(source, "claude-code", to: folder.path("c"), "canonical", carries: false)
    try await Self.convert(folder.path("c"), "canonical", to: folder.path("back"), "claude-code")
    func ids(_ path: String) throws -> [String] {
      try ClaudeCode().open(path, options: ReadOptions()).list().map(\.id)
    }
    #expect(try ids(folder.path("back")) == ids(source))
  }

  // MARK: Records that grant

  @Test func `a copy says what resuming would bring into force`() async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/claude-code/grants/input"
    let copy = try await Self.convert(source, "claude-code", to: folder.path, "claude-code")
    let finding = try #require(
      copy.sessions.first?.findings.first { $0.rule == "claude-code.grants" })
    #expect(finding.severity == .warning)
    for kind in ["permission-mode 1", "prompt_snapshot 1", "command_permissions 1"] {
      #expect(finding.message.contains(kind))
    }
  }

  @Test func `they are left out when asked, and the conversation stays whole`() async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/claude-code/grants/input"
    let format = ClaudeCode()
    let report = try await StoreConversion(
      from: format, at: source, to: format, at: folder.path,
      writeOptions: WriteOptions(isDurable: false, stripsSettings: true)
    ).run()
    #expect(report.sessions.first?.status == .written)
    let file = try #require(try ClaudeSessionFile.all(in: folder.path("projects")).first)
    #expect(file.records.compactMap { $0["type"] as? String } == ["user", "assistant"])
    #expect(file.chain.count == 2)
  }

  @Test(arguments: ["canonical", "ggcode", "term-llm"])
  func `they never come from another format`(_ middle: String) async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/claude-code/grants/input"
    let between = folder.path(middle == "term-llm" ? "m.db" : "m")
    _ = try await Self.convert(source, "claude-code", to: between, middle, carries: false)
    _ = try await Self.convert(between, middle, to: folder.path("back"), "claude-code")
    let file = try #require(try ClaudeSessionFile.all(in: folder.path("back/projects")).first)
    let kinds = Set(file.records.compactMap { $0["type"] as? String })
    #expect(kinds.isSubset(of: ["user", "assistant", "custom-title", "tag", "carryover"]))
    let text = String(decoding: file.bytes, as: UTF8.self)
    for word in ["bypassPermissions", "Obey.", "allowedTools", "prompt_snapshot"] {
      let own = text.split(separator: "\n").filter { !$0.hasPrefix("{\"type\":\"carryover\"") }
      #expect(!own.contains { $0.contains(word) }, "\(word)")
    }
  }

  @discardableResult
  static func convert(
    _ from: String, _ format: String, to: String, _ target: String, profile: String? = nil,
    carries: Bool = true
  ) async throws -> ConversionReport {
    let source = try #require(Registry.format(format))
    let writable = try #require(Registry.format(target) as? any WritableSessionFormat)
    var options = ConversionOptions()
    options.carries = carries
    return try await StoreConversion(
      from: source, at: from, to: writable, at: to,
      writeOptions: WriteOptions(profile: profile, isDurable: false), options: options
    ).run()
  }
}
