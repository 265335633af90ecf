import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Whatever lies among the files of a store, no command waits for it, and each is told.
@Suite struct SpecialFileTests {
  /// What can lie where a file should be.
  enum Kind: String, CaseIterable {
    case pipe, folder, danglingLink, linkedPipe, linkedFolder, linkedDevice

    /// The rule that tells of it.
    var rule: String {
      switch self {
      case .pipe, .folder: "store.special-file"
      default: "store.link-not-followed"
      }
    }

    func make(at path: String) throws {
      let manager = FileManager.default
      func link(to target: String) throws {
        try manager.createSymbolicLink(atPath: path, withDestinationPath: target)
      }
      switch self {
      case .pipe: try #require(unsafe mkfifo(path, 0o600) == 0)
      case .folder: try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      case .danglingLink: try link(to: path + "-nowhere")
      case .linkedPipe:
        try #require(unsafe mkfifo(path + "-target", 0o600) == 0)
        try link(to: path + "-target")
      case .linkedFolder:
        try manager.createDirectory(atPath: path + "-target", withIntermediateDirectories: true)
        try link(to: path + "-target")
      case .linkedDevice: try link(to: "/dev/null")
      }
    }
  }

  /// Formats whose store is one file, or each of whose sessions has a folder, so that beside a session no
  /// other file has the name of one.
  private static let single =
    ["aider", "letta-code", "copilot-cli", "kimi-code", "gptme"]
    + Registry.formats.filter(\.info.holdsRows).map(\.info.id)

  /// The first folder of sessions among the fixtures of a format, in which all is well.
  private static func copyStore(_ format: String, to folder: TemporaryFolder) throws -> String {
    let store = folder.path("store")
    let root = Fixtures.root + "/" + format
    let manager = FileManager.default
    let cases = try manager.contentsOfDirectory(atPath: root).sorted()
    for name in cases {
      let input = root + "/" + name + "/input"
      guard try FileStatus(path: input)?.kind == .directory,
        let source = try? Registry.format(format)?.open(input, options: ReadOptions()),
        try source.storeFindings().isEmpty, try !source.sessions().isEmpty
      else { continue }
      try manager.copyItem(atPath: input, toPath: store)
      return store
    }
    // Of one file each: a folder with the first.
    for name in cases {
      let inside = try manager.contentsOfDirectory(atPath: root + "/" + name)
      guard let input = inside.first(where: { $0.hasPrefix("input.") }) else { continue }
      try manager.createDirectory(atPath: store, withIntermediateDirectories: true)
      let file = "a" + input.dropFirst("input".count)
      try manager.copyItem(atPath: "\(root)/\(name)/\(input)", toPath: "\(store)/\(file)")
      return store
    }
    throw CocoaError(.fileNoSuchFile)
  }

  /// Names that sessions beside one could have: the last hexadecimal digit of its name is another.
  private static func names(like path: String) -> [String] {
    let folder = (path as NSString).deletingLastPathComponent
    var name = Array((path as NSString).lastPathComponent)
    let stem = name.prefix { $0 != "." }
    guard let place = stem.lastIndex(where: \.isHexDigit) else { return [] }
    return "0123456789bcdf".filter { $0 != name[place] }.map { digit in
      name[place] = digit
      return folder + "/" + String(name)
    }
  }

  /// The findings of a JSON report that are about the store's files.
  private static func findings(_ run: CommandLineRun) throws -> Set<[String]> {
    let report = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let findings = report?["findings"] as? [[String: Any]] ?? []
    return Set(
      findings.compactMap { finding in
        guard let rule = finding["rule"] as? String, rule.hasPrefix("store.") else { return nil }
        return [rule, finding["where"] as? String ?? ""]
      })
  }

  @Test(arguments: Registry.formats.map(\.info.id).filter { !single.contains($0) })
  func `what lies in the place of a session is told and keeps nobody waiting`(format: String) throws
  {
    let folder = try TemporaryFolder()
    let store = try Self.copyStore(format, to: folder)
    let list = "exec carryover list store --from \(format) --json"
    let before = try CommandLineRun(list, in: folder.path)
    #expect(before.code == 0, "\(before.errors)")
    let source = try #require(Registry.format(format)).open(store, options: ReadOptions())
    let file = try #require(try source.sessions().first?.path)
    let names = Self.names(like: file)
    try #require(names.count >= Kind.allCases.count, "\(file)")
    var expected: Set<[String]> = []
    for (kind, path) in zip(Kind.allCases, names) {
      try kind.make(at: path)
      expected.insert([kind.rule, String(path.dropFirst(folder.path.count + 1))])
    }

    let after = try CommandLineRun(list, in: folder.path)
    #expect(!after.isKilled && after.code == 0, "\(after.errors)")
    #expect(after.output == before.output)
    let recognised = try CommandLineRun("exec carryover list store", in: folder.path)
    #expect(!recognised.isKilled)
    let validated = try CommandLineRun(
      "exec carryover validate store --from \(format) --json", in: folder.path)
    #expect(!validated.isKilled && validated.code == 1)
    #expect(try Self.findings(validated) == expected)
    let converted = try CommandLineRun(
      "exec carryover convert store out --from \(format) --to canonical --json", in: folder.path)
    #expect(!converted.isKilled && converted.code == 1, "\(converted.errors)")
    #expect(try Self.findings(converted) == expected)
    let kept = try CommandLineRun(
      "exec carryover backup store kept.tar.gz --from \(format) --json", in: folder.path)
    #expect(!kept.isKilled && kept.code == 5, "\(kept.errors)")
    #expect(try Self.findings(kept) == expected)
  }

  @Test(arguments: Registry.formats.map(\.info.id), Kind.allCases.filter { $0 != .folder })
  func `what is no file is refused as the source`(format: String, kind: Kind) throws {
    let folder = try TemporaryFolder()
    try kind.make(at: folder.path("odd"))
    for command in ["list odd", "validate odd", "convert odd out --to canonical", "diff odd odd"] {
      let run = try CommandLineRun(
        "exec carryover \(command) --from \(format)", in: folder.path)
      #expect(!run.isKilled, "\(command)")
      // An empty folder is an empty store for some.
      if kind == .linkedFolder { continue }
      #expect(run.code == 3, "\(command): \(run.output)")
      let said = kind == .danglingLink ? "leads nowhere" : "is a "
      #expect(run.errors.hasPrefix("carryover: odd is a "), "\(run.errors)")
      #expect(run.errors.contains(said))
    }
    for command in ["backup odd kept.tar.gz", "verify odd", "restore odd out"] {
      let run = try CommandLineRun("exec carryover \(command)", in: folder.path)
      #expect(!run.isKilled && run.code == 3, "\(command): \(run.errors)")
    }
  }

  @Test func `a pipe as the source says how a stream is read`() throws {
    let folder = try TemporaryFolder()
    try Kind.pipe.make(at: folder.path("odd"))
    let run = try CommandLineRun("exec carryover list odd", in: folder.path)
    #expect(run.code == 3)
    #expect(
      run.errors
        == "carryover: odd is a named pipe, not a file; for a stream give - as the source and send it "
        + "to standard input\n")
  }

  /// The fixtures that are folders of several files, by format and case.
  static let stores: [String] = Registry.formats.flatMap { format -> [String] in
    let root = Fixtures.root + "/" + format.info.id
    let cases = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    return cases.sorted().map { "\(format.info.id)/\($0)/input" }
      .filter { ((try? files(in: Fixtures.root + "/" + $0)) ?? []).count > 2 }
  }

  private static func files(in store: String) throws -> [String] {
    guard try FileStatus(path: store)?.kind == .directory else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: store).sorted()
      .filter { try FileStatus(path: store + "/" + $0)?.kind == .file }
  }

  /// Files beside sessions that are read.
  private static func isRead(_ file: String) -> Bool {
    let name = (file as NSString).lastPathComponent
    return ["index.json", "session_index.jsonl", "custom-title.json"].contains(name)
      || name.hasSuffix(".meta.json")
  }

  @Test(arguments: stores)
  func `a pipe in the place of any file of a store keeps nobody waiting`(store: String) throws {
    let format = String(store.prefix { $0 != "/" })
    let input = Fixtures.root + "/" + store
    let source = try #require(Registry.format(format)).open(input, options: ReadOptions())
    let sessions = Set(try source.sessions().map(\.path))
    for file in try Self.files(in: input) {
      let folder = try TemporaryFolder()
      try FileManager.default.copyItem(atPath: input, toPath: folder.path("store"))
      try FileManager.default.removeItem(atPath: folder.path("store/" + file))
      try Kind.pipe.make(at: folder.path("store/" + file))
      let run = try CommandLineRun(
        "exec carryover convert store out --from \(format) --to canonical --json",
        in: folder.path)
      #expect(!run.isKilled && [0, 1].contains(run.code), "\(file): \(run.errors)")
      guard Self.isRead(file) || sessions.contains(input + "/" + file) else { continue }
      #expect(
        try Self.findings(run).contains(["store.special-file", "store/" + file]),
        "\(file)")
    }
  }

  @Test(arguments: ["", "-wal", "-shm", "-journal"])
  func `a pipe in the place of a database or a file beside it is refused`(suffix: String) throws {
    let folder = try TemporaryFolder()
    let store = Fixtures.root + "/term-llm/store"
    let databases = try FileManager.default.contentsOfDirectory(atPath: store)
      .filter { $0.hasSuffix(".db") }
    for name in databases.sorted() {
      let file = folder.path(name)
      if !suffix.isEmpty {
        try FileManager.default.copyItem(atPath: store + "/" + name, toPath: file)
      }
      try Kind.pipe.make(at: file + suffix)
      for command in [
        "list \(name)", "search \(name) word", "validate \(name)", "delete \(name) x --dry-run",
        "convert \(name) out --to canonical", "backup \(name) kept.tar.gz",
      ] {
        let run = try CommandLineRun("exec carryover \(command)", in: folder.path)
        #expect(!run.isKilled && run.code == 3, "\(command): \(run.output)")
      }
      let target = try CommandLineRun(
        "exec carryover convert \(Fixtures.root)/ggcode/store \(name) --to term-llm",
        in: folder.path)
      #expect(!target.isKilled && target.code == 4, "\(target.output)")
      #expect(target.errors.contains("named pipe"), "\(target.errors)")
      #expect(try FileStatus(path: file + suffix)?.kind == .pipe)
    }
  }

  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "term-llm" })
  func `a pipe in the place of any file of a destination stays and keeps nobody waiting`(
    format: String
  ) throws {
    let folder = try TemporaryFolder()
    let input = Fixtures.root + "/ggcode/minimal/input"
    func command(_ to: String) -> String {
      "exec carryover convert '\(input)' \(to) --from ggcode --to \(format)"
    }
    #expect(try CommandLineRun(command("first"), in: folder.path).code == 0)
    let isFolder = try FileStatus(path: folder.path("first"))?.kind == .directory
    let files =
      isFolder
      ? try FileManager.default.subpathsOfDirectory(atPath: folder.path("first")).filter {
        try FileStatus(path: folder.path("first/" + $0))?.kind == .file
      } : [""]
    for (number, file) in files.enumerated() {
      let name = "copy-\(number)"
      try FileManager.default.copyItem(
        atPath: folder.path("first"), toPath: folder.path(name))
      let place = folder.path(file.isEmpty ? name : name + "/" + file)
      try FileManager.default.removeItem(atPath: place)
      try Kind.pipe.make(at: place)
      let run = try CommandLineRun(command(name), in: folder.path)
      #expect(!run.isKilled, "\(file)")
      #expect(try FileStatus(path: place)?.kind == .pipe, "\(file): \(run.output)\(run.errors)")
    }
  }

  @Test func `search and delete pass over what is no file`() throws {
    let folder = try TemporaryFolder.withStore()
    try Kind.pipe.make(at: folder.path("store/20260301-090000-00000000000000ff.jsonl"))
    try Kind.pipe.make(at: folder.path("store/20260301-090000-00000000000000ff.lock"))
    for command in ["search store the", "prune store --older-than 1h --dry-run", "stores"] {
      let run = try CommandLineRun("exec carryover \(command)", in: folder.path)
      #expect(!run.isKilled && run.code == 0, "\(command): \(run.errors)")
    }
  }

  @Test func `a folder of sessions that is a link is told`() throws {
    let folder = try TemporaryFolder()
    let manager = FileManager.default
    for (format, inner) in [("claude-code", "projects"), ("codex", "sessions/2026")] {
      let store = try Self.copyStore(format, to: folder)
      let holder = store + "/" + inner
      let name = try #require(try manager.contentsOfDirectory(atPath: holder).first)
      try manager.moveItem(atPath: holder + "/" + name, toPath: folder.path("elsewhere"))
      try manager.createSymbolicLink(
        atPath: holder + "/" + name, withDestinationPath: folder.path("elsewhere"))
      let run = try CommandLineRun(
        "exec carryover validate store --from \(format) --json", in: folder.path)
      #expect(run.code == 1)
      #expect(
        try Self.findings(run)
          == [["store.link-not-followed", "store/\(inner)/\(name)"]])
      try manager.removeItem(atPath: store)
      try manager.removeItem(atPath: folder.path("elsewhere"))
    }
  }
}
