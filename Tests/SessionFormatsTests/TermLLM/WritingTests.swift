import FileIO
import GRDB
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct WritingTests {
  private func text(_ text: String) -> [Block] { [.text(Block.Text(JSONString(text)))] }

  /// Writes entries as one session and gives what reading back says.
  private func write(
    _ entries: [Entry], head: SessionHead = SessionHead(id: "s"), profile: String = "46",
    scratch: Scratch
  ) throws -> (counts: [Int], entries: [Entry], path: String) {
    let path = scratch.path + "/\(profile).db"
    let target = try TermLLM().target(
      at: path, options: WriteOptions(profile: profile, isDurable: false))
    let writer = try target.writer(for: head, id: head.id)
    let counts = try entries.map { try writer.write($0) }
    try writer.finishEntries()
    let back = try writer.readBack().entries()
    try writer.publish(header: nil)
    try target.publish()
    try expectSound(path)
    let source = try TermLLM().open(path, options: ReadOptions())
    let findings = try source.storeFindings() + source.findings(of: head.id)
    #expect(!findings.contains { $0.severity == .error }, "\(findings)")
    #expect(!findings.contains { $0.rule == "term-llm.message-count" }, "\(findings)")
    return (counts, back, path)
  }

  private func message(_ role: Role, _ blocks: [Block], _ flags: MessageFlags = []) -> Entry {
    Entry(.message(Message(role: role, blocks: blocks, flags: flags)))
  }

  @Test func `A copied row keeps to the schema, also behind rows that are made here`() throws {
    let scratch = try Scratch()
    let target = try TermLLM().target(
      at: scratch.path + "/46.db", options: WriteOptions(isDurable: false))
    let writer = try target.writer(for: SessionHead(id: "s"), id: "s")
    for _ in 0..<20 { _ = try writer.write(message(.user, text("made here"))) }
    let row =
      #"{"table":"messages","created_at":"2026-03-01T00:00:00Z","role":"robot","parts":"[]"}"#
      + "\n"
    var copied = message(.other("robot"), [])
    copied.origin = Origin(format: TermLLM.id, bytes: Array(row.utf8)[...])
    let error = #expect(throws: FormatError.self) { try writer.write(copied) }
    #expect(error?.code == .notWritable)
    #expect(error?.description.contains("CHECK") ?? false, "\(error?.description ?? "")")
    writer.discard()
    target.discard()
  }

  @Test func `A compaction reads back as one checkpoint behind the boundary`() throws {
    let scratch = try Scratch()
    let summary = "[Previous conversation summary]\nall of it"
    let kept = Message(role: .user, blocks: text("keep me"))
    let result = try write(
      [
        Entry(.message(Message(role: .user, blocks: text("first"))), isEffective: false),
        Entry(.message(kept), isEffective: false),
        Entry(
          .checkpoint(
            Checkpoint(messages: [
              Message(role: .system, blocks: text(summary), flags: .compactionSummary),
              Message(role: .assistant, blocks: text(CompactionGroups.acknowledgement)), kept,
            ]))), message(.user, text("next")),
      ], scratch: scratch)
    #expect(result.counts == [2, 1, 1, 1])
    #expect(result.entries.map(\.isEffective) == [true, false, false, true, true])
    guard case .checkpoint(let checkpoint) = result.entries[3].content else {
      Issue.record("no checkpoint")
      return
    }
    let messages = try #require(checkpoint.messages)
    #expect(messages.map(\.role) == [.system, .assistant, .user])
    #expect(messages.map(\.flags) == [.compactionSummary, [], .compactionTail])
    #expect(messages[0].blocks == text(summary))
    let row = try Fixture.database(result.path).read {
      try Row.fetchOne($0, sql: "SELECT compaction_seq, compaction_count FROM sessions")
    }
    #expect(row == ["compaction_seq": 2, "compaction_count": 1])
  }

  @Test func `A parent that does not come after all leaves no session pointing at it`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/new.db"
    let target = try TermLLM().target(at: path, options: WriteOptions(isDurable: false))
    func writer(_ head: SessionHead) throws -> any SessionWriter {
      let writer = try target.writer(for: head, id: head.id)
      _ = try writer.write(message(.user, text("hello")))
      try writer.finishEntries()
      return writer
    }
    // The child is there before its parent, which is then taken back.
    var head = SessionHead(id: "child")
    head.parent = ParentLink(id: "parent", kind: .subagent)
    try writer(head).publish(header: nil)
    try writer(SessionHead(id: "parent")).discard()
    try target.publish()
    try expectSound(path)
    let row = try Fixture.database(path).read {
      try Row.fetchAll($0, sql: "SELECT id, parent_id FROM sessions")
    }
    #expect(row == [["id": "child", "parent_id": nil]])
  }

  @Test func `A summary told by reference becomes a boundary`() throws {
    let scratch = try Scratch()
    let result = try write(
      [
        Entry(.message(Message(role: .user, blocks: text("old"))), isEffective: false),
        message(.user, text("what happened"), .compactionSummary),
      ], scratch: scratch)
    #expect(result.counts == [2, 1])
    #expect(result.entries.map(\.isEffective) == [true, false, true])
    guard case .checkpoint = result.entries[2].content else {
      Issue.record("no checkpoint")
      return
    }
  }

  @Test func `Results and other blocks of one message get rows of their own`() throws {
    let scratch = try Scratch()
    let results: [Block] = [
      .toolResult(Block.ToolResult(callID: "a", name: "n", content: text("one"))),
      .toolResult(Block.ToolResult(callID: "b", name: "n", isError: true)),
    ]
    let result = try write(
      [message(.user, results + text("and then") + results)], scratch: scratch)
    #expect(result.counts == [4])
    let roles = result.entries.compactMap { entry -> Role? in
      if case .message(let message) = entry.content { message.role } else { nil }
    }
    #expect(roles == [.tool, .user, .tool])
  }

  @Test func `The documented schema gets what it can express`() throws {
    let scratch = try Scratch()
    let image = Block.image(Block.Image(mediaType: "image/png", base64: "AA=="))
    let entries = [
      Entry(.message(Message(role: .user, blocks: text("hidden"))), isEffective: false),
      message(.developer, text("rules")), message(.user, [image]),
      message(.user, text("see") + [image]), message(.other("critic"), text("hm")),
      Entry(.checkpoint(Checkpoint(messages: [Message(role: .system, blocks: text("sum"))]))),
      Entry(.usage(UsageRecord(usage: TokenUsage()))),
    ]
    let old = try write(entries, profile: "7", scratch: scratch)
    #expect(old.counts == [1, 1, 0, 1, 0, 1, 0])
    let new = try write(entries, profile: "46", scratch: scratch)
    #expect(new.counts == [2, 1, 1, 1, 0, 1, 0])
    guard case .message(let summary) = old.entries[3].content else {
      Issue.record("no summary")
      return
    }
    #expect(summary.role == .user)
    #expect(summary.blocks == text("[Context Compaction]\nsum"))
  }

  @Test func `Instructions are kept, and summaries are nobody's turn`() throws {
    let scratch = try Scratch()
    let entries = [
      message(.developer, text("be brief")), message(.user, text("a question")),
      message(.user, text("all of it"), .compactionSummary), message(.user, text("another")),
    ]
    for profile in ["7", "46"] {
      let result = try write(entries, profile: profile, scratch: scratch)
      let queue = try DatabaseQueue(path: result.path)
      let (roles, turns) = try queue.read { database in
        (
          try String.fetchAll(database, sql: "SELECT role FROM messages ORDER BY sequence"),
          try Int.fetchOne(database, sql: "SELECT user_turns FROM sessions")
        )
      }
      #expect(roles == [profile == "7" ? "system" : "developer", "user", "user", "user"])
      #expect(turns == 2)
    }
  }

  @Test func `A new database of schema 46 counts its messages`() throws {
    let scratch = try Scratch()
    let result = try write([message(.user, text("hello"))], scratch: scratch)
    let queue = try DatabaseQueue(path: result.path)
    let (names, count) = try queue.write { database in
      try database.execute(
        sql: """
          INSERT INTO messages (session_id, role, parts, text_content, sequence)
            VALUES ('s', 'assistant', '[]', ' hi ', 7), ('s', 'assistant', '[]', ' ', 8);
          DELETE FROM messages WHERE sequence = 0;
          """)
      return (
        try String.fetchAll(
          database,
          sql: "SELECT name FROM sqlite_master WHERE name LIKE 'messages_count_%' ORDER BY name"),
        try Int.fetchOne(database, sql: "SELECT message_count FROM sessions")
      )
    }
    #expect(names == ["messages_count_ad", "messages_count_ai", "messages_count_au"])
    #expect(count == 1)
  }

  @Test func `Heads become columns and come back`() throws {
    let scratch = try Scratch()
    var head = SessionHead(id: "s")
    head.title = "Title"
    head.created = Timestamp(seconds: 1_700_000_000, nanoseconds: 5, offset: 3_600)
    head.updated = Timestamp(seconds: 1_700_000_100)
    head.workspace = "/work"
    head.providerKey = "anthropic"
    head.model = "opus"
    head.tags = ["a", "b"]
    head.archived = true
    head.usage = TokenUsage(input: 5, output: 6, cacheRead: 7, cacheWrite: 8)
    let prompt = String(repeating: "ä", count: 80) + "\nmore"
    let result = try write([message(.user, text(prompt))], head: head, scratch: scratch)
    guard case .headChange(let back) = result.entries[0].content else {
      Issue.record("no head")
      return
    }
    #expect(back.title == "Title")
    #expect(back.summary == String(repeating: "ä", count: 48) + "...")
    #expect(back.created.map { $0.isSameInstant(as: head.created ?? .goZero) } == true)
    #expect(back.workspace == "/work")
    #expect(back.provider == "anthropic")
    #expect(back.tags == ["a", "b"])
    #expect(back.archived == true)
    #expect(back.usage == head.usage)
    #expect(back.messageCount == 1)
    let times = try Fixture.database(result.path).read {
      try String.fetchAll(
        $0, sql: "SELECT created_at FROM messages UNION ALL SELECT last_message_at FROM sessions")
    }
    #expect(times.count == 2)
    #expect(Set(times).count == 1)
    #expect(times.allSatisfy { TermLLMTime.isReadable(Array($0.utf8)) })
  }

  @Test func `A parent that comes later is linked when it arrives`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/sessions.db"
    let target = try TermLLM().target(at: path, options: WriteOptions(isDurable: false))
    var child = SessionHead(id: "child")
    child.parent = ParentLink(id: "parent", kind: .subagent)
    var lost = SessionHead(id: "lost")
    lost.parent = ParentLink(id: "nowhere", kind: .subagent)
    for head in [child, lost, SessionHead(id: "parent")] {
      let writer = try target.writer(for: head, id: head.id)
      try writer.finishEntries()
      try writer.publish(header: nil)
    }
    try target.publish()
    try expectSound(path)
    let source = try TermLLM().open(path, options: ReadOptions())
    #expect(try source.reader(for: "child").head.parent?.id == "parent")
    #expect(try source.reader(for: "lost").head.parent == nil)
    #expect(try source.sessions().map(\.id) == ["child", "lost", "parent"])
  }

  @Test func `What is discarded leaves no trace`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/sessions.db"
    let target = try TermLLM().target(at: path, options: WriteOptions(isDurable: false))
    let writer = try target.writer(for: SessionHead(id: "a"), id: "a")
    _ = try writer.write(message(.user, text("gone")))
    writer.discard()
    #expect(try target.existing("a") == nil)
    target.discard()
    #expect(try listDirectory(scratch.path).isEmpty)

    let live = try scratch.copy("base-small.db")
    let before = try termLLMSource(live).rowsOfAllTables()
    let liveTarget = try TermLLM().target(at: live, options: WriteOptions())
    let id = try termLLMSource(live).sessions()[0].id
    let known = try #require(try liveTarget.existing(id)).fingerprint()
    let liveWriter = try liveTarget.writer(for: SessionHead(id: id), id: id)
    _ = try liveWriter.write(message(.user, text("gone")))
    try liveWriter.finishEntries()
    #expect(try liveTarget.existing(id)?.fingerprint() == known)
    liveWriter.discard()
    liveTarget.discard()
    #expect(try termLLMSource(live).rowsOfAllTables() == before)
  }

  @Test func `A session of a new database can be replaced, or not after all`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/sessions.db"
    let target = try TermLLM().target(at: path, options: WriteOptions(isDurable: false))
    func write(_ word: String, publishes: Bool) throws -> [UInt8] {
      let writer = try target.writer(for: SessionHead(id: "a"), id: "a")
      _ = try writer.write(message(.user, text(word)))
      try writer.finishEntries()
      let rows = try writer.readBack().entries().flatMap { $0.origin?.bytes ?? [] }
      if publishes { try writer.publish(header: nil) } else { writer.discard() }
      return rows
    }
    _ = try write("first", publishes: true)
    let second = try write("second", publishes: true)
    _ = try write("third", publishes: false)
    try target.publish()
    try expectSound(path)
    let source = try TermLLM().open(path, options: ReadOptions())
    #expect(try source.sessions().map(\.id) == ["a"])
    #expect(try source.storeFindings().allSatisfy { $0.severity == .info })
    let rows = try source.reader(for: "a").entries().flatMap { $0.origin?.bytes ?? [] }
    #expect(rows == second)
  }

  @Test func `A stale search index is refused before anything is replaced`() throws {
    let scratch = try Scratch()
    let live = try scratch.copy("fts-stale.db")
    let target = try TermLLM().target(at: live, options: WriteOptions())
    let id = try termLLMSource(live).sessions()[0].id
    let error = #expect(throws: FormatError.self) {
      try target.writer(for: SessionHead(id: id), id: id)
    }
    #expect(error?.code == .damaged)
    #expect(error?.advice?.contains("rebuild") == true)
    // New sessions delete nothing and are taken.
    let writer = try target.writer(for: SessionHead(id: "new"), id: "new")
    try writer.finishEntries()
    try writer.publish(header: nil)
    target.discard()
  }

  @Test func `A database that another program writes to is reported as busy`() throws {
    let scratch = try Scratch()
    let live = try scratch.copy("base-small.db")
    let target = try TermLLM().target(at: live, options: WriteOptions())
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let holder = try DatabaseQueue(path: live, configuration: configuration)
    try holder.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let error = #expect(throws: FormatError.self) {
      try target.writer(for: SessionHead(id: "a"), id: "a")
    }
    #expect(error?.code == .busy)
    try holder.inDatabase { try $0.execute(sql: "ROLLBACK") }
    let writer = try target.writer(for: SessionHead(id: "a"), id: "a")
    writer.discard()
  }
}

extension RowSource {
  /// The rows of all tables but the search index's own.
  func rowsOfAllTables() throws -> [String: [[SQLiteValue]]] {
    var all: [String: [[SQLiteValue]]] = [:]
    for table in database.layout.columns.keys where !table.hasPrefix("messages_fts") {
      all[table] = try database.rows("SELECT * FROM \(table) ORDER BY 1")
    }
    return all
  }
}
