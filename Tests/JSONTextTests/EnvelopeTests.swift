import JSONText
import Testing

@Suite struct EnvelopeTests {
  private let fields = GoFields(["type", "id", "usage", "payload", "time"])

  private func object(_ text: String) throws -> GoObject {
    try #require(GoObject(JSONDocument(Array(text.utf8)).root, fields: fields))
  }

  /// All that an object tells of its fields.
  private func facts(_ object: GoObject) -> [String] {
    (0..<fields.count).map { field in
      let (value, last) = (object[field], object.last(field))
      return "\(value.map { "\($0.kind) \(String(decoding: $0.raw, as: UTF8.self))" } ?? "-") "
        + "\(last.map { "\($0.offset)" } ?? "-") \(object.has(field))"
    } + ["\(object.hasRepeats)"]
      + object.unknown.map { "\($0.key.string) \(String(decoding: $0.value.raw, as: UTF8.self))" }
  }

  @Test(arguments: [
    "1}", "{\"a\":[1,{\"b\":\"ü\"}]}}", "null}", "2,\"time\":3}", "2,\"time\":3,\"TIME\":4}",
    "2,\"type\":\"other\"}", "2,\"payload\":3}", "2,\"more\":{\"x\":1},\"id\":\"\"} \n",
  ])
  func `A text that begins alike is read as by itself`(rest: String) throws {
    let beginning = "{\"type\":\"a\", \"id\":\"b\",\"usage\":{\"in\":0,\"out\":[]},\"payload\":"
    let envelope = try #require(GoEnvelope(of: try object(beginning + "0}"), before: 3))
    let text = beginning + rest
    let document = try #require(
      try envelope.document(
        Array(("..." + text).utf8), in: 3..<(3 + text.utf8.count), limits: .standard))
    #expect(facts(envelope.object(of: document, fields: fields)) == facts(try object(text)))
  }

  @Test func `A text that begins otherwise is not taken`() throws {
    let envelope = try #require(
      GoEnvelope(of: try object(#"{"type":"a","payload":1}"#), before: 3))
    let other = Array(#"{"type":"b","payload":1}"#.utf8)
    #expect(try envelope.document(other, in: other.indices, limits: .standard) == nil)
  }

  @Test func `What is wrong behind the beginning is said as in a whole scan`() throws {
    let beginning = #"{"type":"a","payload":"#
    let envelope = try #require(GoEnvelope(of: try object(beginning + "1}"), before: 3))
    for rest in ["", "x", "1", "1,", "1}}", "\"a", "\"\\x\"}", "01}", "1 \"a\""] {
      let text = Array((beginning + rest).utf8)
      let whole = #expect(throws: JSONError.self) { try JSONDocument(text) }
      let resumed = #expect(throws: JSONError.self) {
        try envelope.document(text, in: text.indices, limits: .standard)
      }
      #expect(whole?.code == resumed?.code && whole?.offset == resumed?.offset, "\(rest)")
    }
  }

  @Test(arguments: [
    #"{"payload":1,"payload":2}"#, #"{"more":1,"payload":2}"#, #"{"type":"a"}"#,
  ])
  func `Unusual objects are no example`(text: String) throws {
    #expect(GoEnvelope(of: try object(text), before: 3) == nil)
  }
}
