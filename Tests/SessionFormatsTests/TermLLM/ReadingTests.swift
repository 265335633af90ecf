import FileIO
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct ReadingTests {
  @Test(arguments: Fixture.stores)
  func `Every session reads without damage`(name: String) throws {
    let source = try TermLLM().open(Fixture.path(name), options: ReadOptions())
    let sessions = try source.sessions()
    #expect(sessions.count >= 3)
    for summary in sessions {
      let reader = try source.reader(for: summary.id)
      let entries = try reader.entries()
      #expect(reader.findings.isEmpty)
      #expect(reader.head.title == summary.title)
      #expect(entries.allSatisfy { $0.origin != nil && $0.place != nil })
      guard case .headChange(let head)? = entries.first?.content else {
        Issue.record("the first entry is not the head")
        continue
      }
      #expect(head == reader.head)
      // Each origin spells rows.
      for entry in entries { #expect(TableRow.rows(of: entry.origin?.bytes ?? []) != nil) }
    }
  }

  @Test(arguments: ["head-v46", "seed-v7"])
  func `The effective view is what the tool loads`(name: String) throws {
    let dump = try Fixture.json(name + ".dump.json")
    let source = try TermLLM().open(Fixture.path(name + ".db"), options: ReadOptions())
    var count = 0
    for session in try #require(dump["sessions"]).elements {
      count += 1
      let get = try #require(session["get"])
      let reader = try source.reader(for: try #require(session["id"]?.string).string)
      let entries = try reader.entries()
      try expectHead(reader.head, get)
      let rows = try #require(session["messages"]).elements
      try expectMessages(entries, Array(rows))
      if let active = session["active_context"], let first = active["first_sequence"]?.int64 {
        let sequences = entries.filter(\.isEffective).flatMap { entry in
          (TableRow.rows(of: entry.origin?.bytes ?? []) ?? []).compactMap {
            $0.table == "messages" ? $0["sequence"]?.int64 : nil
          }
        }
        #expect(sequences.first == first)
        #expect(sequences.count == active["count"]?.int64.map(Int.init))
      }
    }
    #expect(count == (try source.sessions().count))
  }

  private func expectHead(_ head: SessionHead, _ get: JSONValue) throws {
    let name =
      get["name"]?.string?.string ?? get["generated_short_title"]?.string?.string
      ?? get["summary"]?.string?.string
    #expect(head.title == name)
    #expect(head.model == get["model"]?.string?.string)
    #expect(head.provider == get["provider"]?.string?.string)
    #expect(head.workspace == get["cwd"]?.string?.string)
    #expect(head.archived == (get["archived"]?.bool ?? false))
    #expect(head.usage?.input == get["input_tokens"]?.int64 ?? 0)
    #expect(head.usage?.output == get["output_tokens"]?.int64 ?? 0)
    #expect(head.usage?.cacheRead == get["cached_input_tokens"]?.int64 ?? 0)
    let created = try #require(get["created_at"]?.string)
    #expect(head.created == Timestamp(rfc3339: Array(created.string.utf8)))
    if let parent = get["parent_id"]?.string { #expect(head.parent?.id == parent.string) }
  }

  private func expectMessages(_ entries: [Entry], _ rows: [JSONValue]) throws {
    var messages: [Message] = []
    for entry in entries {
      switch entry.content {
      case .message(let message): messages.append(message)
      case .checkpoint(let checkpoint): messages += checkpoint.messages ?? []
      default: break
      }
    }
    try #require(messages.count == rows.count)
    for (message, row) in zip(messages, rows) {
      let role = try #require(row["role"]?.string).string
      #expect(message.role.name == role || message.flags.contains(.compactionSummary))
      let created = try #require(row["created_at"]?.string)
      #expect(message.time == Timestamp(rfc3339: Array(created.string.utf8)))
      #expect(message.duration == row["duration_ms"]?.int64.map { $0 * 1_000_000 })
      if !message.flags.contains(.compactionSummary) {
        #expect(
          Parts.textContent(of: message.blocks, shape: .head)
            == row["text_content"]?.string ?? "")
      }
      let calls = message.blocks.compactMap { block -> JSONString? in
        switch block {
        case .toolCall(let call): call.id
        case .toolResult(let result): result.callID
        default: nil
        }
      }
      let wanted = try #require(row["parts"]).elements.compactMap { part in
        [part["ToolCall"], part["ToolResult"]].compactMap { $0?["ID"]?.string }.first
      }
      #expect(calls == wanted)
    }
  }
}
