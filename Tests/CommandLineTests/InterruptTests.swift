import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct InterruptTests {
  /// A store that takes long enough to be interrupted.
  private func makeStore(sessions: Int, messages: Int) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let text = String(repeating: "The beans go to the south wall. ", count: 40)
    for number in 0..<sessions {
      let id = "20260301-\(100_000 + number)"
      var file =
        #"{"type":"meta","session_id":"\#(id)","title":"T \#(number)","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z"}"#
        + "\n"
      for message in 0..<messages {
        let role = message.isMultiple(of: 2) ? "user" : "assistant"
        file +=
          #"{"type":"message","session_id":"\#(id)","created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","message":{"role":"\#(role)","content":[{"type":"text","text":"\#(message): \#(text)"}]}}"#
          + "\n"
      }
      try folder.write(Array(file.utf8), to: "store/\(id).jsonl")
    }
    return folder
  }

  /// Runs a conversion until something appears, sends signals, and gives its errors and exit code.
  private func interrupt(
    _ command: String, in folder: TemporaryFolder, with signals: [Int32],
    when hasBegun: () throws -> Bool
  ) throws -> (errors: String, code: Int32) {
    let errors = folder.path("errors")
    try Data().write(to: URL(fileURLWithPath: errors))
    let handle = try #require(FileHandle(forWritingAtPath: errors))
    let process = try CommandLineRun.start(
      "exec carryover " + command, in: folder.path, output: FileHandle.nullDevice, errors: handle)
    while process.isRunning, try !hasBegun() { usleep(1_000) }
    for signal in signals { kill(process.processIdentifier, signal) }
    process.waitUntilExit()
    try handle.close()
    #expect(process.terminationReason == .exit)
    let text = try String(contentsOfFile: errors, encoding: .utf8)
    try FileManager.default.removeItem(atPath: errors)
    return (text, process.terminationStatus)
  }

  static let signals: [([Int32], Int32)] = [
    ([SIGINT], 130), ([SIGTERM], 143), ([SIGINT, SIGINT], 130),
  ]

  @Test(arguments: signals)
  func `an interrupted conversion leaves whole sessions and goes on`(
    signals: [Int32], code: Int32
  ) throws {
    let folder = try makeStore(sessions: 120, messages: 60)
    let command = "convert store out --to canonical"
    let (errors, status) = try interrupt(command, in: folder, with: signals) {
      try FileManager.default.fileExists(atPath: folder.path("out"))
        && FileManager.default.contentsOfDirectory(atPath: folder.path("out"))
          .contains { !$0.hasPrefix(".") }
    }
    #expect(status == code, "\(errors)")
    if signals.count == 1 {
      #expect(errors.contains("run the same command again"))
      #expect(errors.contains("written and complete"))
    }
    #expect(try !folder.hasStrays())
    let interrupted = try folder.files("out")
    #expect(!interrupted.isEmpty && interrupted.count < 120)
    let rest = try CommandLineRun("carryover \(command)", in: folder.path)
    #expect(rest.code == 0)
    let whole = try CommandLineRun("carryover convert store ref --to canonical", in: folder.path)
    #expect(whole.code == 0)
    let (done, reference) = (try folder.files("out"), try folder.files("ref"))
    #expect(done == reference)
    for (name, bytes) in interrupted { #expect(bytes == reference[name], "\(name)") }
  }

  @Test(arguments: [("canonical", "all.session.jsonl"), ("term-llm", "sessions.db")])
  func `an interrupted new file is not there`(format: String, target: String) throws {
    let folder = try makeStore(sessions: 80, messages: 60)
    let command = "convert store \(target) --to \(format)"
    let (errors, status) = try interrupt(command, in: folder, with: [SIGINT]) {
      try folder.hasStrays()
    }
    #expect(status == 130, "\(errors)")
    #expect(errors.contains("nothing was written"))
    #expect(try !folder.hasStrays())
    #expect(!FileManager.default.fileExists(atPath: folder.path(target)))
    let rest = try CommandLineRun("carryover \(command)", in: folder.path)
    #expect(rest.code == 0)
  }
}
