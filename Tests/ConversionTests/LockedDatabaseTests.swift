import Conversion
import GRDB
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A database that another program is writing to.
@Suite struct LockedDatabaseTests {
  @Test func `that it is locked is said once, and of the target`() async throws {
    let folder = try TemporaryFolder()
    let store = Fixtures.root + "/ggcode/store"
    let path = folder.path("sessions.db")
    _ = try await CodexSamples.convert(
      Fixtures.root + "/canonical/minimal/input.session.jsonl", "canonical", to: path, "term-llm")
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    await #expect {
      _ = try await CodexSamples.convert(store, "ggcode", to: path, "term-llm")
    } throws: { error in
      guard let error = error as? FormatError else { return false }
      return error.code == .busy && error.isAboutTarget && error.concernsAll
    }
    try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
  }
}
