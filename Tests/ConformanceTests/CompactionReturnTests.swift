import Conversion
import Foundation
import GRDB
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A tool that compacts by writing its store anew keeps a summary and the last messages.
///
/// What it no longer holds was not deleted by anybody: it comes back, before the compaction.
@Suite struct CompactionReturnTests {
  static let cases = FixtureCase.pairs.filter { $1 == "ggcode" || $1 == "term-llm" }

  @Test(arguments: cases)
  func `what a compaction left out comes back as history`(
    _ fixture: FixtureCase, through middle: String
  ) async throws {
    guard FixtureCase.writable.contains(where: { $0.format == fixture.format }),
      fixture.testDescription != "codex/document-2025"
    else { return }
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    let there = try await convert(
      fixture.input, fixture.format, to: path, middle, profile: middle == "term-llm" ? "7" : nil)
    var compacted: [String: (source: String, view: [String])] = [:]
    for session in there.sessions where session.status == .written {
      let id = try #require(session.target)
      guard try await compact(id, of: middle, at: path) else { continue }
      compacted[id] = (session.source, try open(middle, path).whole(id).view)
    }
    guard !compacted.isEmpty else { return }
    let back = try await convert(
      path, middle, to: folder.path("back"), fixture.format, profile: fixture.profile)
    let (original, returned) =
      (try open(fixture.format, fixture.input), try open(fixture.format, folder.path("back")))
    for (id, before) in compacted {
      let result = try #require(back.sessions.first { $0.source == id })
      #expect(result.status == .written, "\(before.source): \(result.reason ?? "")")
      guard result.status == .written, let target = result.target else { continue }
      // Hermes says in each row whether a compaction has put it away.
      let marksRows = fixture.format == "hermes"
      #expect(
        result.fidelity == (marksRows ? .edited : .continued), "\(before.source): \(result.losses)")
      let whole = try returned.whole(target)
      let old = try original.whole(before.source)
      // A last line without an end gets one.
      func line(_ bytes: some BidirectionalCollection<UInt8>) -> [UInt8] {
        var line = bytes.last == UInt8(ascii: "\n") ? Array(bytes.dropLast()) : Array(bytes)
        if marksRows {
          let text = String(decoding: line, as: UTF8.self)
          line = Array(
            text.replacing("\"active\":1", with: "\"active\":0")
              .replacing("\"compacted\":0", with: "\"compacted\":1").utf8)
        }
        return line
      }
      let kept = Set(whole.origins.map { line($0) })
      let lost = old.entries.filter { entry in
        if case .headChange = entry.content { return false }
        // What else a record says has no bytes of its own.
        return entry.origin.map { !$0.bytes.isEmpty && !kept.contains(line($0.bytes)) } ?? false
      }
      let texts = lost.map { String(decoding: $0.origin?.bytes ?? [], as: UTF8.self) }
      // In a chat history the lines of the tool that follow each other are one record.
      #expect(
        texts == [] || fixture.format == "aider" && whole.bytes.starts(with: old.bytes),
        "\(before.source): records are gone")
      // A chat history and schema 7 have no place for a compaction: they show all that was said.
      guard fixture.format != "aider", fixture.profile != "7" else { continue }
      #expect(whole.view == before.view, "\(before.source)")
    }
  }

  /// Compacts a session as its tool does; false where it has too little to be compacted.
  private func compact(_ id: String, of format: String, at path: String) async throws -> Bool {
    if format == "ggcode" { return try compactFile(path + "/\(id).jsonl", id) }
    return try await DatabaseQueue(path: path).write { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT * FROM messages WHERE session_id = ? ORDER BY sequence",
        arguments: [id])
      guard rows.count > 4 else { return false }
      // `ReplaceMessages` (schema 7): everything goes, then the compacted context is written.
      try database.execute(sql: "DELETE FROM messages WHERE session_id = ?", arguments: [id])
      var sequence = 0
      func add(_ role: String, _ parts: String, _ text: String) throws {
        try database.execute(
          sql: """
            INSERT INTO messages (session_id, role, parts, text_content, created_at, sequence)
            VALUES (?, ?, ?, ?, '2026-11-11 11:11:11 +0000 UTC', ?)
            """, arguments: [id, role, parts, text, sequence])
        sequence += 1
      }
      let texts = [
        ("user", "[Context Compaction]\n" + Self.summary),
        (
          "assistant",
          "I've reviewed the context summary. I'll continue from where we left off."
        ),
      ]
      for (role, text) in texts {
        let json = try String(decoding: JSONEncoder().encode(text), as: UTF8.self)
        try add(role, "[{\"Type\":\"text\",\"Text\":\(json)}]", text)
      }
      // A tool keeps calls and results together; here neither is kept.
      for row in rows.suffix(2) where !(row["parts"] as String).contains(":{") {
        try add(row["role"], row["parts"], row["text_content"])
      }
      try add("user", "[{\"Type\":\"text\",\"Text\":\"\(Self.added)\"}]", Self.added)
      return true
    }
  }

  private static let summary = "[Previous conversation summary]\nThey spoke of much."
  private static let added = "Go on after the summary."

  /// What classic ggcode's `Save` makes of a session whose context was compacted.
  private func compactFile(_ path: String, _ id: String) throws -> Bool {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    func isKind(_ line: Substring, _ kind: String) -> Bool {
      line.hasPrefix("{\"type\":\"\(kind)\"")
    }
    let messages = lines.filter { isKind($0, "message") }
    guard let meta = lines.last(where: { isKind($0, "meta") }), messages.count > 4 else {
      return false
    }
    func message(_ role: String, _ text: String) throws -> String {
      let json = try String(decoding: JSONEncoder().encode(text), as: UTF8.self)
      return """
        {"type":"message","session_id":"\(id)","token_usage":{"input_tokens":0,"output_tokens":0,\
        "cache_read_tokens":0,"cache_write_tokens":0},"created_at":"0001-01-01T00:00:00Z",\
        "updated_at":"0001-01-01T00:00:00Z","message":{"role":"\(role)","content":[{"type":"text",\
        "text":\(json)}]}}
        """
    }
    var saved = [String(meta), try message("system", Self.summary)]
    // A tool keeps calls and results together; here neither is kept.
    saved += messages.suffix(2).filter { line in
      !line.contains("\"tool_")
        && ["user", "assistant"].contains { line.contains("\"message\":{\"role\":\"\($0)\"") }
    }.map(String.init)
    saved.append(try message("user", Self.added))
    saved += lines.filter { line in
      !["meta", "message", "checkpoint"].contains { isKind(line, $0) }
    }.map(String.init)
    try (saved.joined(separator: "\n") + "\n").write(
      toFile: path, atomically: true, encoding: .utf8)
    return true
  }
}

extension WholeSession {
  /// The texts that the tool goes on with: those of the last checkpoint in force and after it.
  fileprivate var view: [String] {
    var view: [String] = []
    func add(_ message: Message) {
      view += message.blocks.compactMap {
        $0.plainText?.string.trimmingCharacters(in: .whitespacesAndNewlines)
      }
      .map { $0.replacingOccurrences(of: "[Context Compaction]\n", with: "") }
    }
    for entry in entries where entry.isEffective {
      switch entry.content {
      case .message(let message): add(message)
      case .checkpoint(let checkpoint):
        guard let messages = checkpoint.messages else { continue }
        view = []
        messages.forEach(add)
      default: break
      }
    }
    return view
  }
}
