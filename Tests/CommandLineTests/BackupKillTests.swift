import Bundles
import Foundation
import SessionFormats
import TestSupport
import Testing

/// A bundle is absent or whole, and a vault verifies, at whatever moment the program dies.
@Suite(.serialized) struct BackupKillTests {
  private static let trials = 25

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

  /// Runs a command, killed after a random time within the time it takes.
  private func kill(_ command: String, in folder: TemporaryFolder, within seconds: Double) throws {
    let process = try CommandLineRun.start(
      "exec \(command)", in: folder.path, output: FileHandle.nullDevice,
      errors: FileHandle.nullDevice)
    usleep(UInt32(Double.random(in: 0...seconds) * 1e6))
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

  @Test func `a killed backup leaves no bundle or a whole one`() async throws {
    let folder = try TemporaryFolder()
    try writeStore(folder, messages: 40)
    let command = "carryover backup store b.tar.gz"
    let seconds = try duration(of: command, in: folder)
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.path("b.tar.gz")))
    var outcomes: Set<Bool> = []
    for trial in 0..<Self.trials {
      for suffix in ["", ".sha256", ".idx.json"] {
        try? FileManager.default.removeItem(atPath: folder.path("b.tar.gz" + suffix))
      }
      try kill(command, in: folder, within: seconds)
      let bytes = try? Data(contentsOf: URL(fileURLWithPath: folder.path("b.tar.gz")))
      outcomes.insert(bytes != nil)
      guard let bytes else { continue }
      #expect(bytes == whole, "trial \(trial)")
      let report = try await Verification(of: folder.path("b.tar.gz")).run()
      #expect(report.findings.isEmpty, "trial \(trial): \(report.findings)")
    }
    #expect(outcomes.contains(false))
    let last = try CommandLineRun(command, in: folder.path)
    #expect(last.code == 0, "\(last.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("b.tar.gz"))) == whole)
    #expect(try !folder.hasStrays())
  }

  @Test func `a killed run leaves a vault that verifies and that the next run completes`()
    async throws
  {
    let folder = try TemporaryFolder()
    try writeStore(folder, messages: 5)
    let command = "carryover backup store vault"
    #expect(try CommandLineRun(command, in: folder.path).code == 0)
    try FileManager.default.moveItem(
      atPath: folder.path("vault"), toPath: folder.path("old"))
    try writeStore(folder, messages: 40)
    func restore() throws {
      try? FileManager.default.removeItem(atPath: folder.path("vault"))
      try FileManager.default.copyItem(atPath: folder.path("old"), toPath: folder.path("vault"))
    }
    try restore()
    let seconds = try duration(of: command, in: folder)
    let whole = try folder.files("vault")
    for trial in 0..<Self.trials {
      try restore()
      try kill(command, in: folder, within: seconds)
      let report = try await Verification(of: folder.path("vault")).run()
      #expect(report.isValid, "trial \(trial): \(report.findings)")
      let again = try CommandLineRun(command, in: folder.path)
      #expect(again.code == 0, "trial \(trial): \(again.errors)")
      #expect(try folder.files("vault") == whole, "trial \(trial)")
      #expect(try !folder.hasStrays(), "trial \(trial)")
    }
  }
}
