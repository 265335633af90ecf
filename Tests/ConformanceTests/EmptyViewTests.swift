import Conversion
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Sessions of which a compaction left nothing in use.
@Suite struct EmptyViewTests {
  private static let said = [
    GGCodeWritingTests.message(.user, "How are the beans?", isEffective: false),
    GGCodeWritingTests.message(.assistant, "They grow.", isEffective: false),
    GGCodeWritingTests.message(.user, "Good.", isEffective: false),
  ]

  private func convert(
    _ entries: [Entry], to name: String, in folder: TemporaryFolder
  ) async throws -> (report: SessionReport, used: [String]) {
    let path = try GGCodeWritingTests().write(entries, in: folder)
    let parts = name.split(separator: "@").map(String.init)
    let report = try await ConformanceTests.convert(
      path, "canonical", to: folder.path("out"), parts[0],
      profile: parts.count > 1 ? parts[1] : nil)
    let written = try open(parts[0], folder.path("out"))
    let whole = try written.whole(try #require(try written.list().first).id)
    let used = whole.entries.compactMap { entry -> String? in
      guard entry.isEffective, case .message(let message) = entry.content else { return nil }
      return message.blocks.compactMap { $0.plainText?.string }.joined()
    }
    return (try #require(report.sessions.first), used)
  }

  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "canonical" } + ["term-llm@7"])
  func `nobody gets a session without a message`(name: String) async throws {
    let folder = try TemporaryFolder()
    let empty = Entry(.checkpoint(Checkpoint(messages: [])))
    let (session, used) = try await convert(Self.said + [empty], to: name, in: folder)
    #expect(session.status == .written, "\(session.reason ?? "")")
    let finding = try #require(session.findings.first { $0.rule == "session.view-empty" })
    #expect(finding.message.contains("(3 messages)"))
    #expect(!session.losses.contains { $0.code == "message" })
    #expect(used == ["How are the beans?", "They grow.", "Good."])
  }

  @Test(arguments: ["codex", "claude-code", "term-llm@7"])
  func `what another session goes on with is not touched`(name: String) async throws {
    let folder = try TemporaryFolder()
    let empty = Entry(.checkpoint(Checkpoint(messages: [])))
    let (session, used) = try await convert(
      Self.said + [empty, GGCodeWritingTests.message(.user, "Anew")], to: name, in: folder)
    #expect(!session.findings.contains { $0.rule == "session.view-empty" })
    #expect(used == ["Anew"])
  }
}
