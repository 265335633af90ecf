import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Samples of chat-md 2.
@Suite struct SampleTests {
  static let folder = Fixtures.root + "/markdown/chat-md-example"

  @Test func `a transcript with all markers reads as what it says`() throws {
    let read = try Written.read(Fixtures.root + "/markdown/by-hand/input.md")
    #expect(read.findings.isEmpty)
    #expect(read.head.id == "5a3c1d20-0000-4000-8000-000000000001")
    #expect(read.head.title == "Fix off-by-one")
    #expect(read.head.created?.rfc3339 == "2026-04-08T12:06:40Z")
    let time = Timestamp(rfc3339: "2026-04-08T12:06:00Z")
    #expect(
      read.messages == [
        Message(
          role: .user, blocks: [.text(Block.Text("Why does page 2 repeat a row?"))], time: time),
        Message(
          role: .assistant,
          blocks: [
            .thinking(Block.Thinking("Look at the slice bounds.")),
            .toolCall(
              Block.ToolCall(
                id: "call_1", name: "read", arguments: RawJSON(#"{"path": "src/page.py"}"#))),
            .toolResult(
              Block.ToolResult(
                callID: "call_1", name: "read",
                content: [
                  .text(Block.Text("def page(xs, n, size):\n    return xs[n*size-1:]"))
                ])),
            .text(Block.Text("The slice starts one element early.")),
          ], time: time),
        Message(
          role: .user, blocks: [.text(Block.Text("Typed by hand, without a marker."))]),
      ])
  }

  @Test(arguments: [false, true])
  func `what was read is written as it was`(isBare: Bool) throws {
    let folder = try TemporaryFolder()
    let read = try Written.read(Self.folder + "/input.md")
    let entries = isBare ? read.entries.map(\.bare) : read.entries
    try Written.write(read.head, entries, to: folder.path("copy.md"))
    #expect(try readFile(folder.path("copy.md")).text == readFile(Self.folder + "/input.md").text)
  }
}
