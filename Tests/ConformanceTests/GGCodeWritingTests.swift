import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What is written for ggcode is what both of its releases go on with, and stays in their lists.
@Suite struct GGCodeWritingTests {
  typealias Object = [String: Any]
  static let id = "20260504-090000-aaaa01"

  static func message(
    _ role: Role, _ text: String, id: String? = nil, isEffective: Bool = true,
    flags: MessageFlags = []
  ) -> Entry {
    Entry(
      .message(
        Message(id: id, role: role, blocks: [.text(Block.Text(JSONString(text)))], flags: flags)),
      isEffective: isEffective)
  }

  /// Writes a canonical session into a folder; gives its path.
  func write(_ entries: [Entry], title: String = "A session", in folder: TemporaryFolder) throws
    -> String
  {
    var head = SessionHead(id: Self.id)
    head.title = title
    head.preview = "What it is about"
    head.workspace = "/home/kim/garden"
    head.created = Timestamp(seconds: 1_780_000_000)
    let session = WholeSession(id: Self.id, head: head, entries: entries, findings: [])
    return try folder.write(Array(session.canonicalText.utf8), to: "input.session.jsonl")
  }

  func records(_ folder: TemporaryFolder, _ name: String = "out") throws -> [Object] {
    try readFile(folder.path("\(name)/\(Self.id).jsonl")).split(separator: 0x0A).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? Object)
    }.filter { $0["type"] as? String != "carryover" }
  }

  func texts(_ message: Object) -> [String] {
    (message["content"] as? [Object] ?? []).compactMap { $0["text"] as? String }
  }

  @Test(arguments: ["1.3.75", "1.3.216"])
  func `messages have identifiers of their own, and times`(profile: String) async throws {
    let folder = try TemporaryFolder()
    let path = try write(
      [
        Self.message(.user, "again"), Self.message(.assistant, "ok"), Self.message(.user, "again"),
        Self.message(.assistant, "ok"), Self.message(.user, "7", id: "7"),
        Self.message(.assistant, "another 7", id: "7"),
      ], in: folder)
    let report = try await convert(
      path, "canonical", to: folder.path("out"), "ggcode", profile: profile)
    #expect(report.sessions.first?.status == .written, "\(report.sessions.first?.reason ?? "")")
    let said = try records(folder).filter { $0["type"] as? String == "message" }
    let ids = said.compactMap { ($0["message"] as? Object)?["id"] as? String }
    #expect(ids.count == 6 && Set(ids).count == 6 && ids.contains("7"))
    #expect(
      said.allSatisfy { ($0["timestamp"] as? String).map { !$0.hasPrefix("0001") } ?? false })
  }

  @Test(arguments: ["1.3.75", "1.3.216"])
  func `a compaction has its summary in the checkpoint and the rest after it`(
    profile: String
  ) async throws {
    let folder = try TemporaryFolder()
    let path = try write(
      [
        Self.message(.user, "old question", isEffective: false),
        Self.message(.assistant, "old answer", isEffective: false),
        Entry(
          .checkpoint(
            Checkpoint(messages: [
              Message(
                role: .user, blocks: [.text(Block.Text("Beds were watered."))],
                flags: .compactionSummary),
              Message(role: .user, blocks: [.text(Block.Text("kept question"))]),
            ]))), Self.message(.assistant, "new answer"),
      ], in: folder)
    let report = try await convert(
      path, "canonical", to: folder.path("out"), "ggcode", profile: profile)
    let losses = report.sessions.first?.losses.map(\.code) ?? []
    #expect(!losses.contains("checkpoint.message") && !losses.contains("text.text"))
    let records = try records(folder)
    let place = try #require(records.firstIndex { $0["type"] as? String == "checkpoint" })
    let list = try #require(records[place]["checkpoint_messages"] as? [Object])
    #expect(list.map { $0["role"] as? String } == ["system", "user"])
    #expect(
      list.map(texts) == [
        ["[Previous conversation summary]\nBeds were watered."], ["old question"],
      ])
    let after = records[(place + 1)...].compactMap { $0["message"] as? Object }
    #expect(after.map(texts) == [["kept question"], ["new answer"]])
  }

  @Test func `another order of what a compaction left is told`() async throws {
    let folder = try TemporaryFolder()
    let kept = Message(role: .user, blocks: [.text(Block.Text("kept question"))])
    let summary = Message(
      role: .user, blocks: [.text(Block.Text("Beds were watered."))], flags: .compactionSummary)
    let path = try write(
      [
        Self.message(.user, "old question", isEffective: false),
        Entry(.checkpoint(Checkpoint(messages: [kept, summary]))),
        Self.message(.user, "new question"),
      ], in: folder)
    let report = try await convert(path, "canonical", to: folder.path("out"), "ggcode")
    let codes = report.sessions.first?.losses.map(\.code) ?? []
    #expect(codes.contains("checkpoint.order") && !codes.contains("text.text"))
  }

  @Test(arguments: ["1.3.75", "1.3.216"])
  func `what is out of use stays so, and something of the person stays in use`(
    profile: String
  ) async throws {
    let folder = try TemporaryFolder()
    let path = try write(
      [
        Self.message(.user, "old question", isEffective: false),
        Self.message(.assistant, "old answer", isEffective: false),
        Self.message(.user, "Beds were watered.", flags: .compactionSummary),
        Self.message(.assistant, "going on"),
      ], in: folder)
    let report = try await convert(
      path, "canonical", to: folder.path("out"), "ggcode", profile: profile)
    let session = try #require(report.sessions.first)
    #expect(!session.losses.contains { $0.code == "message.in-view" })
    let records = try records(folder)
    let place = try #require(records.lastIndex { $0["type"] as? String == "checkpoint" })
    let list = try #require(records[place]["checkpoint_messages"] as? [Object])
    #expect(
      list.map(texts) == [
        ["[Previous conversation summary]\nBeds were watered."], ["old question"],
      ])
    let written = try open("ggcode", folder.path("out"))
    #expect(
      try !written.findings(of: Self.id).contains { $0.rule == "session.user-text-present" })
  }

  @Test func `a session that is updated keeps its layout`() async throws {
    let folder = try TemporaryFolder()
    let first = [Self.message(.user, "one", id: "m1"), Self.message(.assistant, "two", id: "m2")]
    let path = try write(first, in: folder)
    try await convert(path, "canonical", to: folder.path("out"), "ggcode", profile: "1.3.216")
    _ = try write(first + [Self.message(.user, "three", id: "m3")], title: "Renamed", in: folder)
    let report = try await convert(path, "canonical", to: folder.path("out"), "ggcode")
    #expect(report.sessions.first?.status == .written, "\(report.sessions.first?.reason ?? "")")
    let records = try records(folder)
    #expect(records.allSatisfy { $0["timestamp"] != nil })
    #expect(records.first?["preview"] as? String == "What it is about")
    let index = try #require(
      try JSONSerialization.jsonObject(with: Data(readFile(folder.path("out/index.json"))))
        as? [Object])
    #expect(index.first?["preview"] as? String == "What it is about")
  }

  /// A conversation of pairs, a minute apart from each other.
  private func pairs(_ count: Int, minutes: Int64 = 1, tools: Bool = false) -> [Entry] {
    (0..<count).map { number in
      var message = Message(
        role: number % 2 == 0 ? .user : .assistant,
        blocks: [.text(Block.Text(JSONString("message \(number)")))])
      if tools, number > 0, number < count - 1 {
        message.blocks =
          number % 2 == 0
          ? [.toolResult(Block.ToolResult(callID: JSONString("c\(number - 1)")))]
          : [.toolCall(Block.ToolCall(id: JSONString("c\(number)"), name: "look"))]
      }
      message.time = Timestamp(seconds: 1_780_000_000 + Int64(number) * minutes * 60)
      return Entry(.message(message))
    }
  }

  @Test(arguments: [
    // Messages, minutes between them, and how many the current release does not go on with.
    (200, 1, 0), (201, 1, 1), (499, 60, 299), (500, 60, 475), (501, 8, 320),
  ])
  func `what the current release does not send any more is told`(
    count: Int, minutes: Int64, unsent: Int
  ) async throws {
    let folder = try TemporaryFolder()
    let path = try write(pairs(count, minutes: minutes), in: folder)
    for profile in ["1.3.75", "1.3.216"] {
      let out = folder.path("out-\(profile)")
      let report = try await convert(path, "canonical", to: out, "ggcode", profile: profile)
      let session = try #require(report.sessions.first)
      let told = session.losses.first { $0.code == "message.out-of-view" }
      #expect(told?.count ?? 0 == unsent)
      let store = try open("ggcode", out)
      let finding = try store.findings(of: Self.id).first { $0.rule == "ggcode.out-of-view" }
      #expect((finding == nil) == (unsent == 0))
      if unsent > 0 {
        #expect(
          finding?.message.contains("the last \(count - unsent) of \(count) messages") == true)
      }
      // What it is for other tools stays.
      #expect(try store.whole(Self.id).entries.allSatisfy(\.isEffective))
    }
  }

  @Test func `a call is sent with its result, and the last prompt always`() async throws {
    let folder = try TemporaryFolder()
    let path = try write(pairs(261, tools: true), in: folder)
    let report = try await convert(path, "canonical", to: folder.path("out"), "ggcode")
    // The only prompts are the first message and the last one.
    #expect(
      report.sessions.first?.losses.first { $0.code == "message.out-of-view" } == nil)
  }

  @Test func `after a compaction everything is sent`() async throws {
    let folder = try TemporaryFolder()
    let summary = Self.message(.user, "Beds were watered.", flags: .compactionSummary)
    let path = try write(
      [Self.message(.user, "old", isEffective: false), summary] + pairs(300), in: folder)
    let report = try await convert(path, "canonical", to: folder.path("out"), "ggcode")
    let losses = try #require(report.sessions.first).losses
    #expect(!losses.contains { $0.code == "message.out-of-view" }, "\(losses)")
  }

  // MARK: What both releases load

  static let recorded = Fixtures.projectRoot + "/Tests/Vectors/ggcode-both-releases"

  /// The texts that a release goes on with, by role.
  func loaded(_ name: String, _ release: String, _ list: String) throws -> [String] {
    let bytes = try readFile("\(Self.recorded)/\(name)/dump.v\(release).json")
    let root = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? Object)
    let session = try #require((root["sessions"] as? [Object])?.first)
    return try #require(session[list] as? [Object]).map { message in
      "\(message["role"] as? String ?? ""): \(texts(message).joined())"
    }
  }

  func view(_ name: String) throws -> [String] {
    let source = try open("ggcode", "\(Self.recorded)/\(name)/store")
    let session = try source.whole(try #require(try source.list().first).id)
    return session.entries.filter(\.isEffective).flatMap { entry -> [Message] in
      switch entry.content {
      case .message(let message): [message]
      case .checkpoint(let checkpoint): checkpoint.messages ?? []
      default: []
      }
    }.map { message in
      let texts = message.blocks.compactMap { $0.plainText?.string }.joined()
      return "\(message.role == .tool ? "user" : message.role.name): \(texts)"
    }
  }

  @Test(arguments: [
    "migrated", "checkpoint-with-summary", "checkpoint-with-both", "repeats-with-ids-and-times",
  ])
  func `the view in force is what both releases go on with`(name: String) throws {
    let view = try view(name)
    #expect(try view == loaded(name, "1.3.75", "messages"))
    #expect(try view == loaded(name, "1.3.216", "context"))
  }

  @Test(arguments: ["repeats-plain", "checkpoint-empty"])
  func `where they differ the view is that of the release that wrote the file`(
    name: String
  ) throws {
    #expect(try view(name) == loaded(name, "1.3.75", "messages"))
  }

  @Test func `a message whose identifier stands twice is dropped by the tool, which is told`()
    throws
  {
    let folder = try TemporaryFolder()
    func line(_ text: String) -> String {
      #"{"type":"message","created_at":"0001-01-01T00:00:00Z","message":{"id":"m1","role":"user","#
        + #""content":[{"type":"text","text":"\#(text)"}]}}"# + "\n"
    }
    try folder.write(Array((line("one") + line("two")).utf8), to: "store/\(Self.id).jsonl")
    let entries = try open("ggcode", folder.path("store")).whole(Self.id).entries
    #expect(entries.map(\.isEffective) == [true, false])
  }
}
