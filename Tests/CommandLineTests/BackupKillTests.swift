import Bundles
import Foundation
import SessionFormats
import TestSupport
import Testing

/// Whatever the moment at which the program dies, an archive is absent or whole, a vault has all of its
/// earlier snapshots, and what is restored is whole; the same command then goes on.
@Suite(.serialized) struct BackupKillTests {
  /// How often each command is killed.
  private static let trials = isDeepRun ? 50 : 12

  private func writeStore(_ folder: TemporaryFolder, messages: Int) throws {
    let text = String(repeating: "The beans go to the south wall. ", count: 30)
    for number in 0..<30 {
      let id = "20260301-\(100_000 + number)"
      var file =
        #"{"type":"meta","session_id":"\#(id)","title":"T \#(number)","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z"}"#
        + "\n"
      for message in 0..<messages {
        file +=
          #"{"type":"message","session_id":"\#(id)","created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","message":{"role":"user","content":[{"type":"text","text":"\#(message): \#(text)"}]}}"#
          + "\n"
      }
      try folder.write(Array(file.utf8), to: "store/\(id).jsonl")
    }
  }

  /// Runs a command, killed at some part of the time that it takes.
  private func kill(
    _ command: String, in folder: TemporaryFolder, within seconds: Double,
    _ random: inout SeededGenerator
  ) throws {
    let process = try CommandLineRun.start(
      "exec \(command)", in: folder.path, output: FileHandle.nullDevice,
      errors: FileHandle.nullDevice)
    usleep(UInt32(Double.random(in: 0...seconds, using: &random) * 1e6))
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private func duration(of command: String, in folder: TemporaryFolder) throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    let run = try CommandLineRun(command, in: folder.path)
    #expect(run.code == 0, "\(run.errors)")
    return (clock.now - start) / .seconds(1)
  }

  /// What a bundle gives back.
  private func restored(
    _ bundle: String, in folder: TemporaryFolder, _ snapshot: String? = nil, key: String = ""
  ) throws -> [String: Data] {
    try? FileManager.default.removeItem(atPath: folder.path("back"))
    let option = (snapshot.map { " --snapshot \($0)" } ?? "") + key
    let run = try CommandLineRun("carryover restore \(bundle) back\(option)", in: folder.path)
    #expect(run.code == 0, "\(run.errors)")
    return try folder.files("back")
  }

  @Test func `a killed backup leaves no archive or a whole one`() async throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: testSeed)
    try writeStore(folder, messages: 40)
    let command = "carryover backup store b.tar.gz"
    let seconds = try duration(of: command, in: folder)
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path("b.tar.gz")))
    for trial in 0..<Self.trials {
      for suffix in ["", ".sha256", ".idx.json"] {
        try? FileManager.default.removeItem(atPath: folder.path("b.tar.gz" + suffix))
      }
      try kill(command, in: folder, within: seconds, &random)
      let bytes = try? Data(contentsOf: URL(fileURLWithPath: folder.path("b.tar.gz")))
      guard let bytes else { continue }
      #expect(bytes == whole, "seed \(testSeed), trial \(trial)")
      let report = try await Verification(of: folder.path("b.tar.gz")).run()
      #expect(report.findings.isEmpty, "seed \(testSeed), trial \(trial): \(report.findings)")
    }
    let last = try CommandLineRun(command, in: folder.path)
    #expect(last.code == 0, "\(last.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("b.tar.gz"))) == whole)
    #expect(try !folder.hasStrays())
  }

  /// A vault with two snapshots, and its store as it was at both.
  ///
  /// - Parameter options: For encryption.
  private func vault(
    in folder: TemporaryFolder, options: String = ""
  ) throws -> (stores: [[String: Data]], names: [String]) {
    var stores: [[String: Data]] = []
    for messages in [5, 12] {
      try writeStore(folder, messages: messages)
      stores.append(try folder.files("store"))
      let run = try CommandLineRun("carryover backup store vault" + options, in: folder.path)
      #expect(run.code == 0, "\(run.errors)")
    }
    let names = try folder.files("vault/snapshots").keys.sorted().map { String($0.prefix(16)) }
    return (stores, names)
  }

  private func putBack(_ folder: TemporaryFolder) throws {
    try? FileManager.default.removeItem(atPath: folder.path("vault"))
    try FileManager.default.copyItem(atPath: folder.path("old"), toPath: folder.path("vault"))
  }

  @Test(arguments: [false, true])
  func `a killed run leaves all earlier snapshots, and the next one completes it`(
    isEncrypted: Bool
  ) async throws {
    let folder = try TemporaryFolder()
    var (options, key) = ("", "")
    if isEncrypted {
      let made = try CommandLineRun(
        "age-keygen -o key.txt && age-keygen -y key.txt", in: folder.path)
      guard made.code == 0 else { return print("skipped: the program age is not installed") }
      key = " --identity key.txt"
      options =
        key + " --encrypt " + made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    let (stores, names) = try vault(in: folder, options: options)
    var random = SeededGenerator(seed: testSeed)
    try FileManager.default.moveItem(
      atPath: folder.path("vault"), toPath: folder.path("old"))
    try writeStore(folder, messages: 40)
    let now = try folder.files("store")
    let command = "carryover backup store vault" + options
    try putBack(folder)
    let seconds = try duration(of: command, in: folder)
    for trial in 0..<Self.trials {
      let what = Comment(rawValue: "seed \(testSeed), trial \(trial)")
      try putBack(folder)
      try kill(command, in: folder, within: seconds, &random)
      var verification = Verification(of: folder.path("vault"))
      if isEncrypted { verification.identity = folder.path("key.txt") }
      let report = try await verification.run()
      #expect(report.isValid, "\(what): \(report.findings)")
      for (name, store) in zip(names, stores) {
        #expect(try restored("vault", in: folder, name, key: key) == store, what)
      }
      #expect([stores[1], now].contains(try restored("vault", in: folder, key: key)), what)
      let again = try CommandLineRun(command, in: folder.path)
      #expect(again.code == 0, "\(what): \(again.errors)")
      #expect(try restored("vault", in: folder, key: key) == now, what)
      #expect(try !folder.hasStrays(), what)
    }
  }

  @Test func `a killed compaction leaves all snapshots, and the next one completes it`()
    async throws
  {
    let folder = try TemporaryFolder()
    let (stores, names) = try vault(in: folder)
    var random = SeededGenerator(seed: testSeed)
    try FileManager.default.removeItem(
      atPath: folder.path("vault/snapshots/\(names[0]).jsonl.gz"))
    // One session of the first pack is still needed.
    try FileManager.default.moveItem(
      atPath: folder.path("vault"), toPath: folder.path("old"))
    let command = "carryover vault compact vault"
    try putBack(folder)
    let seconds = try duration(of: command, in: folder)
    let size = try folder.files("vault").values.reduce(0) { $0 + $1.count }
    for trial in 0..<Self.trials {
      let what = Comment(rawValue: "seed \(testSeed), trial \(trial)")
      try putBack(folder)
      try kill(command, in: folder, within: seconds, &random)
      let report = try await Verification(of: folder.path("vault")).run()
      #expect(report.isValid, "\(what): \(report.findings)")
      #expect(try restored("vault", in: folder) == stores[1], what)
      let again = try CommandLineRun(command, in: folder.path)
      #expect(again.code == 0, "\(what): \(again.errors)")
      #expect(try restored("vault", in: folder) == stores[1], what)
      #expect(try folder.files("vault").values.reduce(0) { $0 + $1.count } <= size, what)
      #expect(try !folder.hasStrays(), what)
    }
  }

  @Test(arguments: ["back", "filled"])
  func `a killed restoration leaves whole files, and the next one completes it`(
    destination: String
  ) async throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: testSeed)
    try writeStore(folder, messages: 40)
    let store = try folder.files("store")
    #expect(try CommandLineRun("carryover backup store vault", in: folder.path).code == 0)
    let command = "carryover restore vault \(destination)"
    func empty() throws {
      try? FileManager.default.removeItem(atPath: folder.path(destination))
      if destination == "filled" { try folder.write([1], to: "filled/mine.txt") }
    }
    try empty()
    let seconds = try duration(of: command, in: folder)
    for trial in 0..<Self.trials {
      let what = Comment(rawValue: "seed \(testSeed), trial \(trial)")
      try empty()
      try kill(command, in: folder, within: seconds, &random)
      let present = (try? folder.files(destination)) ?? [:]
      for (name, bytes) in present where name != "mine.txt" {
        #expect(store[name] == bytes, "\(what): \(name)")
      }
      #expect(destination == "back" || present["mine.txt"] == Data([1]), what)
      let again = try CommandLineRun(command, in: folder.path)
      #expect(again.code == 0, "\(what): \(again.output)\(again.errors)")
      #expect(try folder.files(destination).filter { $0.key != "mine.txt" } == store, what)
      #expect(try !folder.hasStrays(), what)
    }
  }
}
