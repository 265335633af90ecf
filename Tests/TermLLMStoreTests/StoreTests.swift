import FileIO
import GRDB
import JSONText
import SessionFormats
import struct SessionModel.Timestamp
import Synchronization
import TestSupport
import Testing

@testable import TermLLMStore

@Suite struct StoreTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("sessions.db")
  }

  private func config(_ change: (inout Config) -> Void = { _ in }) -> Config {
    var config = Config()
    config.path = path
    change(&config)
    return config
  }

  @Test(arguments: [1, 4, 6, 8, 45])
  func `Older schemas are refused and left as they are`(version: Int) throws {
    let store = try SQLiteStore(config())
    try store.close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "UPDATE schema_version SET version = \(version)") }
    try queue.close()
    let before = try readFile(path)
    do {
      _ = try SQLiteStore(config())
      Issue.record("opened")
    } catch {
      #expect(error.code == .unsupportedVersion)
      #expect(error.description.contains("open it once with"))
    }
    #expect(try readFile(path) == before)
  }

  @Test(arguments: [8, 16, 37])
  func `Older schemas are read, searched and exported`(version: Int) throws {
    let store = try SQLiteStore(config { $0.newDatabaseRelease = .documented })
    var session = Session(provider: "p", model: "m")
    try store.create(&session)
    var message = Message(role: "user", parts: "Plant beans", textContent: "Plant beans")
    try store.addMessage(&message, to: session.id)
    try store.close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "UPDATE schema_version SET version = \(version)") }
    try queue.close()
    let before = try readFile(path)
    let older = try SQLiteStore(config { $0.isReadOnly = true })
    #expect(try older.list().map(\.id) == [session.id])
    #expect(try older.search(SearchOptions("beans")).map(\.session.id) == [session.id])
    let read = try #require(try older.get(session.id))
    let markdown = exportToMarkdown(read, try older.getMessages(session.id))
    #expect(markdown.contains("Plant beans"))
    try older.close()
    #expect(try readFile(path) == before)
  }

  @Test func `A database without version is refused`() throws {
    try SQLiteStore(config()).close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "DELETE FROM schema_version") }
    try queue.close()
    #expect(throws: StoreError.self) { try SQLiteStore(config()) }
    let readOnly = try SQLiteStore(config { $0.isReadOnly = true })
    #expect(try readOnly.list().isEmpty)
  }

  @Test(arguments: [Release.documented, .current])
  func `Reading only leaves no files behind and changes none`(release: Release) throws {
    let store = try SQLiteStore(config { $0.newDatabaseRelease = release })
    var session = Session(provider: "p", model: "m")
    try store.create(&session)
    try store.close()
    let before = try readFile(path)
    let readOnly = try SQLiteStore(config { $0.isReadOnly = true })
    #expect(try readOnly.get(session.id)?.id == session.id)
    #expect(throws: StoreError.self) { try readOnly.delete(session.id) }
    try readOnly.close()
    #expect(try listDirectory(folder.path).map(\.name) == ["sessions.db"])
    #expect(try readFile(path) == before)
  }

  @Test func `A store that only reads sees what others write meanwhile`() throws {
    try SQLiteStore(config()).close()
    let readOnly = try SQLiteStore(config { $0.isReadOnly = true })
    #expect(try readOnly.list().isEmpty)
    let store = try SQLiteStore(config())
    var session = Session(provider: "p", model: "m")
    try store.create(&session)
    #expect(try readOnly.list().map(\.id) == [session.id])
  }

  @Test(arguments: [true, false])
  func `Images among the uploads are stored without their bytes if asked`(asked: Bool) throws {
    let uploads = folder.path("data/uploads")
    let parts = """
      [{"Type":"image","ImageData":{"media_type":"image/png","base64":"aGVsbG8=","width":3},\
      "ImagePath":"\(uploads)/here.png"},\
      {"Type":"image","ImageData":{"media_type":"image/png","base64":"aGVsbG8="},\
      "ImagePath":"\(folder.path)/elsewhere.png"},\
      {"Type":"image","ImageData":{"media_type":"image/png","base64":"aGVsbG8="},\
      "ImagePath":"\(uploads)/gone.png"}]
      """
    try createDirectory(uploads, intermediates: true)
    for file in [uploads + "/here.png", folder.path("elsewhere.png")] {
      try createFileIfAbsent(file, Array("hello".utf8))
    }
    let store = try SQLiteStore(
      config {
        $0.stripsImageBase64 = asked
        $0.dataDirectory = folder.path("data")
      })
    var session = Session(provider: "p", model: "m")
    try store.create(&session)
    var message = Message(role: "user", parts: try Parts(json: parts.utf8), textContent: "")
    try store.addMessage(&message, to: session.id)
    let found = try #require(try store.getMessages(session.id).first).parts.elements
    #expect(found.map { $0["ImageData"]?["base64"] == nil } == [asked, false, false])
    #expect(found[0]["ImageData"]?["width"]?.int64 == 3)
    // Replacing by the same keeps the row.
    try store.replaceMessages([message], of: session.id)
    #expect(try store.getMessages(session.id).map(\.id) == [message.id])
  }

  @Test func `Another program's database is left alone`() throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "CREATE TABLE other (x)") }
    try queue.close()
    #expect(throws: StoreError.self) { try SQLiteStore(config()) }
    let text = try TemporaryFolder()
    try text.write(Array("not a database, but long enough to be looked at".utf8), to: "x.db")
    #expect(throws: StoreError.self) {
      var config = Config()
      config.path = text.path("x.db")
      _ = try SQLiteStore(config)
    }
  }

  @Test(arguments: [Release.documented, .current])
  func `A new database has the tool's schema and is private`(release: Release) throws {
    let store = try SQLiteStore(config { $0.newDatabaseRelease = release })
    #expect(store.release == release)
    #expect(store.schemaVersion == (release == .documented ? 7 : 46))
    #expect(try FileStatus(path: path)?.permissions == 0o600)
    try store.close()
    #expect(try SQLiteStore(config()).release == release)
    #expect(throws: StoreError.self) { try store.list() }
  }

  @Test func `Opening cleans up by age and count and spares what was put away`() throws {
    let day: Int64 = 86_400
    let store = try SQLiteStore(config { $0.now = { Timestamp(seconds: 1_700_000_000) } })
    for (number, age) in [0, 5, 20, 30, 40].enumerated() {
      var session = Session(id: "s\(number)", provider: "p", model: "m")
      session.createdAt = Timestamp(seconds: 1_700_000_000 - Int64(age) * day)
      session.isArchived = age == 40
      try store.create(&session)
    }
    try store.close()
    let now: @Sendable () -> Timestamp = { Timestamp(seconds: 1_700_000_000) }
    let aged = try SQLiteStore(
      config {
        $0.now = now; $0.maxAgeDays = 25
      })
    var all = ListOptions()
    all.archived = true
    #expect(Set(try aged.list(all).map(\.id)) == ["s0", "s1", "s2", "s4"])
    try aged.close()
    let counted = try SQLiteStore(
      config {
        $0.now = now; $0.maxCount = 1
      })
    #expect(Set(try counted.list(all).map(\.id)) == ["s0", "s4"])
  }

  @Test func `A clean-up that a child forbids is told and changes nothing`() throws {
    let store = try SQLiteStore(config())
    var parent = Session(id: "parent", provider: "p", model: "m")
    parent.createdAt = Timestamp(seconds: 1)
    try store.create(&parent)
    var child = Session(id: "child", provider: "p", model: "m")
    child.parentID = "parent"
    try store.create(&child)
    try store.close()
    let told = Told()
    let reopened = try SQLiteStore(
      config {
        $0.maxAgeDays = 1; $0.warn = { told.add($0) }
      })
    #expect(told.all.count == 1)
    #expect(told.all.first?.hasPrefix("warning: session cleanup failed: ") == true)
    #expect(try reopened.list().count == 2)
  }

  private final class Told: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
  }

  /// A store with a session of two turns.
  private func storeOfTwoTurns() throws -> (SQLiteStore, String) {
    let store = try SQLiteStore(config())
    var session = Session(provider: "p", model: "m")
    session.titleSource = "generated"
    session.generatedShortTitle = "Generated"
    try store.create(&session)
    for (role, text) in [
      ("developer", "be brief"), ("user", "first"), ("assistant", "an answer"), ("user", "second"),
      ("assistant", "another"), ("developer", "a note"),
    ] {
      var message = Message(role: role, parts: Parts(text: text), textContent: text)
      try store.addMessage(&message, to: session.id)
      if role == "user" { try store.incrementUserTurns(session.id) }
    }
    return (store, session.id)
  }

  @Test func `Undoing and redoing restore exactly what was there`() throws {
    let (store, id) = try storeOfTwoTurns()
    let before = try store.getMessages(id)
    let state = try store.transcriptState(of: id)
    // The last message that is no instruction.
    #expect(state == TranscriptState(revision: 6, headID: before[4].id))
    let undone = try store.undoLastUserTurn(id, expecting: state)
    #expect(undone.userText == "second")
    #expect(!undone.omitsAttachments)
    #expect(undone.state == TranscriptState(revision: 7, headID: before[2].id))
    #expect(try store.getMessages(id).map(\.id) == before.prefix(3).map(\.id))
    let between = try #require(try store.get(id))
    #expect(between.summary == "first")
    #expect(between.userTurns == 2)
    #expect(between.titleSource.isEmpty)
    let redone = try store.redoLastUserTurn(id, expecting: try store.transcriptState(of: id))
    #expect(redone.state == TranscriptState(revision: 8, headID: before[4].id))
    #expect(redone.userText.isEmpty)
    #expect(
      try store.getMessages(id).map { $0.recorded(.current) }
        == before.map { $0.recorded(.current) })
    let after = try #require(try store.get(id))
    #expect(after.generatedShortTitle == "Generated")
    #expect(after.titleSource == "generated")
    #expect(after.userTurns == 2)
  }

  @Test func `Undoing needs the transcript that its caller saw`() throws {
    let (store, id) = try storeOfTwoTurns()
    let state = try store.transcriptState(of: id)
    for stale in [
      TranscriptState(revision: state.revision - 1, headID: state.headID),
      TranscriptState(revision: state.revision, headID: state.headID + 1),
    ] {
      let error = #expect(throws: StoreError.self) {
        try store.undoLastUserTurn(id, expecting: stale)
      }
      #expect(error == StoreError(.conflict, "session: transcript changed"))
    }
    let undone = try store.undoLastUserTurn(id, expecting: state)
    var message = Message(role: "user", parts: "instead", textContent: "instead")
    try store.addMessage(&message, to: id)
    #expect(throws: StoreError(.conflict, "session: transcript changed")) {
      try store.redoLastUserTurn(id, expecting: undone.state)
    }
    #expect(throws: StoreError(.notFound, "session: nothing to redo")) {
      try store.redoLastUserTurn(id, expecting: store.transcriptState(of: id))
    }
    #expect(throws: StoreError.notFound) { try store.transcriptState(of: "nobody") }
  }

  @Test func `A title that a person gave stays when a turn is redone`() throws {
    let (store, id) = try storeOfTwoTurns()
    _ = try store.undoLastUserTurn(id, expecting: store.transcriptState(of: id))
    var session = try #require(try store.get(id))
    session.titleSource = "user"
    session.name = "Mine"
    try store.update(&session)
    _ = try store.redoLastUserTurn(id, expecting: store.transcriptState(of: id))
    #expect(try store.get(id)?.titleSource == "user")
  }

  @Test(arguments: ["[Context Compaction]\nall of it", "\n\t \r[Context Compaction]\nall of it"])
  func `Summaries and what a compaction repeats are not undone`(summary: String) throws {
    let (store, id) = try storeOfTwoTurns()
    var tail = Message(role: "user", parts: "second", textContent: "second")
    tail.isCompactionTail = true
    try store.compactMessages(
      [Message(role: "user", parts: Parts(text: summary), textContent: summary), tail], of: id)
    let compacted = try #require(try store.get(id))
    #expect(throws: StoreError(.notFound, "session: nothing to undo")) {
      try store.undoLastUserTurn(id, expecting: store.transcriptState(of: id))
    }
    let json = #"""
      [{"Type":"text","Text":"look "},{"Type":"image","ImageData":{"media_type":"image/png"}},
      {"Type":"text","Text":"here"}]
      """#
    var message = Message(
      role: "user", parts: try Parts(json: json.utf8), textContent: "look\nhere")
    try store.addMessage(&message, to: id)
    let undone = try store.undoLastUserTurn(id, expecting: store.transcriptState(of: id))
    #expect(undone.userText == "look here")
    #expect(undone.omitsAttachments)
    let after = try #require(try store.get(id))
    #expect(after.compactionSequence == compacted.compactionSequence)
    #expect(after.compactionCount == compacted.compactionCount)
  }

  @Test func `Undoing at the same time succeeds once`() async throws {
    let (store, id) = try storeOfTwoTurns()
    let state = try store.transcriptState(of: id)
    let answers = await withTaskGroup(of: StoreError.Code?.self) { group in
      for _ in 0..<2 {
        group.addTask {
          do throws(StoreError) {
            _ = try store.undoLastUserTurn(id, expecting: state)
            return nil
          } catch {
            return error.code
          }
        }
      }
      var answers: [StoreError.Code?] = []
      for await answer in group { answers.append(answer) }
      return answers
    }
    #expect(Set(answers) == [nil, .conflict])
  }

  /// A database of schema 7 whose columns may be NULL; one message has NULL in a column.
  private func oldDatabase(nullIn column: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      for statement in RowSchema.termLLM7.tables + RowSchema.termLLM7.search {
        try database.execute(
          sql: String(
            statement.split(separator: " NOT NULL", omittingEmptySubsequences: false).joined()))
      }
      try database.execute(
        sql: """
          INSERT INTO sessions (id, number, name, summary, provider, model, cwd)
            VALUES ('s', 1, '', '', 'p', 'm', '');
          INSERT INTO messages (id, session_id, role, parts, text_content, duration_ms, created_at, sequence)
            VALUES (1, 's', 'user', '[]', '', 1, '2026-03-01 00:00:00 +0000 UTC', 0);
          UPDATE messages SET \(column) = NULL;
          """)
    }
    try queue.close()
  }

  @Test(arguments: [
    ("duration_ms", nil),
    ("text_content", #"index 4, name "text_content": converting NULL to string"#),
    ("parts", #"index 3, name "parts": converting NULL to string"#),
    ("role", #"index 2, name "role": converting NULL to string"#),
    ("sequence", #"index 7, name "sequence": converting NULL to int"#),
    (
      "created_at",
      #"index 6, name "created_at": unsupported Scan, storing driver.Value type <nil>"#
    ),
  ])
  func `Columns that are NULL read as the tool reads them`(
    column: String, problem: String?
  ) throws {
    try oldDatabase(nullIn: column)
    for isReadOnly in [true, false] {
      let store = try SQLiteStore(config { $0.isReadOnly = isReadOnly })
      #expect(store.release == .documented)
      do throws(StoreError) {
        let message = try store.getMessages("s").first
        #expect(problem == nil)
        #expect(message?.durationMilliseconds == 0)
      } catch {
        let wanted = try #require(problem, "\(error)")
        #expect(error.description.hasPrefix("scan message: sql: Scan error on column \(wanted)"))
      }
      try store.close()
    }
  }

  @Test func `What a store without sessions lists is empty, and the JSON states what is zero`()
    throws
  {
    let store = try SQLiteStore(config())
    #expect(try store.list() == [])
    let json = String(decoding: SessionSummary().json().bytes, as: UTF8.self)
    #expect(json.contains(#""transcript_rev":0"#))
    #expect(json.contains(#""message_count":0"#))
    let session = String(decoding: Session().json().bytes, as: UTF8.self)
    #expect(!session.contains("compaction"))
  }

  @Test func `Failures are told once per call`() throws {
    let told = Told()
    let store = LoggingStore(try SQLiteStore(config())) { told.add($0) }
    var session = Session(id: "nope", provider: "p", model: "m")
    for _ in 0..<3 {
      #expect(throws: StoreError.self) { try store.update(&session) }
      #expect(throws: StoreError.self) { try store.delete("nope") }
    }
    #expect(told.all == ["session Update failed: session not found: nope"])
    let silent = LoggingStore(try SQLiteStore(config()), warn: nil)
    #expect(throws: StoreError.self) { try silent.update(&session) }
  }

  @Test func `A store that is not enabled keeps nothing`() throws {
    let store = try openStore(config { $0.isEnabled = false })
    #expect(store is NoopStore)
    var session = Session(provider: "p", model: "m")
    try store.create(&session)
    #expect(!session.id.isEmpty)
    #expect(try store.get(session.id) == nil)
    #expect(try store.list().isEmpty)
    #expect(try FileStatus(path: path) == nil)
  }

  @Test func `Many tasks may use one store`() async throws {
    let store = try SQLiteStore(config())
    var session = Session(provider: "p", model: "m")
    try store.create(&session)
    let id = session.id
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          for number in 0..<25 {
            var message = Message(
              role: "user", parts: "x", textContent: "\(writer) \(number)")
            try store.addMessage(&message, to: id)
          }
        }
      }
      try await group.waitForAll()
    }
    let texts = try store.getMessages(id).map(\.textContent)
    for writer in 0..<8 {
      #expect(texts.filter { $0.hasPrefix("\(writer) ") } == (0..<25).map { "\(writer) \($0)" })
    }
  }

  @Test func `Messages keep their parts and what a model is sent`() throws {
    let json = """
      [{"Type":"text","Text":"a"},{"Type":"agent_mention","Text":"@b"},\
      {"Type":"skill_activation","SkillActivation":{"name":"s","source":"","source_path":"",\
      "origin":"","execution":"","activated_at":""}}]
      """
    var message = Message(role: "user", parts: try Parts(json: json.utf8))
    #expect(message.toLLMMessage().parts.textContent(for: .current) == "a\n@b")
    #expect(message.toLLMMessage(for: .documented).parts == message.parts)
    #expect(throws: StoreError.self) { try message.setPartsFromJSON("{}".utf8) }
    let made = Message(
      sessionID: "s", LLMMessage(role: "user", parts: "shown", displayText: "other"), sequence: 3)
    #expect(made.textContent == "other")
    #expect(made.assistantSegmentOrdinal == -1)
  }

  @Test func `New identifiers have the tool's form`() throws {
    let time = Timestamp(seconds: 1_705_329_052)
    let id = newID(at: time)
    #expect(id.hasPrefix("20240115-143052-"))
    #expect(id.utf8.count == 32)
    #expect(newID(for: .documented, at: time).utf8.count == 22)
    #expect(parseIDTime(id) == time)
    #expect(newID(at: time) != id)
  }

  @Test(arguments: [
    ("UTC", true), ("AEDT", true), ("CEST", true), ("-03", true), ("+0545", false), ("", false),
    ("+1245", false), ("X", false),
  ])
  func `Only zone names that the tool reads are written`(name: String, isReadable: Bool) {
    #expect(TimeText.isReadable(name) == isReadable)
  }
}
