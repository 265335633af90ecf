import Conversion
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Helpers that a session's model started stay helpers of that session in every tool that has them.
@Suite struct ChildTests {
  private static let formats = ["claude-code", "codex", "term-llm"]
  private static let fixture =
    Fixtures.root + "/claude-code/sub-agent/input"

  private func convert(
    _ source: String, _ from: String, to target: String, _ to: String
  ) async throws -> ConversionReport {
    try await StoreConversion(
      from: #require(Registry.format(from)), at: source,
      to: #require(Registry.format(to) as? any WritableSessionFormat), at: target,
      writeOptions: WriteOptions(isDurable: false), options: ConversionOptions()
    ).run()
  }

  private func heads(_ path: String, _ format: String) throws -> [SessionHead] {
    let source = try #require(Registry.format(format)).open(path, options: .unlimited)
    return try source.sessions().map { try source.reader(for: $0.id).head }
  }

  @Test(arguments: formats, formats)
  func `a helper stays one through two tools`(first: String, second: String) async throws {
    let folder = try TemporaryFolder()
    var (path, format) = (Self.fixture, "claude-code")
    for (number, next) in [first, second].enumerated() where next != format {
      let target = folder.path("\(number)") + (next == "term-llm" ? ".db" : "")
      let report = try await convert(path, format, to: target, next)
      #expect(report.sessions.allSatisfy { $0.status == .written }, "\(report.sessions)")
      #expect(
        !report.sessions.contains { $0.findings.contains { $0.rule == "session.id-form" } })
      (path, format) = (target, next)
      let heads = try heads(path, format)
      let children = heads.filter { $0.parent?.kind == .subagent }
      #expect(!children.isEmpty && children.count < heads.count)
      for child in children {
        #expect(heads.contains { $0.id == child.parent?.id && $0.parent == nil }, "\(child)")
      }
    }
  }

  @Test func `helpers of other tools lie in the folder of their session`() async throws {
    let folder = try TemporaryFolder()
    let parent = "0c0ffee0-0000-4000-8000-000000000009"
    var lines: [String: String] = [:]
    for (id, source, text) in [
      (parent, "\"cli\"", "Sow the beds"),
      (
        "0c0ffee0-0000-4000-8000-00000000000a",
        #"{"subagent":{"thread_spawn":{"parent_thread_id":"\#(parent)","depth":1}}}"#,
        "Count the worms"
      ),
    ] {
      lines[id] =
        #"""
        {"timestamp":"2026-05-04T09:00:01.000Z","type":"session_meta","payload":{"id":"\#(id)","timestamp":"2026-05-04T09:00:01.000Z","cwd":"/home/kim/garden","originator":"codex-tui","cli_version":"0.163.0","source":\#(source),"agent_nickname":"Fern","model_provider":"openai"}}
        {"timestamp":"2026-05-04T09:00:02.000Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"\#(text)"}]}}
        {"timestamp":"2026-05-04T09:00:03.000Z","type":"response_item","payload":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Done."}]}}

        """#
    }
    for (id, text) in lines {
      try folder.write(
        Array(text.utf8), to: "codex/sessions/2026/05/04/rollout-2026-05-04T09-00-01-\(id).jsonl")
    }
    let report = try await convert(
      folder.path("codex"), "codex", to: folder.path("claude"), "claude-code")
    #expect(report.sessions.allSatisfy { $0.status == .written }, "\(report.sessions)")
    let project = "claude/projects/-home-kim-garden/"
    let side = try FileManager.default.contentsOfDirectory(
      atPath: folder.path(project + parent + "/subagents")
    ).sorted()
    let file = try #require(side.first { $0.hasSuffix(".jsonl") })
    #expect(file.wholeMatch(of: /agent-a[0-9a-f]{16}\.jsonl/) != nil, "\(file)")
    // Claude Code looks for the kind of a helper in the file beside it.
    let description = try #require(side.first { $0.hasSuffix(".meta.json") })
    #expect(description == file.replacing(".jsonl", with: ".meta.json"))
    let text = try String(
      contentsOfFile: folder.path(project + parent + "/subagents/" + description),
      encoding: .utf8)
    #expect(text == #"{"agentType":"Fern","description":"Count the worms"}"#)
    let written = try String(
      contentsOfFile: folder.path(project + parent + "/subagents/" + file), encoding: .utf8)
    for line in written.split(separator: "\n") where line.contains("\"uuid\"") {
      #expect(line.contains("\"isSidechain\":true"))
      #expect(line.contains("\"sessionId\":\"\(parent)\""))
    }
    let back = try await convert(
      folder.path("claude"), "claude-code", to: folder.path("back"), "codex")
    #expect(back.sessions.allSatisfy { $0.fidelity == .exact }, "\(back.sessions)")
  }

  @Test(arguments: ["claude-code", "codex", "term-llm"], ["claude-code", "codex", "term-llm"])
  func `the helper of a helper stays one`(first: String, second: String) async throws {
    let folder = try TemporaryFolder()
    let ids = (1...4).map { "0c0ffee0-0000-4000-8000-00000000001\($0)" }
    for (number, id) in ids.enumerated() {
      let source =
        number == 0
        ? "\"cli\""
        : #"{"subagent":{"thread_spawn":{"parent_thread_id":"\#(ids[number - 1])","depth":\#(number)}}}"#
      let text =
        #"""
        {"timestamp":"2026-05-04T09:00:0\#(number).000Z","type":"session_meta","payload":{"id":"\#(id)","timestamp":"2026-05-04T09:00:0\#(number).000Z","cwd":"/home/kim/garden","originator":"codex-tui","cli_version":"0.163.0","source":\#(source),"model_provider":"openai"}}
        {"timestamp":"2026-05-04T09:00:1\#(number).000Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"task \#(number)"}]}}

        """#
      try folder.write(
        Array(text.utf8),
        to: "start/sessions/2026/05/04/rollout-2026-05-04T09-00-0\(number)-\(id).jsonl")
    }
    var (path, format) = (folder.path("start"), "codex")
    for (number, next) in [first, second].enumerated() where next != format {
      let target = folder.path("\(number)") + (next == "term-llm" ? ".db" : "")
      let report = try await convert(path, format, to: target, next)
      #expect(report.sessions.allSatisfy { $0.status == .written }, "\(report.sessions)")
      (path, format) = (target, next)
      // Each is the child of the one before it, whatever they are called here.
      let source = try open(format, path)
      var tasks: [String: String] = [:]
      var parents: [String: String] = [:]
      for session in try source.list() {
        let whole = try source.whole(session.id)
        let texts = whole.entries.compactMap { entry -> String? in
          guard case .message(let message) = entry.content else { return nil }
          return message.blocks.first?.plainText?.string
        }
        tasks[session.id] = texts.first ?? ""
        parents[session.id] = whole.head.parent?.id
      }
      #expect(tasks.count == 4)
      for (id, task) in tasks {
        let place = try #require(Int(task.dropFirst(5)))
        #expect(parents[id].flatMap { tasks[$0] } == (place == 0 ? nil : "task \(place - 1)"))
      }
    }
    if format == "claude-code" {
      let side = try FileManager.default.contentsOfDirectory(
        atPath: path + "/projects/-home-kim-garden/" + ids[0] + "/subagents")
      #expect(side.count { $0.hasSuffix(".jsonl") } == 3)
    }
  }

  /// Fixtures of other tools that start helpers.
  private static let others = ["gemini-cli/sub-agent", "opencode/sessions", "hermes/edges"]
    .compactMap {
      name in FixtureCase.all.first { $0.testDescription == name }
    }

  @Test(arguments: others, formats)
  func `helpers of every tool stay helpers`(fixture: FixtureCase, target: String) async throws {
    let folder = try TemporaryFolder()
    let report = try await convert(
      fixture.input, fixture.format, to: folder.path("out"), target)
    let source = try open(fixture.format, fixture.input)
    let written = try open(target, folder.path("out"))
    let names = Dictionary(
      report.sessions.compactMap { session in session.target.map { (session.source, $0) } },
      uniquingKeysWith: { first, _ in first })
    var count = 0
    for session in try source.list() {
      guard let parent = try source.reader(for: session.id).head.parent,
        parent.kind == .subagent, let name = names[session.id]
      else { continue }
      count += 1
      // A parent that is not here cannot be named in every tool.
      guard let owner = names[parent.id] else { continue }
      let found = try written.reader(for: name).head.parent
      #expect(found?.kind == .subagent, "\(session.id)")
      #expect(found?.id == owner, "\(session.id)")
    }
    #expect(count > 0)
  }
}
