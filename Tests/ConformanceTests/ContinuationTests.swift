import Conversion
import FileIO
import Foundation
import GRDB
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A session that was gone on with in another tool comes back with what was there, byte for byte,
/// and with the new message in the form of its own tool at the end.
@Suite struct ContinuationTests {
  static let text = "Carried on elsewhere."

  @Test(arguments: FixtureCase.pairs)
  func `what is added elsewhere comes back behind the original`(
    _ fixture: FixtureCase, through middle: String
  ) async throws {
    guard FixtureCase.writable.contains(where: { $0.format == fixture.format }) else { return }
    // One closed JSON document, which nothing can be added to.
    guard fixture.testDescription != "codex/document-2025" else { return }
    try await goOn(with: fixture, in: middle)
  }

  func goOn(with fixture: FixtureCase, in middle: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    let there = try await convert(fixture.input, fixture.format, to: path, middle)
    let written = there.sessions.filter { $0.status == .written }
    guard !written.isEmpty else { return }
    for session in written {
      try await append(to: #require(session.target), of: middle, at: path)
    }
    let back = try await convert(
      path, middle, to: folder.path("back"), fixture.format, profile: fixture.profile)
    let original = try open(fixture.format, fixture.input)
    let returned = try open(fixture.format, folder.path("back"))
    for session in written {
      let result = try #require(back.sessions.first { $0.source == session.target })
      #expect(result.status == .written, "\(session.source): \(result.reason ?? "")")
      guard result.status == .written, let id = result.target else { continue }
      #expect(result.fidelity == .continued, "\(session.source): \(result.losses)")
      try check(original.whole(session.source), returned.whole(id), fixture)
    }
  }

  /// The old records first, then the new message.
  func check(_ before: WholeSession, _ after: WholeSession, _ fixture: FixtureCase) throws {
    // A database row that counts messages changes with a new one; lines do not.
    let isRow = holdsRows(fixture.format)
    func isHead(_ entry: Entry) -> Bool {
      if case .headChange = entry.content { true } else { false }
    }
    // Rows of other tables stand behind the messages.
    func isCompared(_ entry: Entry) -> Bool {
      if case .opaque = entry.content { return !isRow }
      return !isRow || !isHead(entry)
    }
    let old = before.entries.filter(isCompared)
    let new = after.entries.filter(isCompared)
    func opaque(_ session: WholeSession) -> [ArraySlice<UInt8>?] {
      session.entries.filter { !isCompared($0) && !isHead($0) }.map { $0.origin?.bytes }
    }
    #expect(opaque(before) == opaque(after), "session \(before.id): rows of other tables changed")
    let oldBytes = old.flatMap { $0.origin?.bytes ?? [] }
    let newBytes = new.flatMap { $0.origin?.bytes ?? [] }
    let isKept = newBytes.starts(with: oldBytes)
    #expect(isKept, "session \(before.id): the original bytes changed")
    // Around a message Codex has events: what its screen shows, and where turns begin and end.
    func isCounted(_ entry: Entry) -> Bool {
      if case .event = entry.content, fixture.format == "codex" { return false }
      return !isHead(entry)
    }
    let last = new.last(where: isCounted)
    guard case .message(let message)? = last?.content else {
      Issue.record("session \(before.id): the last record is not the new message")
      return
    }
    #expect(message.blocks.compactMap(\.plainText).map(\.string) == [Self.text])
    #expect(message.role == .user)
    // Where the last change is that of the last record, a head may say so.
    #expect(new.count(where: isCounted) == old.count(where: isCounted) + 1, "session \(before.id)")
  }

  /// What came back is a session like any other: it goes on to further tools.
  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "canonical" })
  func `what was gone on with elsewhere goes on from canonical`(middle: String) async throws {
    let folder = try TemporaryFolder()
    let input = Fixtures.root + "/canonical/minimal/input.session.jsonl"
    try await convert(input, "canonical", to: folder.path("middle"), middle)
    let id = try #require(try open(middle, folder.path("middle")).sessions().first?.id)
    try await append(to: id, of: middle, at: folder.path("middle"))
    try await convert(folder.path("middle"), middle, to: folder.path("back"), "canonical")
    for target in Registry.writable.map(\.info.id) {
      let on = try await convert(
        folder.path("back"), "canonical", to: folder.path("on-\(target)"), target)
      for session in on.sessions {
        #expect(session.status == .written, "\(target): \(session.reason ?? "")")
      }
    }
  }

  /// A session whose tool wrote no head has one in canonical files, also when its first record is edited.
  @Test(arguments: ["ggcode/missing-meta", "ggcode/meta-order"])
  func `an edited session without a head goes there and back`(name: String) async throws {
    let folder = try TemporaryFolder()
    try await convert(Fixtures.root + "/\(name)/input", "ggcode", to: folder.path("a"), "canonical")
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path("a"))
    where file.hasSuffix(".session.jsonl") {
      let text = String(decoding: try readFile(folder.path("a/" + file)), as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        .map { line -> String in
          line.contains(#""record":"carry""#)
            ? line : line.replacingOccurrences(of: "Hello", with: "Edited")
        }
      try folder.write(Array(lines.joined(separator: "\n").utf8), to: "a/" + file)
    }
    try await convert(folder.path("a"), "canonical", to: folder.path("b"), "ggcode")
    let again = try await convert(folder.path("b"), "ggcode", to: folder.path("c"), "canonical")
    for session in again.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
    }
  }

  /// Adds a message as the tool of a format does.
  func append(
    _ text: String = Self.text, to id: String, of format: String, at path: String
  ) async throws {
    switch format {
    case "ggcode":
      try append(
        line: """
          {"type":"message","session_id":"\(id)","token_usage":{"input_tokens":0,"output_tokens":0,\
          "cache_read_tokens":0,"cache_write_tokens":0},"created_at":"0001-01-01T00:00:00Z",\
          "updated_at":"0001-01-01T00:00:00Z","message":{"role":"user","content":[{"type":"text",\
          "text":"\(text)"}]}}
          """, to: path + "/" + id + ".jsonl")
    case "canonical":
      let summary = try open(format, path).sessions().first { $0.id == id }
      try append(
        line: """
          {"record":"message","role":"user","content":[{"type":"text","text":"\(text)"}]}
          """, to: #require(summary?.path))
    case "codex":
      let summary = try open(format, path).sessions().first { $0.id == id }
      try append(
        line: """
          {"timestamp":"2026-11-11T11:11:11.000Z","type":"response_item","payload":{"type":"message",\
          "role":"user","content":[{"type":"input_text","text":"\(text)"}]}}
          """, to: #require(summary?.path))
    case "term-llm":
      // The triggers of the full-text index work as they do for the tool.
      try await DatabaseQueue(path: path).write { database in
        try database.execute(
          sql: """
            INSERT INTO messages (session_id, role, parts, text_content, created_at, sequence)
            SELECT ?, 'user', ?, ?, '2026-11-11 11:11:11 +0000 UTC', COALESCE(MAX(sequence), -1) + 1
            FROM messages WHERE session_id = ?
            """,
          arguments: [
            id, "[{\"Type\":\"text\",\"Text\":\"\(text)\"}]", text, id,
          ])
      }
    case "claude-code":
      let file = try #require(try open(format, path).sessions().first { $0.id == id }?.path)
      let lines = try Data(contentsOf: URL(fileURLWithPath: file)).split(separator: 0x0A)
      // The program links a new line to the last one of the conversation.
      let last = lines.last { $0.starts(with: Data("{\"parentUuid\"".utf8)) }
      let record = try last.map { try JSONSerialization.jsonObject(with: $0) } as? [String: Any]
      let parent = (record?["uuid"] as? String).map { "\"\($0)\"" } ?? "null"
      try append(
        line: """
          {"parentUuid":\(parent),"isSidechain":false,"type":"user","message":{"role":"user",\
          "content":"\(text)"},"uuid":"0f0e0d0c-0000-4000-8000-\(100_000_000_000 + lines.count)",\
          "timestamp":"2026-11-11T11:11:11.000Z","cwd":"/","sessionId":"\(id)"}
          """, to: file)
    case "markdown":
      let file = try #require(try open(format, path).sessions().first { $0.id == id }?.path)
      // A person writes it above what is stored for the way back.
      var page = try String(contentsOfFile: file, encoding: .utf8)
      let end = page.range(of: "\n<!-- carryover ", options: .backwards).map {
        page.index(after: $0.lowerBound)
      }
      page.insert(contentsOf: "\n## User\n\n\(text)\n\n", at: end ?? page.endIndex)
      try page.write(toFile: file, atomically: false, encoding: .utf8)
    case "aider":
      // aider itself adds to the last chat; the others are treated as if they had been the last.
      let file = try #require(try open(format, path).sessions().first { $0.id == id }?.path)
      let start = "\n# aider chat started at "
      var chats = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: start)
      let index = try #require(
        chats.indices.dropFirst().first { index in
          let digits = chats[index].prefix(19).filter(\.isNumber)
          return chats[index].contains("# carryover {\"session\":\"\(id)\"}")
            || !chats[index].contains("# carryover {\"session\":")
              && "\(digits.prefix(8))-\(digits.suffix(6))" == id
        })
      chats[index] += "\n#### \(text)  \n"
      try chats.joined(separator: start).write(toFile: file, atomically: false, encoding: .utf8)
    default:
      let file = try #require(try open(format, path).sessions().first { $0.id == id }?.path)
      if holdsRows(format) {
        return try await DatabaseQueue(path: file).write { database in
          try Self.goOn(text, with: id, of: format, in: database)
        }
      }
      let line = try Self.turn(text, of: format, id: id, after: file)
      try append(line: line, to: file)
      // What else the tool changes beside the file, which the script gets with the new line.
      let script = Fixtures.root + "/\(format)/turn.sh"
      guard FileManager.default.fileExists(atPath: script) else { return }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [script, file, line]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
  }

  /// Goes on with a session as its tool does, by the statements of `Fixtures/<format>/turn.sql`, one for
  /// each line, with `:id` and `:text`.
  static func goOn(
    _ text: String, with id: String, of format: String, in database: Database
  ) throws {
    let path = Fixtures.root + "/\(format)/turn.sql"
    for sql in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      // A statement that does not speak of something gets no value for it.
      let values = ["id": id, "text": text].filter { sql.contains(":" + $0.key) }
      try database.execute(sql: String(sql), arguments: StatementArguments(values))
    }
  }

  /// The line of `Fixtures/<format>/turn.jsonl`, by which the tool goes on with a session.
  ///
  /// `$TEXT` stands for what is said, `$NUMBER` for eight digits that no line of any format has, and
  /// `$LAST` for the `id` or `uuid` of the file's last line; `$ID` for the session's identifier.
  private static func turn(
    _ text: String, of format: String, id: String, after file: String
  ) throws -> String {
    let lines = try Data(contentsOf: URL(fileURLWithPath: file)).split(separator: 0x0A)
    let records = lines.map { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    let last = records.compactMap { ($0?["id"] ?? $0?["uuid"]) as? String }.last ?? ""
    let formats = Registry.writable.map(\.info.id)
    let number = (10 + (formats.firstIndex(of: format) ?? 0)) * 1_000_000 + lines.count
    return try String(contentsOfFile: Fixtures.root + "/\(format)/turn.jsonl", encoding: .utf8)
      .replacingOccurrences(of: "$TEXT", with: text)
      .replacingOccurrences(of: "$NUMBER", with: "\(number)")
      .replacingOccurrences(of: "$LAST", with: last)
      .replacingOccurrences(of: "$ID", with: id)
      .trimmingCharacters(in: .newlines)
  }

  func append(line: String, to path: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data((line + "\n").utf8))
    try handle.close()
  }
}
