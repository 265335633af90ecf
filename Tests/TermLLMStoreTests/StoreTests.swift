import FileIO
import GRDB
import JSONText
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
