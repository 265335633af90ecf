import Conversion
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Nothing half-written is ever visible, at whatever moment the program dies.
@Suite(.serialized) struct KillTests {
  private static let sessions = 12
  private static let oldMessages = 10
  private static let newMessages = 60

  /// Writes the store, each session with a number of messages.
  private func writeStore(_ folder: TemporaryFolder, messages: Int) throws {
    let text = String(repeating: "The beans go to the south wall. ", count: 30)
    for number in 0..<Self.sessions {
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
  }

  /// The number of messages of each session of a target.
  private func messageCounts(_ path: String, _ format: String) throws -> [Int] {
    let source = try #require(Registry.format(format)).open(path, options: ReadOptions())
    return try source.sessions().map { summary in
      let reader = try source.reader(for: summary.id)
      var count = 0
      while let entry = try reader.next() {
        if case .message(_) = entry.content { count += 1 }
      }
      return count
    }
  }

  @Test(arguments: [("term-llm", "sessions.db", ""), ("ggcode", "other", " --no-carry")])
  func `a killed conversion leaves old or new sessions and can be repeated`(
    format: String, target: String, switches: String
  ) throws {
    let folder = try TemporaryFolder()
    try writeStore(folder, messages: Self.oldMessages)
    let command = "carryover convert store \(target) --to \(format)\(switches)"
    #expect(try CommandLineRun(command, in: folder.path).code == 0)
    try FileManager.default.moveItem(atPath: folder.path(target), toPath: folder.path("old"))
    try writeStore(folder, messages: Self.newMessages)

    func restore() throws {
      try? FileManager.default.removeItem(atPath: folder.path(target))
      for suffix in ["-wal", "-shm", "-journal"] {
        try? FileManager.default.removeItem(atPath: folder.path(target) + suffix)
      }
      try FileManager.default.copyItem(atPath: folder.path("old"), toPath: folder.path(target))
    }

    try restore()
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try CommandLineRun(command, in: folder.path).code == 0)
    let whole = clock.now - start
    let duration = Double(whole.components.attoseconds) / 1e18 + Double(whole.components.seconds)
    var outcomes: Set<Int> = []
    for trial in 0..<(isDeepRun ? 50 : 12) {
      try restore()
      let process = try CommandLineRun.start(
        "exec \(command)", in: folder.path, output: FileHandle.nullDevice,
        errors: FileHandle.nullDevice)
      usleep(UInt32(Double.random(in: 0...duration) * 1e6))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let counts = try messageCounts(folder.path(target), format)
      let news = counts.count { $0 == Self.newMessages }
      let olds = counts.count { $0 == Self.oldMessages }
      // A file that only grows is appended to: one session may have a part of what is new.
      let others = counts.filter { $0 != Self.newMessages && $0 != Self.oldMessages }
      #expect(
        others.count <= (format == "ggcode" ? 1 : 0)
          && others.allSatisfy { (Self.oldMessages...Self.newMessages).contains($0) },
        "trial \(trial): \(counts)")
      #expect(counts.count == Self.sessions && news + olds + others.count == Self.sessions)
      outcomes.insert(news)
      let again = try CommandLineRun(command, in: folder.path)
      #expect(again.code == 0, "\(again.errors)")
      let final = try messageCounts(folder.path(target), format)
      #expect(final.allSatisfy { $0 == Self.newMessages })
      #expect(try !folder.hasStrays(), "trial \(trial)")
    }
    // The moments were spread over the conversion, not all before or after it.
    #expect(outcomes.count > 1)
  }
}
