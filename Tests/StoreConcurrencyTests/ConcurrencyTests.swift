import FileIO
import GGCodeStore
import GRDB
import TermLLMStore
import TestSupport
import Testing

@Suite(.serialized) struct ConcurrencyTests {
  private static let writers = 8
  private static let messages = 2_000

  @Test func `Eight processes append to one JSON Lines session`() throws {
    let folder = try TemporaryFolder()
    let writers = try Writers(
      "ggcode", store: folder.path, session: "shared", writers: Self.writers,
      messages: Self.messages)
    #expect(writers.wait().isEmpty)
    let store = try JSONLStore(directory: folder.path)
    var damage: [String] = []
    let session = try store.load("shared") { damage.append("line \($0): \($1)") }
    #expect(damage.isEmpty)
    let found = try messagesByWriter(session.messages.map { $0.content?.first?.text ?? "" })
    #expect(found.count == Self.writers)
    for (_, numbers) in found { #expect(numbers == Array(0..<Self.messages)) }
    let index = String(decoding: try readFile(folder.path("index.json")), as: UTF8.self)
    #expect(index.contains("\"msg_count\": \(Self.writers * Self.messages),"))
    #expect(try store.list().map(\.id) == ["shared"])
  }

  @Test func `Eight processes append to one SQLite session`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("sessions.db")
    let id = try makeDatabase(path)
    let writers = try Writers(
      "term-llm", store: path, session: id, writers: Self.writers, messages: Self.messages)
    #expect(writers.wait().isEmpty)
    let found = try messagesByWriter(try checkedTexts(path, id))
    #expect(found.count == Self.writers)
    for (_, numbers) in found { #expect(numbers == Array(0..<Self.messages)) }
  }

  @Test func `Killed writers leave a whole JSON Lines session`() async throws {
    let folder = try TemporaryFolder()
    let seed = UInt64.random(in: 0 ... .max)
    var generator = Seeded(seed)
    let writers = try Writers(
      "ggcode", store: folder.path, session: "shared", writers: Self.writers,
      messages: Self.messages)
    let killed = try await kill(writers, &generator)
    let failed = writers.wait()
    #expect(failed.isSubset(of: killed), "seed \(seed)")
    let store = try JSONLStore(directory: folder.path)
    var damage = 0
    let session = try store.load("shared") { _, _ in damage += 1 }
    // A kill may tear a line; the record after it must not be torn with it.
    #expect(damage <= killed.count, "seed \(seed)")
    let found = try messagesByWriter(session.messages.map { $0.content?.first?.text ?? "" })
    for writer in 0..<Self.writers {
      let numbers = found[writer] ?? []
      #expect(numbers == Array(0..<numbers.count), "seed \(seed), writer \(writer)")
      if !failed.contains(writer) {
        #expect(numbers.count == Self.messages, "seed \(seed), writer \(writer)")
      }
    }
    let entry = try store.list().first
    #expect(entry?.id == "shared", "seed \(seed)")
    var changed = session
    try store.appendMessage(
      GGCodeStore.Message(role: "user", text: "writer 9 message 0"), to: &changed)
    #expect(try store.load("shared").messages.count == session.messages.count + 1)
  }

  @Test func `Killed writers leave a whole SQLite session`() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("sessions.db")
    let id = try makeDatabase(path)
    let seed = UInt64.random(in: 0 ... .max)
    var generator = Seeded(seed)
    let writers = try Writers(
      "term-llm", store: path, session: id, writers: Self.writers, messages: Self.messages)
    let killed = try await kill(writers, &generator)
    let failed = writers.wait()
    #expect(failed.isSubset(of: killed), "seed \(seed)")
    let found = try messagesByWriter(try checkedTexts(path, id))
    for writer in 0..<Self.writers {
      let numbers = found[writer] ?? []
      #expect(numbers == Array(0..<numbers.count), "seed \(seed), writer \(writer)")
      if !failed.contains(writer) {
        #expect(numbers.count == Self.messages, "seed \(seed), writer \(writer)")
      }
    }
  }

  /// Kills two writers after a random while each.
  private func kill(_ writers: Writers, _ generator: inout Seeded) async throws -> Set<Int> {
    for writer in [1, 3] {
      try await Task.sleep(for: .milliseconds(Int.random(in: 20...1_000, using: &generator)))
      writers.kill(writer)
    }
    return [1, 3]
  }

  private func makeDatabase(_ path: String) throws -> String {
    var config = Config()
    config.path = path
    let store = try SQLiteStore(config)
    var session = TermLLMStore.Session(provider: "p", model: "m")
    try store.create(&session)
    try store.close()
    return session.id
  }

  /// The texts of a session's messages, after checking all that the database keeps beside them.
  private func checkedTexts(_ path: String, _ id: String) throws -> [String] {
    var config = Config()
    config.path = path
    let store = try SQLiteStore(config)
    let messages = try store.getMessages(id)
    #expect(messages.map(\.sequence) == (0..<Int64(messages.count)).map { $0 })
    #expect(try store.get(id)?.messageCount == Int64(messages.count))
    var options = ListOptions()
    options.limit = -1
    #expect(try store.list(options).first?.transcriptRevision == Int64(messages.count))
    try store.close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      try database.execute(
        sql: "INSERT INTO messages_fts(messages_fts, rank) VALUES('integrity-check', 1)")
      #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
    }
    return messages.map(\.textContent)
  }
}

/// A generator that a printed seed repeats.
private struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
