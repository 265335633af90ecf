import FileIO
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct ClaudeReadingTests {
  /// What the program sends of each session (checked by `scripts/conformance`), in file order.
  static let views: [(name: String, view: [String])] = [
    ("minimal", ["Which seeds are left?", "Only beans."]),
    ("dangling-parent", ["one", "two", "three", "four"]),
    ("no-parents", ["three"]),
    ("two-roots", ["asked again", "answer"]),
    ("cycle", ["one", "two", "three", "four"]),
    ("own-parent", ["one", "two"]),
    ("uuid-twice", ["one", "second spelling", "more", "end"]),
    ("parent-after-child", ["two", "one", "three", "four"]),
    ("branch-later-wins", ["one", "two", "new branch", "new answer"]),
    ("branch-last-prompt", ["one", "two", "kept branch", "kept answer"]),
    ("branch-explicit-leaf", ["one", "two"]),
    ("branch-nil-leaf", ["one", "two", "instead", "new answer"]),
    ("compaction", [compaction, "five", "six"]),
    ("compaction-linear", [compaction, "five", "six"]),
    ("compaction-preserved-messages", [compaction, "four", "five", "six"]),
    ("compaction-preserved-segment", [compaction, "three", "four", "five", "six"]),
    ("compaction-preserved-unknown", [compaction, "five", "six"]),
    ("compaction-preserved-anchorless", [compaction, "five", "six"]),
    ("compaction-twice", ["second summary", "after second", "answer"]),
    ("side-chain-inline", ["Ask a helper.", "Task#toolu_1", "=toolu_1", "A rose."]),
    ("side-chain-in-chain", ["one", "two", "three", "four"]),
    (
      "parallel-tree",
      [
        "Look twice.", "Bash#toolu_1", "Bash#toolu_2", "Bash#toolu_3", "=toolu_2", "=toolu_1",
        "=toolu_3", "Done.",
      ]
    ),
    ("api-error", ["Go.", "Again.", "Gone."]),
    ("local-command", ["one", "two", "<command-name>/rename</command-name>", "three", "four"]),
    ("system-records", ["one", "two", "three", "four"]),
    ("progress-bridge", ["one", "two", "three", "four"]),
    ("malformed-content", ["one", "two", "three", "four"]),
    ("glued-records", ["Which seeds are left?", "Only beans.", "four"]),
    (
      "queued-command",
      ["Boil water.", "Bash#toolu_1", "=toolu_1", "And make it mint tea.", "Mint it is."]
    ),
    ("file-attachment", ["Read @README.md", "file README.md", "Read."]),
    ("duplicate-keys", ["the later one", "Only beans."]),
    ("crlf-and-mark", ["Which seeds are left?", "Only beans."]),
    ("blank-lines", ["Which seeds are left?", "Only beans."]),
    ("spaces", ["Which seeds are left?", "Only beans."]),
  ]
  static let compaction =
    "This session is being continued from a previous conversation. They counted to four."

  @Test(arguments: views.map(\.name))
  func `the effective view is what the program sends`(_ name: String) throws {
    let view = try #require(Self.views.first { $0.name == name }).view
    let read = try ClaudeFixture.read(ClaudeFixture.root + "/\(name)/input")
    #expect(read.effective.map(\.gist) == view)
  }

  static let titles: [(name: String, title: String?)] = [
    ("minimal", "Seeds"), ("titles", "Mine, later"), ("title-empty", "Generated"),
    ("summary-first", "Old title"), ("forked", "one (branch)"),
    ("branch-last-prompt", "kept branch"), ("meta-and-commands", "Now the prompt."),
    ("empty-file", nil),
  ]

  @Test(arguments: titles.map(\.name))
  func `the title is the one that lists show`(_ name: String) throws {
    let title = try #require(Self.titles.first { $0.name == name }).title
    #expect(try ClaudeFixture.read(ClaudeFixture.root + "/\(name)/input").head.title == title)
  }

  @Test(arguments: ClaudeFixture.cases)
  func `origins in order are the file, and only kept damage is an error`(_ name: String) throws {
    let path = ClaudeFixture.root + "/\(name)/input"
    let source = try ClaudeFixture.source(path)
    for summary in try source.sessions() {
      let read = try ClaudeFixture.read(path, summary.id)
      let bytes = read.entries.flatMap { $0.origin.map { Array($0.bytes) } ?? [] }
      let whole = try readFile(summary.path)
      let isSame = bytes == whole
      #expect(isSame, "\(summary.id)")
      let stops = read.findings.filter(\.stopsWriting)
      #expect(stops.isEmpty)
      let isPlaced = read.entries.allSatisfy { $0.origin != nil && $0.place != nil }
      #expect(isPlaced)
    }
  }

  @Test func `usage of a response counts once, on its last record`() throws {
    let read = try ClaudeFixture.read(ClaudeFixture.root + "/streaming-split/input")
    #expect(read.messages.compactMap(\.usage?.output) == [172, 7])
    #expect(read.head.usage?.output == 179)
    #expect(read.head.usage?.input == 14)
  }

  @Test func `a compaction refers to its summary`() throws {
    let read = try ClaudeFixture.read(ClaudeFixture.root + "/compaction/input")
    let checkpoint = try #require(
      read.entries.lazy.compactMap { entry -> Checkpoint? in
        if case .checkpoint(let checkpoint) = entry.content { checkpoint } else { nil }
      }.first)
    let summary = try #require(read.messages.first { $0.flags.contains(.compactionSummary) })
    #expect(checkpoint.summaryMessage == summary.id)
    #expect(checkpoint.lastMessage == read.messages[3].id)
    #expect(checkpoint.tokens == 900)
  }

  @Test(arguments: ["sub-agent", "sub-agent-sibling", "sub-agent-workflow"])
  func `helpers are sessions with a parent`(_ name: String) throws {
    let path = ClaudeFixture.root + "/\(name)/input"
    let ids = try ClaudeFixture.source(path).sessions().map(\.id)
    #expect(ids.count == 2)
    let id = try #require(ids.first { $0.contains("/") })
    let read = try ClaudeFixture.read(path, id)
    #expect(read.head.parent?.kind == .subagent)
    #expect(read.head.parent?.id == ids.first { !$0.contains("/") })
    #expect(read.effective.map(\.gist) == ["Name a flower", "Rose."])
  }

  @Test func `two projects with one identifier are both listed`() throws {
    let source = try ClaudeFixture.source(ClaudeFixture.root + "/two-projects-one-id/input")
    let ids = try source.sessions().map(\.id)
    #expect(Set(ids).count == 2)
    #expect(ids.allSatisfy { $0.contains("@-home-dev-") })
    let findings = try source.storeFindings()
    #expect(findings.contains { $0.rule == "claude-code.session-id-unique" })
  }

  @Test(arguments: [
    ("damaged-lines", "claude-code.line-decodes"), ("glued-records", "claude-code.line-decodes"),
    ("torn-last-line", "claude-code.line-decodes"), ("uuid-twice", "claude-code.uuid-unique"),
    ("cycle", "claude-code.parent-cycle"), ("own-parent", "claude-code.parent-cycle"),
    ("dangling-parent", "claude-code.parent-exists"), ("invalid-utf8", "claude-code.utf8"),
    ("malformed-content", "claude-code.content"), ("ids-odd", "claude-code.uuid"),
  ])
  func `what is wrong is said`(_ name: String, _ rule: String) throws {
    let read = try ClaudeFixture.read(ClaudeFixture.root + "/\(name)/input")
    #expect(read.rules.contains(rule))
  }

  @Test(arguments: [
    ("grants", "claude-code.grants", Severity.warning),
    ("name-not-uuid", "claude-code.session-id", .error),
    ("project-elsewhere", "claude-code.project-folder", .info),
    ("side-chain-first", "claude-code.first-record", .warning),
    ("no-conversation", "claude-code.resumable", .warning),
    ("side-files", "claude-code.side-files", .info),
  ])
  func `the format's rules find it`(_ name: String, _ rule: String, _ severity: Severity) throws {
    let source = try ClaudeFixture.source(ClaudeFixture.root + "/\(name)/input")
    let first = try source.sessions().first
    let findings = try source.findings(of: #require(first).id)
    let finding = try #require(findings.first { $0.rule == rule })
    #expect(finding.severity == severity)
  }

  @Test func `a store, its projects folder, a project and a file are all recognised`() {
    let input = ClaudeFixture.root + "/minimal/input"
    let project = input + "/projects/-home-dev-app"
    let file = project + "/0c0ffee0-0000-4000-8000-000000000001.jsonl"
    for path in [input, input + "/projects", project, file] {
      #expect(Registry.recognize(path)?.info.id == "claude-code", "\(path)")
    }
  }

  @Test func `project folders are named as the program names them`() {
    #expect(ClaudeProjectKey.key(for: "/Users/ann/my_app.v2") == "-Users-ann-my-app-v2")
    #expect(ClaudeProjectKey.key(for: "C:\\w\\x") == "C--w-x")
    #expect(ClaudeProjectKey.key(for: "/🌻") == "---")
    let long = "/home/dev/" + String(repeating: "long-folder-name/", count: 12) + "end"
    let folder = try? listDirectory(ClaudeFixture.root + "/path-long/input/projects").first?.name
    #expect(ClaudeProjectKey.key(for: long) == folder)
    #expect(ClaudeProjectKey.key(for: "/" + String(repeating: "a", count: 199)).utf8.count == 200)
  }
}
