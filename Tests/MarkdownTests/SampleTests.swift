import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// The sample of chat-md 1 and its model.
@Suite struct SampleTests {
  static let folder = Fixtures.root + "/markdown/chat-md-example"

  /// The model as `model.json` states it.
  static func model() throws -> (head: SessionHead, messages: [Message]) {
    let root = try JSONDocument(Fixtures.bytes("markdown/chat-md-example/model.json")).root
    let meta = try #require(root["meta"])
    var head = SessionHead(id: meta["session"]?.string?.string ?? "")
    head.title = meta["title"]?.string?.string
    head.created = meta["created"]?.string.flatMap { Timestamp(rfc3339: $0.string) }
    head.model = meta["model"]?.string?.string
    head.workspace = meta["workspace"]?.string?.string
    head.extras = [own("tool", meta)]
    let messages = try #require(root["messages"]).elements.map { value in
      var message = Message(role: Role(value["role"]?.string?.string ?? ""))
      message.id = value["id"]?.string?.string
      message.parent = value["parent"]?.string?.string
      message.model = value["model"]?.string?.string
      message.time = value["time"]?.string.flatMap { Timestamp(rfc3339: $0.string) }
      if let usage = value["usage"] {
        message.usage = TokenUsage(input: usage["input"]?.int64, output: usage["output"]?.int64)
      }
      for member in value["x"].map({ Array($0.members) }) ?? [] {
        message.extras.append(
          Extra(format: "markdown", key: member.key.string, value: RawJSON(member.value.raw)))
      }
      message.blocks = (value["blocks"].map { Array($0.elements) } ?? []).compactMap(block)
      return message
    }
    return (head, messages)
  }

  private static func own(_ key: String, _ value: JSONValue) -> Extra {
    Extra(
      format: "markdown", key: key,
      value: RawJSON(value[name: key].map { Array($0.raw)[...] } ?? []))
  }

  private static func block(_ value: JSONValue) -> Block? {
    let text = value["text"]?.string ?? ""
    let id = value["id"]?.string ?? ""
    switch value["type"]?.string?.string {
    case "text": return .text(Block.Text(text))
    case "thinking": return .thinking(Block.Thinking(text))
    case "tool_call":
      // Arguments are text here; what is not JSON is a JSON string in the model.
      var arguments: [UInt8] = []
      value["arguments"]?.string?.appendUTF8(to: &arguments)
      if (try? JSONDocument(arguments)) == nil {
        var writer = JSONWriter()
        writer.string(JSONString(decodedUTF8: arguments))
        arguments = writer.bytes
      }
      return .toolCall(
        Block.ToolCall(
          id: id, name: value["name"]?.string ?? "", arguments: RawJSON(arguments[...])))
    case "tool_result":
      return .toolResult(
        Block.ToolResult(
          callID: id, content: [.text(Block.Text(text))], isError: value["error"]?.bool ?? false))
    case "image":
      return .image(
        Block.Image(
          mediaType: value["mime"]?.string, extras: [own("blob", value), own("size", value)]))
    default: return nil
    }
  }

  @Test func `the sample reads as its model`() throws {
    let model = try Self.model()
    let read = try Written.read(Self.folder + "/input.md")
    #expect(read.messages.count == model.messages.count)
    for (message, expected) in zip(read.messages, model.messages) { #expect(message == expected) }
    var head = read.head
    #expect(head.messageCount == 4)
    head.messageCount = nil
    #expect(head == model.head)
    #expect(head.created?.text == "2026-04-08T12:06:40.000Z")
    #expect(read.findings.map(\.rule) == ["markdown.blob-exists"])
    #expect(read.entries.count == 5)
  }

  @Test func `the model writes as the sample`() throws {
    let folder = try TemporaryFolder()
    var model = try Self.model()
    model.head.messageCount = model.messages.count
    try Written.write(
      model.head, model.messages.map { Entry(.message($0)) }, to: folder.path("out.md"))
    let written = try readFile(folder.path("out.md"))
    let expected = try readFile(Self.folder + "/input.md")
    #expect(written.text == expected.text)
  }

  @Test func `what was read writes as it was`() throws {
    let folder = try TemporaryFolder()
    let read = try Written.read(Self.folder + "/input.md")
    let expected = try readFile(Self.folder + "/input.md")
    try Written.write(read.head, read.entries, to: folder.path("copy.md"))
    #expect(try readFile(folder.path("copy.md")).text == expected.text)
    try Written.write(read.head, read.entries.map(\.bare), to: folder.path("again.md"))
    #expect(try readFile(folder.path("again.md")).text == expected.text)
  }
}
