import JSONText
import Testing

@Suite struct RespellingTests {
  @Test func `A string spelled in any way is written as its decoded text is`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var state = seed
    func random(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(truncatingIfNeeded: state >> 33) % bound
    }
    let pieces = [
      "a", "plain text of some length", "\\n", "\\t", "\\\"", "\\\\", "\\/", "\\u0041", "\\u003c",
      "\\u003C", "<", ">", "&", "\\u0026", "\\u001f", "\\u001F", "\\u000a", "\\u2028", "\\u2029",
      "\u{2028}", "\u{2029}", "é", "\\u00e9", "日本", "😀", "\\ud83d\\ude00", "\\u0022", "\\u005c",
      "\u{7f}", "\\b", "\\f", "\\r", "€",
    ]
    for _ in 0..<20_000 {
      let text = (0..<random(12)).map { _ in pieces[random(pieces.count)] }.joined()
      let document = try JSONDocument(Array("\"\(text)\"".utf8))
      let slice = try #require(document.root.string)
      for escaping in [JSONWriter.Escaping.plain, .html] {
        var spelled = JSONWriter(escaping: escaping)
        spelled.string(slice)
        var decoded = JSONWriter(escaping: escaping)
        decoded.string(slice.string)
        #expect(spelled.bytes == decoded.bytes, "seed \(seed): \(text)")
      }
    }
  }
}

extension RespellingTests {
  @Test(arguments: [
    (#"{"a":"\u003cb\u003e \u0026"}"#, #"{"a":"<b> &"}"#),
    (#"{"a":"\\u003c \u003C \u0041 \n"}"#, #"{"a":"\\u003c \u003C \u0041 \n"}"#),
    (#"["\\\u003c"]"#, #"["\\<"]"#), ("{}", "{}"), (#""\u003c""#, #""<""#), ("", ""),
    (#""\u00"#, #""\u00"#),
  ])
  func `Only the escapes of Go's encoder are taken back`(_ json: String, _ plain: String) {
    #expect(RawJSON(json).withoutHTMLEscapes.string == plain)
  }
}
