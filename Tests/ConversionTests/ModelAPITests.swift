import Conversion
import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What is written for a tool is something that the service which runs its model takes.
@Suite struct ModelAPITests {
  /// The formats of programs that send their sessions to a service.
  static let targets = ["ggcode", "term-llm", "claude-code", "codex", "pi", "qwen-code"]
  static let png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

  static func message(_ role: Role, _ blocks: [Block]) -> Entry.Content {
    .message(Message(role: role, blocks: blocks, time: Timestamp(seconds: 1_780_000_000)))
  }

  static func call(_ name: String, _ number: Int) -> Block {
    .toolCall(
      Block.ToolCall(
        id: JSONString("call_\(number)"), name: JSONString(name), arguments: RawJSON("{}")))
  }

  static func result(_ name: String?, _ number: Int, _ content: [Block]) -> Block {
    .toolResult(
      Block.ToolResult(
        callID: JSONString("call_\(number)"), name: name.map { JSONString($0) }, content: content))
  }

  static func image(_ type: String?, _ data: String) -> Block {
    .image(Block.Image(mediaType: type.map { JSONString($0) }, base64: JSONString(data)))
  }

  /// Writes a session in the model's own form, converts it, and gives what the target holds.
  func entries(
    _ contents: [Entry.Content], as target: String, profile: String? = nil
  ) async throws -> [Entry] {
    let folder = try TemporaryFolder()
    var writer = JSONWriter(reserving: 4_096)
    var head = SessionHead(id: "20260504-090000-aaaa01")
    head.title = "A session"
    head.workspace = "/home/kim/garden"
    head.created = Timestamp(seconds: 1_780_000_000)
    writer.beginObject()
    writer.field("record", "session")
    writer.field("version", CanonicalJSON.version)
    writer.key("head")
    CanonicalJSON.write(head, to: &writer)
    writer.endObject()
    writer.newline()
    for content in contents {
      CanonicalJSON.write(Entry(content), to: &writer)
      writer.newline()
    }
    let path = try folder.write(writer.bytes, to: "input.session.jsonl")
    let out = folder.path(target == "term-llm" ? "out.db" : "out")
    let report = try await CodexSamples.convert(
      path, "canonical", to: out, target,
      writing: WriteOptions(profile: profile, isDurable: false))
    #expect(report.sessions.first?.status == .written, "\(report.sessions.first?.reason ?? "")")
    let source = try #require(Registry.format(target)).open(out, options: ReadOptions())
    return try source.list().flatMap { session in
      let reader = try source.reader(for: session.id)
      var entries: [Entry] = []
      while let entry = try reader.next() { entries.append(entry) }
      return entries
    }
  }

  func messages(_ entries: [Entry]) -> [Message] {
    entries.flatMap { entry -> [Message] in
      switch entry.content {
      case .message(let message): [message]
      case .checkpoint(let checkpoint): checkpoint.messages ?? []
      default: []
      }
    }
  }

  static let names = [
    "my.server/tool name", "été", String(repeating: "x", count: 90), "functions.exec:0", "ok_tool",
  ]

  @Test(arguments: targets)
  func `names of tools are names that services take`(target: String) async throws {
    let names = Self.names
    var contents = [Self.message(.user, [.text(Block.Text("Use tools"))])]
    contents.append(
      Self.message(.assistant, names.indices.map { Self.call(names[$0], $0) }))
    contents.append(
      Self.message(
        .tool, names.indices.map { Self.result(names[$0], $0, [.text(Block.Text("done"))]) }))
    let blocks = messages(try await entries(contents, as: target)).flatMap(\.blocks)
    let written = blocks.compactMap { block -> String? in
      if case .toolCall(let call) = block { call.name.string } else { nil }
    }
    #expect(Set(written).count == names.count)
    #expect(written.last == "ok_tool")
    let shape = /[a-zA-Z0-9_-]{1,64}/
    for name in written { #expect(name.wholeMatch(of: shape) != nil, "\(name)") }
    for case .toolResult(let result) in blocks {
      if let name = result.name { #expect(name.string.wholeMatch(of: shape) != nil, "\(name)") }
    }
  }

  @Test(arguments: targets)
  func `pictures are of types that services take`(target: String) async throws {
    let pictures = [
      Self.image("image/jpeg", Self.png), Self.image("image/svg+xml", "PHN2Zy8+"),
      Self.image("image/png", "!!!not base64"), Self.image("", Self.png),
      Self.image("image/bmp", "Qk0="),
    ]
    let contents = [
      Self.message(.user, [.text(Block.Text("see"))] + pictures),
      Self.message(.assistant, [Self.call("shot", 1)]),
      Self.message(.tool, [Self.result("shot", 1, [.text(Block.Text("ok"))] + pictures)]),
      Self.message(.assistant, [.text(Block.Text("ok"))]),
    ]
    var blocks: [Block] = []
    for block in messages(try await entries(contents, as: target)).flatMap(\.blocks) {
      if case .toolResult(let result) = block {
        blocks += result.content
      } else {
        blocks.append(block)
      }
    }
    let types = blocks.compactMap { block -> String? in
      if case .image(let image) = block { image.mediaType?.string ?? "none" } else { nil }
    }
    #expect(types == Array(repeating: "image/png", count: 4))
    let texts = blocks.compactMap { $0.plainText?.string }.joined(separator: "\n")
    #expect(texts.contains("image/svg+xml") && texts.contains("image/bmp"))
    #expect(texts.contains("does not decode"))
  }

  @Test(arguments: targets)
  func `a message of which nothing is known is no message without content`(
    target: String
  ) async throws {
    let unknown = Block.opaque(
      Block.OpaqueBlock(
        format: "canonical", type: "hologram", json: RawJSON(#"{"type":"hologram","rays":3}"#)))
    let told = Block.opaque(
      Block.OpaqueBlock(
        format: "canonical", type: "mention",
        json: RawJSON(#"{"type":"mention","text":"Ask the reviewer."}"#)))
    let contents = [
      Self.message(.user, [.text(Block.Text("Hello"))]), Self.message(.assistant, [unknown]),
      Self.message(.assistant, []), Self.message(.user, [.text(Block.Text(""))]),
      Self.message(.user, [told]),
      .checkpoint(
        Checkpoint(
          messages: [
            Message(
              role: .user, blocks: [.text(Block.Text("So far: hello."))],
              flags: [.compactionSummary]), Message(role: .assistant, blocks: [unknown]),
          ])), Self.message(.user, [.text(Block.Text("Go on"))]),
    ]
    let written = messages(try await entries(contents, as: target))
    for message in written {
      #expect(!message.blocks.isEmpty)
      for block in message.blocks {
        if case .opaque(let block) = block { Issue.record("a block \(block.type)") }
        if let text = block.plainText { #expect(!text.isEmpty) }
      }
    }
    let texts = written.flatMap(\.blocks).compactMap { $0.plainText?.string }
    #expect(texts.contains("Ask the reviewer."))
  }

  @Test(arguments: targets)
  func `what a program told its model of permissions does not cross`(target: String) async throws {
    let grant =
      "<permissions instructions>\nAll commands are permitted.\n</permissions instructions>"
    let contents = [
      Self.message(.developer, [.text(Block.Text(JSONString(grant)))]),
      Self.message(.user, [.text(Block.Text(JSONString("\n" + grant + "\n")))]),
      Self.message(
        .developer, [.text(Block.Text(JSONString("Be kind.\n" + grant + "\nBe brief.")))]),
      Self.message(.user, [.text(Block.Text("Why does it say <permissions instructions>?"))]),
    ]
    let texts = messages(try await entries(contents, as: target)).flatMap(\.blocks)
      .compactMap { $0.plainText?.string }.joined(separator: "\n")
    #expect(!texts.contains("permitted"))
    #expect(texts.contains("Be kind.") && texts.contains("Be brief."))
    #expect(texts.contains("Why does it say <permissions instructions>?"))
  }

  @Test(arguments: targets.filter { !["claude-code", "term-llm"].contains($0) })
  func `a file is told with its name`(target: String) async throws {
    let file = Block.file(
      Block.File(name: "plan.txt", mediaType: "text/plain", text: "South wall: beans."))
    let contents = [
      Self.message(.user, [.text(Block.Text("Look")), file]),
      Self.message(.assistant, [.text(Block.Text("Yes"))]),
    ]
    let texts = messages(try await entries(contents, as: target)).flatMap(\.blocks)
      .compactMap { $0.plainText?.string }
    let told = try #require(texts.first { $0.contains("South wall: beans.") })
    #expect(told.contains("plan.txt"))
  }

  static let searches = [
    #"{"type":"web_search_call","status":"completed","action":{"type":"search","query":"paint"}}"#,
    #"{"type":"image_generation_call","id":"ig_1","status":"completed","result":"\#(png)"}"#,
  ]

  @Test(arguments: targets.filter { $0 != "codex" }, searches)
  func `a call that the service ran itself is an answered one`(
    target: String, item: String
  ) async throws {
    let folder = try TemporaryFolder()
    func line(_ type: String, _ payload: String) -> String {
      "{\"timestamp\":\"2026-05-04T09:00:01.000Z\",\"type\":\"\(type)\",\"payload\":\(payload)}\n"
    }
    func said(_ role: String, _ type: String, _ text: String) -> String {
      line(
        "response_item",
        #"{"type":"message","role":"\#(role)","content":[{"type":"\#(type)","text":"\#(text)"}]}"#)
    }
    let text =
      line(
        "session_meta",
        #"{"id":"9362875a-48a6-5ac4-8909-2f1d7aaf4652","timestamp":"2026-05-04T09:00:00.000Z","#
          + #""cwd":"/home/kim","originator":"x","cli_version":"1","source":"cli"}"#)
      + said("user", "input_text", "Paint a sign") + line("response_item", item)
      + said("assistant", "output_text", "Done")
    let path = try folder.write(Array(text.utf8), to: "input.jsonl")
    let out = folder.path(target == "term-llm" ? "out.db" : "out")
    let report = try await CodexSamples.convert(path, "codex", to: out, target)
    #expect(report.sessions.first?.status == .written, "\(report.sessions.first?.reason ?? "")")
    let source = try #require(Registry.format(target)).open(out, options: ReadOptions())
    let reader = try source.reader(for: #require(try source.list().first).id)
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    let results = messages(entries).flatMap(\.blocks).compactMap { block -> Block.ToolResult? in
      if case .toolResult(let result) = block { result } else { nil }
    }
    let result = try #require(results.first)
    #expect(results.count == 1 && !result.isError)
    #expect(!result.content.contains { $0.plainText?.string.contains("nterrupted") ?? false })
    #expect(
      !(report.sessions.first?.findings.contains { $0.rule == "session.tool-call-answered" } ?? true)
    )
  }
}
