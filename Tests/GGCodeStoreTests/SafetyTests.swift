import FileIO
import JSONText
import SessionModel
import TestSupport
import Testing

@testable import GGCodeStore

/// Where the tool loses data and the store does not.
@Suite struct SafetyTests {
  private let folder: TemporaryFolder
  private let store: JSONLStore

  init() throws {
    folder = try TemporaryFolder()
    store = try JSONLStore(directory: folder.path)
  }

  private func begin(_ id: String) throws -> Session {
    var session = newSession(vendor: "v", endpoint: "e", model: "m")
    session.id = id
    for number in 1...3 {
      try store.appendMessage(user("question \(number)"), to: &session)
    }
    return session
  }

  private func user(_ text: String) -> GGCodeStore.Message {
    GGCodeStore.Message(role: "user", text: text)
  }

  private func texts(_ session: Session) -> [String] {
    session.messages.map { $0.content?.first?.text ?? "" }
  }

  @Test func `A torn last line does not take the next record with it`() throws {
    var session = try begin("torn")
    try appendToFile(folder.path("torn.jsonl"), Array("{\"type\":\"mess".utf8), mendingLine: false)
    try store.appendMessage(user("after"), to: &session)
    var damaged: [Int] = []
    let loaded = try store.load("torn") { line, _ in damaged.append(line) }
    #expect(texts(loaded) == ["question 1", "question 2", "question 3", "after"])
    #expect(damaged == [4])
  }

  @Test func `Saving a compacted session keeps what was compacted`() throws {
    var session = try begin("compact")
    let before = try readFile(folder.path("compact.jsonl"))
    try store.appendCheckpoint([user("summary")], tokenCount: 7, to: &session)
    session = try store.load("compact")
    try store.appendMessage(user("later"), to: &session)
    try store.save(&session)
    #expect(try readFile(folder.path("compact.jsonl")).starts(with: before))
    #expect(try texts(store.load("compact")) == ["summary", "later"])
    // Changing what the checkpoint holds must not bring the old messages back either.
    session.messages[0] = user("another summary")
    try store.save(&session)
    try store.save(&session)
    #expect(try readFile(folder.path("compact.jsonl")).starts(with: before))
    #expect(try texts(store.load("compact")) == ["another summary", "later"])
  }

  @Test func `Saving keeps usage, unknown records and broken lines`() throws {
    var session = try begin("kept")
    let usage = UsageEntry(
      turn: 1, provider: "v", usage: TokenUsage(input: 5, output: 1, cacheRead: 0, cacheWrite: 0))
    try store.appendUsageEntry(usage, of: session)
    try appendToFile(folder.path("kept.jsonl"), Array("{\"type\":\"future\"}\nbroken\n".utf8))
    try store.save(&session)
    try store.save(&session)
    let text = String(decoding: try readFile(folder.path("kept.jsonl")), as: UTF8.self)
    #expect(text.split(separator: "\n").filter { $0 == "broken" }.count == 1)
    #expect(text.split(separator: "\n").filter { $0 == "{\"type\":\"future\"}" }.count == 1)
    #expect(try store.load("kept").usageHistory == [usage])
  }

  @Test func `Listing deletes nothing that somebody wrote`() async throws {
    let summary = Array(
      """
      {"type":"message","message":{"role":"user","content":[{"type":"text","text":"hidden"}]}}
      {"type":"checkpoint","checkpoint_messages":[{"role":"system","content":[{"type":"text"}]}]}

      """.utf8)
    try folder.write(summary, to: "summary.jsonl")
    try folder.write(Array("{\"type\":\"meta\",\"title\":\"empty\"}\n".utf8), to: "empty.jsonl")
    try folder.write([], to: "fresh.jsonl")
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 10_485_760)
    try folder.write(long, to: "long.jsonl")
    #expect(try store.list().isEmpty)
    let report = await store.finishMaintenance()
    #expect(try FileStatus(path: folder.path("summary.jsonl")) != nil)
    #expect(try FileStatus(path: folder.path("long.jsonl")) != nil)
    #expect(try FileStatus(path: folder.path("fresh.jsonl")) != nil)
    #expect(try FileStatus(path: folder.path("empty.jsonl")) == nil)
    #expect(report?.removed == [])
    #expect(Set(report?.kept ?? []) == ["fresh", "long", "summary"])
    #expect(throws: StoreError(.notReadable, "reading session long: bufio.Scanner: token too long"))
    {
      try store.load("long")
    }
  }

  @Test func `A broken index is made anew before it is written`() throws {
    _ = try begin("one")
    _ = try begin("two")
    try folder.write(Array("not json".utf8), to: "index.json")
    _ = try begin("three")
    #expect(Set(try store.list().map(\.id)) == ["one", "two", "three"])
  }

  @Test(arguments: ["../outside", "a/b", "", "-x", "with space", "a\u{0}b"])
  func `Identifiers do not become paths`(id: String) throws {
    var session = newSession(vendor: "v", endpoint: "", model: "")
    session.id = id
    #expect(throws: StoreError.self) { try store.appendMessage(user("x"), to: &session) }
    #expect(session.messages.isEmpty)
    #expect(throws: StoreError.self) { try store.load(id) }
  }

  @Test func `Raw values that are not JSON are refused and nothing changes`() throws {
    var session = try begin("raw")
    let before = try readFile(folder.path("raw.jsonl"))
    session.cost = RawJSON("{broken")
    #expect(throws: StoreError.self) { try store.save(&session) }
    let call = ContentBlock.toolUse(id: "1", name: "n", input: RawJSON("{"))
    #expect(throws: StoreError.self) {
      try store.appendMessage(
        GGCodeStore.Message(role: "assistant", content: [call]), to: &session)
    }
    #expect(try readFile(folder.path("raw.jsonl")) == before)
    #expect(session.messages.count == 3)
  }

  @Test func `Old sessions are cleaned up by the list's time`() throws {
    var old = try begin("old")
    var young = try begin("young")
    old.updatedAt = Timestamp(seconds: 100)
    young.updatedAt = Timestamp(seconds: 200)
    try folder.write(Array("[]".utf8), to: "index.json")
    var options = JSONLStore.Options()
    options.now = { Timestamp(seconds: 300) }
    let store = try JSONLStore(directory: folder.path, options: options)
    try store.appendMetaToDisk(old)
    try store.appendMetaToDisk(young)
    #expect(try store.cleanup(olderThan: Timestamp(seconds: 200)) == 1)
    #expect(try store.list().map(\.id) == ["young"])
    #expect(try FileStatus(path: folder.path("old.jsonl")) == nil)
    try store.delete("never there")
  }

  @Test func `Many tasks may use one store`() async throws {
    let store = store
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          var session = Session(id: "shared")
          for number in 0..<25 {
            try store.appendMessage(
              GGCodeStore.Message(role: "user", text: "\(writer) \(number)"), to: &session)
          }
        }
      }
      try await group.waitForAll()
    }
    let found = try texts(store.load("shared"))
    #expect(found.count == 200)
    for writer in 0..<8 {
      #expect(found.filter { $0.hasPrefix("\(writer) ") } == (0..<25).map { "\(writer) \($0)" })
    }
  }

  @Test func `Sequences without losses leave the same bytes`() throws {
    // A session saved, loaded and saved again is a fixpoint but for its time.
    var session = try begin("fix")
    try store.save(&session)
    var again = try store.load("fix")
    let first = try readFile(folder.path("fix.jsonl"))
    again.updatedAt = session.updatedAt
    var options = JSONLStore.Options()
    let time = session.updatedAt
    options.now = { time }
    try JSONLStore(directory: folder.path, options: options).save(&again)
    #expect(try readFile(folder.path("fix.jsonl")) == first)
    #expect(again == session)
  }
}
