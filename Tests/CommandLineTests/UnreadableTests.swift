import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// What may not be looked at is never taken for absent: it is told, and nothing is written over it.
///
/// Permissions do not hold for root, so the program runs as another user where the tests run as root.
@Suite(.enabled(if: OtherUser.canRun)) struct UnreadableTests {
  /// What cannot be read of a store.
  enum Kind: String, CaseIterable, Sendable { case file, folder }

  private func run(_ command: String, in folder: TemporaryFolder) throws -> CommandLineRun {
    try CommandLineRun(
      "chmod 777 home tmp && \(OtherUser.command)./carryover \(command)", in: folder.path)
  }

  /// A store of a format in which one session's file, or the folder of all, cannot be read.
  private func makeStore(
    _ format: String, _ kind: Kind, in folder: TemporaryFolder
  ) throws -> (store: String, hidden: String) {
    try FileManager.default.copyItem(
      atPath: Fixtures.root + "/ggcode/store", toPath: folder.path("source"))
    // Databases lie in a folder, as they do at home.
    let isFile = ["term-llm", "aider"].contains(format)
    let store = isFile ? "store/sessions.db" : "store"
    if isFile {
      try FileManager.default.createDirectory(
        atPath: folder.path("store"), withIntermediateDirectories: false)
    }
    // One session, as some formats keep one to a place.
    let made = try CommandLineRun(
      "./carryover convert source \(store) --to \(format) && chmod -R a+rwX .", in: folder.path)
    try #require(made.code == 0, "\(made.errors)")
    let session = try #require(
      try Registry.format(format)?.open(folder.path(store), options: ReadOptions())
        .sessions().first)
    let file = folder.path(store) + session.path.dropFirst(folder.path(store).count)
    let hidden: String
    switch kind {
    case .file: hidden = isFile ? folder.path(store) : file
    case .folder: hidden = (file as NSString).deletingLastPathComponent
    }
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: hidden)
    return (store, hidden)
  }

  @Test(arguments: Registry.writable.map(\.info.id), Kind.allCases)
  func `no command takes it for absent`(format: String, kind: Kind) throws {
    let folder = try TemporaryFolder()
    try OtherUser.invite(to: folder)
    let (store, hidden) = try makeStore(format, kind, in: folder)
    defer {
      try? FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: hidden)
    }
    for command in [
      "validate \(store) --from \(format)", "convert \(store) out --from \(format) --to ggcode",
      "backup \(store) kept.tar.gz --from \(format)", "backup \(store) vault --from \(format)",
    ] {
      let run = try run(command, in: folder)
      let said = run.output + run.errors
      #expect(run.code != 0, "\(command): \(said)")
      #expect(said.contains("Permission denied"), "\(command): \(said)")
    }
  }

  @Test(arguments: [
    (
      "claude-code", "projects/-home-dev-app/0c0ffee0-0000-4000-8000-000000000001.jsonl",
      "projects/-b"
    ),
    (
      "codex",
      "sessions/2026/11/20/rollout-2026-11-20T10-00-00-0198c5d0-0000-7000-8000-000000000001.jsonl",
      "sessions/2026/11/21"
    ),
  ])
  func `one folder that cannot be read leaves the rest to be backed up`(
    format: String, place: String, hidden: String
  ) throws {
    let folder = try TemporaryFolder()
    try OtherUser.invite(to: folder)
    let fixture = format == "codex" ? "codex/two-files-one-thread" : "claude-code/sub-agent"
    try folder.write(Fixtures.bytes("\(fixture)/input/\(place)"), to: "store/" + place)
    try folder.write([0x0A], to: "store/\(hidden)/other.jsonl")
    let path = folder.path("store/" + hidden)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path) }
    try #require(CommandLineRun("chmod a+rX store", in: folder.path).code == 0)
    let run = try run("backup store all.tar.gz --from \(format)", in: folder)
    let said = run.output + run.errors
    #expect(run.code == 5, "\(said)")
    #expect(said.contains("Permission denied") && said.contains(hidden), "\(said)")
    #expect(said.contains("Proven: 1 session"), "\(said)")
  }

  @Test(arguments: Registry.writable.map(\.info.id), Kind.allCases)
  func `a target that cannot be read is not written over`(format: String, kind: Kind) throws {
    let folder = try TemporaryFolder()
    try OtherUser.invite(to: folder)
    let (store, hidden) = try makeStore(format, kind, in: folder)
    func permit(_ mode: Int) throws {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: hidden)
    }
    try permit(0o777)
    let before = try folder.files("store")
    try permit(0)
    let run = try run("convert source \(store) --to \(format) --on-conflict rename", in: folder)
    try permit(0o777)
    let said = run.output + run.errors
    #expect(run.code != 0 && said.contains("Permission denied"), "\(said)")
    let after = try folder.files("store")
    for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
    #expect(after.count == before.count, "\(after.keys.sorted())")
    #expect(try !folder.hasStrays())
  }
}

/// Somebody whom permissions bind.
private enum OtherUser {
  /// What a command line begins with to run as that user.
  static let command =
    geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""

  /// Whether there is such a user here, who can start the program.
  static let canRun: Bool = {
    // A machine without it cannot show anything.
    guard let folder = try? TemporaryFolder(), (try? invite(to: folder)) != nil,
      let run = try? CommandLineRun("\(command)./carryover --version", in: folder.path)
    else { return false }
    return run.code == 0
  }()

  /// Puts the program into a folder that every user can use.
  static func invite(to folder: TemporaryFolder) throws {
    let products = try #require(CommandLineRun.productFolder)
    // Another process copies it: while this one has it open for writing, tests that start programs at
    // the same time hand that on to them, and nobody can run it ("text file busy").
    let copy = try CommandLineRun("cp '\(products)/carryover' carryover", in: folder.path)
    try #require(copy.code == 0, "\(copy.errors)")
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
  }
}
