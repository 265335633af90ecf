import Conversion
import FileIO
import Foundation
import GRDB
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Names and rows that lists show.
@Suite struct CodexThreadIndexTests {
  static let columns = """
    id TEXT PRIMARY KEY, rollout_path TEXT NOT NULL, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, source TEXT NOT NULL, model_provider TEXT NOT NULL,
    cwd TEXT NOT NULL, title TEXT NOT NULL, sandbox_policy TEXT NOT NULL,
    approval_mode TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,
    first_user_message TEXT NOT NULL DEFAULT '', preview TEXT NOT NULL DEFAULT '', name TEXT
    """

  func rows(_ schema: String) async throws -> [Row] {
    let folder = try TemporaryFolder()
    try createDirectory(folder.path("home"), permissions: 0o700)
    let path = folder.path("home/state_5.sqlite")
    let queue = try DatabaseQueue(path: path)
    try await queue.write { try $0.execute(sql: "CREATE TABLE threads (\(schema))") }
    let report = try await CodexSamples.convert(
      Fixtures.root + "/ggcode/minimal/input", "ggcode", to: folder.path("home"), "codex")
    #expect(report.sessions[0].status == .written)
    let thread = try #require(report.sessions[0].target)
    let home = folder.path("home")
    #expect(report.sessions[0].resume == "CODEX_HOME=\(home) codex resume \(thread)")
    let names = String(
      decoding: try readFile(folder.path("home/session_index.jsonl")), as: UTF8.self)
    #expect(names.contains("\"thread_name\":\"A title\""))
    return try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM threads") }
  }

  @Test func `a row is added to a table that is known`() async throws {
    let rows = try await self.rows(Self.columns)
    #expect(rows.count == 1)
    #expect(rows.first?["preview"] == "Hello")
    #expect(rows.first?["name"] == "A title")
    #expect(rows.first?["source"] == "cli")
    #expect(rows.first?["sandbox_policy"] == "{\"type\":\"read-only\"}")
  }

  @Test(arguments: [
    "id TEXT", CodexThreadIndexTests.columns + ", unknown TEXT NOT NULL",
  ])
  func `a table that is not known is left alone`(schema: String) async throws {
    let rows = try await self.rows(schema)
    #expect(rows.isEmpty)
  }
}
