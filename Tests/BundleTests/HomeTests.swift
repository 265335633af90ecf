import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Whole homes of tools, with all that lies beside their sessions.
@Suite struct HomeTests {
  static let thread = "0198c5d0-0000-7000-8000-000000000001"
  static let session = "0c0ffee0-0000-4000-8000-000000000001"

  /// Backs up, verifies, restores and compares; gives what the backup said.
  @discardableResult
  private func expectSameTree(
    _ format: String, _ store: String, _ support: BundleSupport, bundle: String = "all.tar.gz",
    without isLeftOut: (String) -> Bool = { _ in false }
  ) async throws -> BackupReport {
    let path = support.folder.path(store)
    try FileTree.age(path)
    let expected = try FileTree(path).filter { !isLeftOut($0) }
    let report = try await support.backup([BundleSupport.source(format, path)], bundle)
    #expect(report.proven == report.count(.added))
    #expect(try await support.verify(bundle, .standard).findings.isEmpty)
    let verified = try await support.verify(bundle)
    #expect(verified.isValid, "\(verified.findings)")
    BundleSupport.isExact(try await support.restore(bundle, "back-\(bundle)"))
    #expect(try FileTree(support.folder.path("back-\(bundle)")) == expected)
    return report
  }

  // MARK: Codex

  /// A home with every kind of thread that has two files.
  private func writeCodexHome(_ support: BundleSupport) throws {
    let folder = support.folder
    let two = "codex/two-files-one-thread/input/sessions/2026/11/"
    let name = "rollout-2026-11-20T10-00-00-\(Self.thread).jsonl"
    let older = try Fixtures.bytes(two + "20/" + name)
    try folder.write(older, to: "codex/sessions/2026/11/20/" + name)
    try folder.write(
      try Fixtures.bytes(two + "21/" + name.replacingOccurrences(of: "-20T", with: "-21T")),
      to: "codex/sessions/2026/11/21/" + name.replacingOccurrences(of: "-20T", with: "-21T"))
    let revert = "rollout-2026-11-20T11-00-00-\(Self.thread)_0198c5d0-0000-7000-8000-0000000000c1"
    try folder.write(
      try Fixtures.bytes("codex/revert/input/sessions/2026/11/20/\(revert).jsonl"),
      to: "codex/sessions/2026/11/20/\(revert).jsonl")
    // A live and an archived file of one thread, a compressed one beside a plain one, and one alone.
    for (number, places) in [
      ("2", ["sessions/2026/11/20/", "archived_sessions/"]), ("3", ["sessions/2026/11/20/"]),
      ("4", ["archived_sessions/"]),
    ] {
      let other = String(Self.thread.dropLast()) + number
      let text = String(decoding: older, as: UTF8.self)
        .replacingOccurrences(of: Self.thread, with: other)
      for place in places {
        try folder.write(
          Array(text.utf8),
          to: "codex/\(place)\(name.replacingOccurrences(of: Self.thread, with: other))")
      }
    }
    let packed = try support.run(
      "cd codex && zstd -q sessions/2026/11/20/*0003.jsonl && zstd -q --rm archived_sessions/*0004.jsonl"
    )
    try #require(packed.code == 0, "\(packed.output)")
    try folder.write(
      Array("{\"id\":\"\(Self.thread)\",\"thread_name\":\"Given\",\"updated_at\":\"x\"}\n".utf8),
      to: "codex/session_index.jsonl")
    try folder.write(
      Array("{\"session_id\":\"\(Self.thread)\",\"ts\":1,\"text\":\"first\"}\n".utf8),
      to: "codex/history.jsonl")
    try folder.write([0x7B, 0x7D], to: "codex/auth.json")
    try folder.write([1], to: "codex/log/codex-tui.log")
    try folder.write([1], to: "codex/config.toml")
  }

  @Test(arguments: ["all.tar.gz", "vault"])
  func `threads in two files, live, archived and compressed, come back`(
    bundle: String
  ) async throws {
    let support = try BundleSupport()
    try writeCodexHome(support)
    let report = try await expectSameTree("codex", "codex", support, bundle: bundle) {
      $0.hasPrefix("auth.json") || $0.hasPrefix("log/") || $0 == "config.toml"
    }
    #expect(report.omissions.map(\.name) == ["auth.json"])
    #expect(report.untaken.map(\.place) == [".", "log"])
    // What was restored can be backed up and restored again, also onto the same home.
    let again = try await support.restore(bundle, "codex")
    #expect(again.sessions.allSatisfy { $0.status == .unchanged })
    try await expectSameTree("codex", "back-" + bundle, support, bundle: "again.tar.gz")
  }

  @Test(arguments: [false, true])
  func `a thread that was archived meanwhile is the same thread`(hasGrown: Bool) async throws {
    let support = try BundleSupport()
    let name = "rollout-2026-11-20T10-00-00-\(Self.thread).jsonl"
    let bytes = try Fixtures.bytes(
      "codex/two-files-one-thread/input/sessions/2026/11/20/" + name)
    try support.folder.write(bytes, to: "codex/sessions/2026/11/20/" + name)
    try await support.backup(
      [BundleSupport.source("codex", support.folder.path("codex"))], "all.tar.gz")
    try removeFile(support.folder.path("codex/sessions/2026/11/20/" + name))
    let more = hasGrown ? Array("{\"timestamp\":\"x\",\"type\":\"y\",\"payload\":{}}\n".utf8) : []
    try support.folder.write(bytes + more, to: "codex/archived_sessions/" + name)
    let before = try FileTree(support.folder.path("codex"))
    let report = try await support.restore("all.tar.gz", "codex")
    #expect(report.sessions.map(\.status) == [hasGrown ? .skipped : .unchanged])
    #expect(try FileTree(support.folder.path("codex")) == before)
  }

  @Test func `one thread brings all of its files, and its name`() async throws {
    let support = try BundleSupport()
    try writeCodexHome(support)
    try await support.backup(
      [BundleSupport.source("codex", support.folder.path("codex"))], "all.tar.gz")
    BundleSupport.isExact(
      try await support.restore("all.tar.gz", "one") { $0.sessions = [Self.thread] })
    let files = try FileTree(support.folder.path("one")).files.keys
    #expect(files.count { $0.contains(Self.thread) } == 3)
    #expect(files.sorted().last?.hasPrefix("sessions/") == true)
    #expect(files.contains("session_index.jsonl"))
    #expect(!files.contains("history.jsonl"))
    // The same out of a bundle of this thread alone.
    try await support.backup(
      [BundleSupport.source("codex", support.folder.path("codex"), [Self.thread])], "one.tar.gz")
    BundleSupport.isExact(try await support.restore("one.tar.gz", "alone"))
    #expect(try FileTree(support.folder.path("alone")).files.keys.count == 3)
  }

  @Test func `every session of a home goes to another format too`() async throws {
    let support = try BundleSupport()
    try writeCodexHome(support)
    let report = try await support.backup(
      [BundleSupport.source("codex", support.folder.path("codex"))], "all.tar.gz")
    let restored = try await support.restore("all.tar.gz", "canonical") {
      $0.format = try BundleSupport.format("canonical") as? any WritableSessionFormat
    }
    #expect(restored.sessions.count == report.count(.added))
    for session in restored.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
    }
    let one = try await support.restore("all.tar.gz", "canonical-one") {
      $0.format = try BundleSupport.format("canonical") as? any WritableSessionFormat
      $0.sessions = [Self.thread]
    }
    #expect(one.sessions.map(\.source) == [Self.thread])
    #expect(one.sessions.first?.status == .written)
  }

  @Test func `one session goes to a file that is named`() async throws {
    let support = try BundleSupport()
    try writeCodexHome(support)
    try support.folder.write(
      try Fixtures.bytes("aider/two-chats/input.md"), to: "aider/.aider.chat.history.md")
    try await support.backup(
      [
        BundleSupport.source("codex", support.folder.path("codex")),
        BundleSupport.source("aider", support.folder.path("aider")),
      ], "all.tar.gz")
    let older = "rollout-2026-11-20T10-00-00-\(Self.thread)"
    BundleSupport.isExact(
      try await support.restore("all.tar.gz", "one.jsonl") { $0.sessions = [older] })
    #expect(
      try readFile(support.folder.path("one.jsonl"))
        == readFile(support.folder.path("codex/sessions/2026/11/20/\(older).jsonl")))
    // The second chat lies with the first, which does not come along.
    let chats = try Bundle(support.folder.path("all.tar.gz")).entries.filter { $0.tool == "aider" }
    let second = try #require(chats.first { !$0.holders.isEmpty })
    let report = try await support.restore("all.tar.gz", "chat.md") {
      $0.sessions = [second.sourceID]
      $0.format = try BundleSupport.format("markdown") as? any WritableSessionFormat
    }
    #expect(report.sessions.map(\.source) == [second.sourceID])
    #expect(report.sessions.map(\.status) == [.written])
    #expect(try FileStatus(path: support.folder.path("chat.md"))?.kind == .file)
  }

  @Test func `lists are merged with those that a store has`() async throws {
    let support = try BundleSupport()
    try writeCodexHome(support)
    try await support.backup(
      [BundleSupport.source("codex", support.folder.path("codex"))], "all.tar.gz")
    let other = "{\"id\":\"\(Self.thread)\",\"thread_name\":\"Newer\",\"updated_at\":\"y\"}\n"
    try support.folder.write(Array(other.utf8), to: "live/session_index.jsonl")
    try support.folder.write(Array("{\"text\":\"own\"}".utf8), to: "live/history.jsonl")
    for _ in 0..<2 {
      _ = try await support.restore("all.tar.gz", "live")
      // A name that was given there stays, and lines are added once.
      #expect(try readFile(support.folder.path("live/session_index.jsonl")) == Array(other.utf8))
      #expect(
        String(decoding: try readFile(support.folder.path("live/history.jsonl")), as: UTF8.self)
          == "{\"text\":\"own\"}\n{\"session_id\":\"\(Self.thread)\",\"ts\":1,\"text\":\"first\"}\n"
      )
    }
  }

  // MARK: Claude Code

  /// A home with companions and names of every kind.
  private func writeClaudeHome(_ support: BundleSupport) throws {
    let minimal = try Fixtures.bytes(
      "claude-code/minimal/input/projects/-home-dev-app/\(Self.session).jsonl")
    let project = "claude/projects/-home-dev-app"
    let side = project + "/" + Self.session
    let files: [(String, [UInt8])] = [
      (side + ".jsonl", minimal), (side + "/tool-results/a b.txt", [1, 2]),
      (side + "/tool-results/größe ☃.txt", [3]), (side + "/tool-results/.hidden", [4]),
      (side + "/tool-results/" + String(repeating: "n", count: 200), [5]),
      (side + "/tool-results/CASE", [6]), (side + "/tool-results/case", [7]),
      (side + "/tool-results/con", [8]), (side + "/custom-title.json", Array("{}".utf8)),
      (side + "/workflows/run.json", Array("{}".utf8)),
      (side + "/subagents/agent-a1b2c3d.jsonl", minimal),
      (side + "/subagents/agent-a1b2c3d.meta.json", Array("{\"agentType\":\"x\"}".utf8)),
      (side + "/subagents/workflows/run1/agent-a1b2c3e.jsonl", minimal),
      (side + "/subagents/workflows/run1/journal.jsonl", []),
      (project + "/agent-1a2b3c4d.jsonl", minimal),
      (project + "/sessions-index.json", [0x7B, 0x7D]),
      ("claude/projects/.dots and ünicode/\(Self.session.dropLast())2.jsonl", minimal),
      ("claude/projects/" + String(repeating: "-p", count: 100) + "/notes.jsonl", minimal),
      ("claude/file-history/\(Self.session)/0123456789abcdef@v1", [9]),
      ("claude/tasks/\(Self.session)/1.json", Array("{}".utf8)),
      ("claude/history.jsonl", Array("{\"display\":\"x\"}\n".utf8)),
      ("claude/.credentials.json", [1]), ("claude/settings.json", [1]),
      (project + "/memory/MEMORY.md", [1]), ("claude/plugins/a/b/c.js", [1]),
      ("claude/plugins/d.js", [1]),
    ]
    for (name, bytes) in files { try support.folder.write(bytes, to: name) }
  }

  @Test(arguments: ["all.tar.gz", "vault"])
  func `companions and names of every kind come back`(bundle: String) async throws {
    let support = try BundleSupport()
    try writeClaudeHome(support)
    let report = try await expectSameTree("claude-code", "claude", support, bundle: bundle) {
      $0.contains("memory/") || $0.hasPrefix("plugins/") || $0 == "settings.json"
        || $0 == ".credentials.json"
    }
    #expect(report.omissions.map(\.name) == [".credentials.json"])
    #expect(
      report.untaken.map { "\($0.place) \($0.files)" }
        == [". 1", "plugins 2", "projects/-home-dev-app/memory 1"])
    let listed = try support.run("tar tzf \(bundle)")
    if listed.code == 0 { #expect(!listed.output.contains("credentials")) }
  }

  @Test func `a session brings what its folder holds, and one of its helpers only that`()
    async throws
  {
    let support = try BundleSupport()
    try writeClaudeHome(support)
    let id = Self.session
    try await support.backup(
      [BundleSupport.source("claude-code", support.folder.path("claude"))], "all.tar.gz")
    BundleSupport.isExact(try await support.restore("all.tar.gz", "one") { $0.sessions = [id] })
    let one = try FileTree(support.folder.path("one"))
    #expect(one.files.count == 17, "\(one)")
    let helper = Self.session + "/agent-a1b2c3d"
    BundleSupport.isExact(
      try await support.restore("all.tar.gz", "helper") { $0.sessions = [helper] })
    #expect(try FileTree(support.folder.path("helper")).files.count == 2)
  }

  @Test(arguments: ["all.tar.gz", "vault"])
  func `media that sessions share come back in files of every depth`(
    bundle: String
  ) async throws {
    let support = try BundleSupport()
    var random = SeededGenerator(seed: 5)
    let medium = Base64.encode((0..<60_000).map { _ in UInt8.random(in: 0...255, using: &random) })
    let minimal = try Fixtures.bytes(
      "claude-code/minimal/input/projects/-home-dev-app/\(Self.session).jsonl")
    for number in 1...2 {
      let path = "claude/projects/-home-dev-app/\(Self.session.dropLast())\(number)"
      try support.folder.write(
        minimal + Array("{\"type\":\"x\",\"data\":\"\(medium)\"}\n".utf8), to: path + ".jsonl")
      try support.folder.write(
        Array("see \(medium) there".utf8), to: path + "/tool-results/a.txt")
    }
    try await expectSameTree("claude-code", "claude", support, bundle: bundle)
    let size = try FileTree(support.folder.path(bundle)).files.values.reduce(0) {
      $0 + $1.bytes.count
    }
    #expect(size < 100_000)
  }

  @Test func `sub-agents whose session is gone come back`() async throws {
    let support = try BundleSupport()
    let folder = "claude/projects/-home-dev-app/\(Self.session)/subagents/agent-a1b2c3d"
    try support.folder.write(
      try Fixtures.bytes(
        "claude-code/minimal/input/projects/-home-dev-app/\(Self.session).jsonl"),
      to: folder + ".jsonl")
    try support.folder.write(Array("{}".utf8), to: folder + ".meta.json")
    #expect(Registry.recognize(support.folder.path("claude"))?.info.id == "claude-code")
    try await expectSameTree("claude-code", "claude", support)
  }

  // MARK: Others

  @Test(arguments: ["all.tar.gz", "vault"])
  func `a history of several chats comes back with the blank lines before the first`(
    bundle: String
  ) async throws {
    let support = try BundleSupport()
    let text = try Fixtures.bytes("aider/two-chats/input.md")
    try support.folder.write(Array("\n\n".utf8) + text, to: "store/.aider.chat.history.md")
    let report = try await expectSameTree("aider", "store", support, bundle: bundle)
    #expect(report.count(.added) == 2)
    // One chat brings the file that it is in; to another format it goes alone.
    let id = try #require(report.items.last).id
    try await support.restore(bundle, "one") { $0.sessions = [id] }
    #expect(
      try FileTree(support.folder.path("one")).files.keys.sorted() == [".aider.chat.history.md"])
    let other = try await support.restore(bundle, "canonical") {
      $0.sessions = [id]
      $0.format = try BundleSupport.format("canonical") as? any WritableSessionFormat
    }
    #expect(other.sessions.map(\.source) == [id])
    #expect(other.sessions.map(\.status) == [.written])
  }

  @Test func `a chat that was removed from a history stays in the vault`() async throws {
    let support = try BundleSupport()
    let text = String(decoding: try Fixtures.bytes("aider/two-chats/input.md"), as: UTF8.self)
    let file = "store/.aider.chat.history.md"
    try support.folder.write(Array(text.utf8), to: file)
    let source = [try BundleSupport.source("aider", support.folder.path("store"))]
    let first = try await support.backup(source, "vault")
    let ids = first.items.map(\.id)
    let second = try #require(text.range(of: "# aider chat started", options: .backwards))
    try support.folder.write(Array(text[second.lowerBound...].utf8), to: file)
    try await support.backup(source, "vault")
    #expect(try await support.verify("vault").isValid)
    let now = try await support.restore("vault", "now")
    #expect(Set(now.sessions.filter { $0.status == .written }.map(\.source)) == [ids[1]])
    #expect(now.sessions.filter { $0.status == .skipped }.map(\.source) == [ids[0]])
    try await support.restore("vault", "then") { $0.sessions = [ids[0]] }
    #expect(
      try readFile(support.folder.path("then/.aider.chat.history.md")) == Array(text.utf8))
  }

  @Test(arguments: ["all.tar.gz", "vault"])
  func `homes of several tools come back side by side`(bundle: String) async throws {
    let support = try BundleSupport()
    try writeCodexHome(support)
    try writeClaudeHome(support)
    let homes = ["claude-code": "claude", "codex": "codex", "ggcode": "ggcode", "aider": "aider"]
    try FileManager.default.copyItem(
      atPath: BundleSupport.ggcode, toPath: support.folder.path("ggcode"))
    try support.folder.write(
      Array("\n".utf8) + Fixtures.bytes("aider/two-chats/input.md"),
      to: "aider/.aider.chat.history.md")
    var sources: [BackupSource] = []
    for (format, home) in homes.sorted(by: { $0.key < $1.key }) {
      try FileTree.age(support.folder.path(home))
      sources.append(try BundleSupport.source(format, support.folder.path(home)))
    }
    let report = try await support.backup(sources, bundle)
    #expect(report.proven == report.count(.added))
    #expect(try await support.verify(bundle).isValid)
    BundleSupport.isExact(try await support.restore(bundle, "back"))
    for (format, home) in homes {
      let back = try FileTree(support.folder.path("back/" + format))
      let original = try FileTree(support.folder.path(home)).filter { back.files[$0] != nil }
      #expect(back == original, "\(format)")
      let untaken = report.untaken.filter { $0.tool == format }.reduce(0) { $0 + $1.files }
      let left = report.omissions.filter { $0.format == format }.reduce(0) { $0 + $1.count }
      #expect(
        try FileTree(support.folder.path(home)).files.count == back.files.count + untaken + left,
        "\(format)")
    }
  }

  @Test func `sessions keep the order of their last changes`() async throws {
    let support = try BundleSupport()
    let store = support.folder.path("store")
    try FileManager.default.copyItem(atPath: BundleSupport.ggcode, toPath: store)
    try FileTree.age(store)
    func order(_ folder: String) throws -> [String] {
      try FileTree(support.folder.path(folder)).files.filter { $0.key.hasSuffix(".jsonl") }
        .sorted { $0.value.modified > $1.value.modified }.map(\.key)
    }
    try await support.backup([BundleSupport.source("ggcode", store)], "all.tar.gz")
    try await support.restore("all.tar.gz", "back")
    #expect(try order("back") == order("store"))
    #expect(try order("back") != order("back").sorted())
  }
}
