import JSONText
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct TemplatePartsTests {
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

  /// What the general way of reading says, nil where it fails.
  private func expectation(_ text: [UInt8]) -> (blocks: [Block], isOneLine: Bool)? {
    guard let document = (try? Parts.document(of: text)) ?? nil,
      let blocks = try? Parts.blocks(of: document)
    else { return nil }
    let isOneLine =
      document.firstInvalidUTF8 == nil && document.root.range == text.indices
      && !text.contains(0x0A)
    return (blocks, isOneLine)
  }

  private func expectAgreement(_ text: [UInt8]) throws {
    guard let known = TemplateParts(text) else { return }
    let general = try #require(expectation(text), "\(String(decoding: text, as: UTF8.self))")
    #expect(known.blocks == general.blocks)
    #expect(known.isOneLine == general.isOneLine)
  }

  @Test func `Usual parts are read by their templates, as the tool does`() throws {
    let text = encoded(Self.blocks)
    let known = try #require(TemplateParts(text))
    #expect(known.isOneLine)
    // A text without content behind reasoning is none.
    #expect(known.blocks.count == 7)
    try expectAgreement(text)
  }

  @Test func `Other parts are left to the general way`() throws {
    let usual = String(decoding: encoded([Self.blocks[5]]), as: UTF8.self)
    let deep = String(repeating: "[", count: 9_997) + String(repeating: "]", count: 9_997)
    for text in [
      "", "[]", "null", " " + usual, usual + "\n", usual.replacing("[{", with: "[ {"),
      usual.replacing(#"{"a":"\"}"}"#, with: "null"),
      usual.replacing(#""\"}""#, with: deep), usual.replacing("}]", with: "},]"),
      usual.replacing("\"c1\"", with: "1"),
    ] {
      #expect(TemplateParts(Array(text.utf8))?.blocks == nil, "\(text.prefix(80))")
    }
    // A line feed between values is the row's affair.
    let broken = usual.replacing("{\"a\":", with: "{\"a\":\n")
    #expect(TemplateParts(Array(broken.utf8))?.isOneLine == false)
    try expectAgreement(Array(broken.utf8))
  }

  @Test func `Whatever byte is changed, templates say the same or nothing`() throws {
    let text = encoded([Self.blocks[0], Self.blocks[1], Self.blocks[5], Self.blocks[7]])
    for place in text.indices {
      for byte in Array("\"\\},".utf8) + [0x0A, 0xFF] {
        var changed = text
        changed[place] = byte
        try expectAgreement(changed)
      }
      try expectAgreement(Array(text[..<place] + text[(place + 1)...]))
    }
  }

  @Test func `Arguments may hold what stands behind arguments`() throws {
    let behind = String(decoding: PartShape.head.templates.toolCall.pieces[3], as: UTF8.self)
    let text = String(decoding: encoded([Self.blocks[5], Self.blocks[5]]), as: UTF8.self)
    for arguments in ["{\"a\":1" + behind, "{\"a\":[1" + behind + "]", "{}" + behind] {
      try expectAgreement(Array(text.replacing(#"{"a":"\"}"}"#, with: arguments).utf8))
    }
  }
}
