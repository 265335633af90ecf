import JSONText
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct UsualPartsTests {
  private static let blocks: [Block] = [
    .thinking(Block.Thinking("why \"so\"")), .text(Block.Text("text \\ é\u{1F600}\n")),
    .text(Block.Text("")), .thinking(Block.Thinking("only this")), .text(Block.Text("")),
    .toolCall(Block.ToolCall(id: "c1", name: "run", arguments: RawJSON(#"{"a":"\"}"}"#))),
    .toolResult(Block.ToolResult(callID: "c1", name: "run", content: [])),
    .toolResult(
      Block.ToolResult(
        callID: "c2", name: "", content: [.text(Block.Text("\\\"},\"ToolResult\":"))],
        isError: true)),
  ]

  private func encoded(_ blocks: [Block]) -> [UInt8] {
    var text: [UInt8] = []
    Parts.encode(blocks, shape: .head, into: &text)
    return text
  }

  /// Reads each part in both ways, which must agree; gives how many are usual.
  private func usualCount(_ text: [UInt8]) throws -> Int {
    guard let document = try? JSONDocument(text, limits: .go) else { return 0 }
    var count = 0
    for element in document.root.elements {
      var known: [Block] = []
      guard Parts.appendUsual(element, to: &known) else {
        #expect(known.isEmpty)
        continue
      }
      count += 1
      var general: [Block] = []
      try Parts.append(element, to: &general)
      #expect(known == general, "\(String(decoding: text, as: UTF8.self))")
    }
    return count
  }

  @Test func `Usual parts are read by their templates, as the tool does`() throws {
    #expect(try usualCount(encoded(Self.blocks)) == 6)
  }

  @Test func `Other parts are left to the general way`() throws {
    let usual = String(decoding: encoded([Self.blocks[5]]), as: UTF8.self)
    for text in [
      "[]", "[null]", "[[]]", "[{}]", "null", usual.replacing("[{", with: "[{ "),
      usual.replacing(#"{"a":"\"}"}"#, with: "null"), usual.replacing("\"c1\"", with: "1"),
      usual.replacing("null}]", with: "null,\"x\":1}]"),
      usual.replacing("\"Text\":\"\"", with: "\"Text\":\"a\""),
    ] {
      #expect(try usualCount(Array(text.utf8)) == 0, "\(text)")
    }
  }

  @Test func `Whatever byte is changed, templates say the same or nothing`() throws {
    let text = encoded([Self.blocks[0], Self.blocks[1], Self.blocks[5], Self.blocks[7]])
    for place in text.indices {
      for byte in Array("\"\\},1".utf8) + [0xFF] {
        var changed = text
        changed[place] = byte
        _ = try usualCount(changed)
      }
      _ = try usualCount(Array(text[..<place] + text[(place + 1)...]))
    }
  }

  @Test func `Arguments may hold what stands behind arguments`() throws {
    let behind = String(decoding: PartShape.head.templates.toolCall.pieces[3], as: UTF8.self)
    let text = String(decoding: encoded([Self.blocks[5], Self.blocks[5]]), as: UTF8.self)
    for arguments in ["{\"a\":1" + behind, "{\"a\":[1" + behind + "]", "{}" + behind] {
      _ = try usualCount(Array(text.replacing(#"{"a":"\"}"}"#, with: arguments).utf8))
    }
  }
}
