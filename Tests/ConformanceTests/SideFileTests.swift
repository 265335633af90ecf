import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What lies beside sessions, and when their files last changed, in copies and conversions.
@Suite struct SideFileTests {
  static let session = "0c0ffee0-0000-4000-8000-000000000001"
  static let helper = "subagents/agent-a1b2c3d4e5f60718a"

  /// A home of Claude Code with a session that has companions.
  private func writeHome(_ folder: TemporaryFolder) throws {
    let project = "claude/projects/-home-dev-app/"
    let fixture = "claude-code/sub-agent/input/projects/-home-dev-app/"
    for ending in [".jsonl", "/\(Self.helper).jsonl", "/\(Self.helper).meta.json"] {
      try folder.write(
        try Fixtures.bytes(fixture + Self.session + ending), to: project + Self.session + ending)
    }
    for (name, byte) in [
      (project + Self.session + "/tool-results/größe 1.txt", 1),
      ("claude/file-history/\(Self.session)/0123456789abcdef@v1", 2),
      ("claude/tasks/\(Self.session)/1.json", 3), (project + "memory/MEMORY.md", 4),
      (project + Self.session + "/.credentials.json", 5),
    ] as [(String, UInt8)] {
      try folder.write([byte], to: name)
    }
    try FileTree.age(folder.path("claude"))
  }

  private func convert(
    _ folder: TemporaryFolder, _ source: String, to target: String, _ format: String,
    _ change: (inout ConversionOptions) -> Void = { _ in }
  ) async throws -> ConversionReport {
    var options = ConversionOptions()
    change(&options)
    return try await StoreConversion(
      from: ClaudeCode(), at: folder.path(source),
      to: #require(Registry.format(format) as? any WritableSessionFormat),
      at: folder.path(target), writeOptions: WriteOptions(isDurable: false), options: options
    ).run()
  }

  @Test func `a copy has what lies beside its sessions, with modes and times`() async throws {
    let folder = try TemporaryFolder()
    try writeHome(folder)
    for _ in 0..<2 {
      let report = try await convert(folder, "claude", to: "copy", "claude-code")
      #expect(report.sessions.allSatisfy { $0.status == .written || $0.status == .unchanged })
    }
    let original = try FileTree(folder.path("claude")).filter {
      !$0.contains("memory/") && !$0.hasSuffix(".credentials.json")
    }
    let copy = try FileTree(folder.path("copy"))
    #expect(copy.files.keys.sorted() == original.files.keys.sorted())
    for (name, file) in original.files {
      if !name.hasSuffix(".meta.json") {
        #expect(copy.files[name]?.bytes == file.bytes, "\(name)")
      }
      #expect(copy.files[name]?.modified == file.modified, "\(name)")
      #expect(copy.files[name]?.mode == file.mode, "\(name)")
    }
  }

  @Test func `what lies beside a session goes where its folder is mapped to`() async throws {
    let folder = try TemporaryFolder()
    try writeHome(folder)
    let original = try FileTree(folder.path("claude"))
    let mapping = [(old: "/home/dev/app", new: "/home/dev/other")]
    _ = try await convert(folder, "claude", to: "copy", "claude-code") {
      $0.mappedPaths = mapping
    }
    let source = BackupSource(format: ClaudeCode(), path: folder.path("claude"))
    _ = try await Backup(of: [source], to: folder.path("all.tar.gz")).run()
    var options = RestoreOptions()
    options.mappedPaths = mapping
    _ = try await Restoration(
      of: folder.path("all.tar.gz"), to: folder.path("back"), formats: Registry.formats,
      options: options
    ).run()
    for place in ["copy", "back"] {
      let tree = try FileTree(folder.path(place))
      let project = "projects/-home-dev-other/" + Self.session
      #expect(tree.files[project + ".jsonl"] != nil, "\(tree)")
      #expect(tree.files[project + "/tool-results/größe 1.txt"]?.bytes == [1], "\(tree)")
      for ending in [".jsonl", "/\(Self.helper).jsonl", "/\(Self.helper).meta.json"] {
        let copy = tree.files[project + ending]
        let first = original.files["projects/-home-dev-app/" + Self.session + ending]
        #expect(copy?.mode == first?.mode && copy?.modified == first?.modified, "\(ending)")
      }
      #expect(tree.files["tasks/\(Self.session)/1.json"]?.bytes == [3], "\(tree)")
      #expect(!tree.files.keys.contains { $0.hasPrefix("projects/-home-dev-app/") }, "\(tree)")
    }
  }

  @Test func `a file beside a session that is another one at the target stays, and is told`()
    async throws
  {
    let folder = try TemporaryFolder()
    try writeHome(folder)
    let name = "projects/-home-dev-app/\(Self.session)/tool-results/größe 1.txt"
    try folder.write([9], to: "copy/" + name)
    let report = try await convert(folder, "claude", to: "copy", "claude-code")
    #expect(try readFile(folder.path("copy/" + name)) == [9])
    #expect(report.sessions.flatMap(\.findings).contains { $0.rule == "copy.side-file" })
  }

  @Test func `files that another format does not get are named`() async throws {
    let folder = try TemporaryFolder()
    try writeHome(folder)
    let report = try await convert(folder, "claude", to: "codex", "codex")
    let findings = report.sessions.flatMap(\.findings).filter { $0.rule == "store.side-files" }
    #expect(findings.count == 1)
    #expect(findings.first?.message.contains("tool-results") == true, "\(findings)")
  }

  @Test(arguments: ["./claude", "claude/", "x/../claude"])
  func `another spelling of a path makes no session a side file`(source: String) async throws {
    let folder = try TemporaryFolder()
    try writeHome(folder)
    try folder.write([0], to: "x/file")
    let plain = try await convert(folder, "claude", to: "codex", "codex")
    let other = try await convert(folder, source, to: "codex-2", "codex")
    func left(_ report: ConversionReport) -> [String] {
      report.sessions.flatMap(\.findings).filter { $0.rule == "store.side-files" }.map(\.message)
    }
    #expect(left(other) == left(plain))
    let copied = try await convert(folder, source, to: "copy", "claude-code") {
      $0.mappedPaths = [(old: "/home/dev/app", new: "/home/dev/other")]
    }
    let told = copied.sessions.flatMap(\.findings).filter { $0.rule == "copy.side-file" }
    // The key that lies there is no session.
    #expect(told.count == 1 && told.first?.message.contains("grants access") == true, "\(told)")
    #expect(Set(copied.sessions.map(\.status)) == [.written])
  }

  @Test(arguments: ["claude-code", "codex"])
  func `converted sessions are in the order of their last changes`(
    target: String
  ) async throws {
    let folder = try TemporaryFolder()
    let store = try #require(Registry.format("ggcode"))
    let format = try #require(Registry.format(target) as? any WritableSessionFormat)
    let source = Fixtures.root + "/ggcode/store"
    _ = try await StoreConversion(
      from: store, at: source, to: format, at: folder.path("out"),
      writeOptions: WriteOptions(isDurable: false)
    ).run()
    let sessions = try format.open(folder.path("out"), options: ReadOptions()).sessions()
    var times: [(updated: Timestamp, modified: FileStatus.Time)] = []
    for session in sessions {
      let status = try #require(try FileStatus(path: session.path))
      times.append((try #require(session.updated), status.modified))
    }
    #expect(times.count > 3)
    let byUpdate = times.sorted { $0.updated < $1.updated }.map(\.modified)
    #expect(byUpdate == byUpdate.sorted())
    // Claude Code removes what is older than its weeks.
    let oldest = SystemClock.now.seconds - 3 * 86_400
    if target == "claude-code" { #expect(byUpdate.allSatisfy { $0.seconds > oldest }) }
    if target == "codex" {
      #expect(times.allSatisfy { $0.updated.seconds == $0.modified.seconds })
    }
  }
}
