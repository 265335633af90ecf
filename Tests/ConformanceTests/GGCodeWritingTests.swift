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
