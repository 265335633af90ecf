import JSONText
import Testing

struct GoObjectTests {
  let fields = GoFields(["type", "session_id", "message", "ok", "tokens_used_in_total"])

  func object(_ text: String) throws -> GoObject {
    try #require(GoObject(try parse(text), fields: fields))
  }

  func text(_ value: JSONValue?) -> String? {
    value.map { String(decoding: $0.raw, as: UTF8.self) }
  }

  @Test func `Fields are found in any order, the rest is kept`() throws {
    let object = try object(
      #"{"x":1,"message":"m","type":"t","":2,"tokens_used_in_total":7,"typ":3}"#)
    #expect(text(object[0]) == #""t""#)
    #expect(object[1] == nil)
    #expect(text(object[2]) == #""m""#)
    #expect(object[4]?.int64 == 7)
    #expect(object.unknown.map(\.key) == ["x", "", "typ"])
    #expect(!object.hasRepeats)
    #expect(GoObject(try parse("[]"), fields: fields) == nil)
    #expect(fields.count == 5)
  }

  @Test func `Keys match exactly, else by simple folding`() throws {
    for key in ["TYPE", "Type", #"\u0054ype"#] {
      #expect(text(try object("{\"\(key)\":1}")[0]) == "1")
    }
    for key in ["SESSION_ID", "\u{17F}ession_id", #"se\u017fsion_id"#] {
      #expect(text(try object("{\"\(key)\":1}")[1]) == "1")
    }
    #expect(text(try object("{\"o\u{212A}\":1}")[3]) == "1")
    #expect(text(try object("{\"TOKENS_used_IN_total\":1}")[4]) == "1")
    for key in ["typé", "type ", "tokens_used_in_totaL_", "\u{FF54}ype"] {
      #expect(try object("{\"\(key)\":1}").unknown.count == 1)
    }
    let both = GoFields(["Name", "name"])
    let value = try #require(GoObject(try parse(#"{"name":1,"NAME":2}"#), fields: both))
    #expect(value[1]?.int64 == 1)
    #expect(value[0]?.int64 == 2)
  }

  @Test func `Null leaves a field unset, or as it is`() throws {
    let object = try object(#"{"type":"a","type":null,"ok":null,"message":[1],"message":null}"#)
    #expect(text(object[0]) == #""a""#)
    #expect(object.last(0)?.isNull == true)
    #expect(object[3] == nil)
    #expect(object.last(3)?.isNull == true)
    #expect(object[2] == nil)
    #expect(object.last(1) == nil)
    #expect(object.last(99) == nil)
    #expect(object.hasRepeats)
    let pointers = GoFields(["a"], resetByNull: ["a"])
    let value = try parse(#"{"a":{"x":1},"a":null,"a":{"y":2}}"#)
    #expect(text(GoObject(value, fields: pointers)?[0]) == #"{"y":2}"#)
    #expect(text(GoObject(value, fields: GoFields(["a"]))?[0]) == #"{"x":1,"y":2}"#)
  }

  @Test func `Repeated lists are decoded over the old one`() throws {
    let inner = GoFields(["type", "text"])
    let value = try object(
      #"{"message":[{"type":"text","text":"a"},{"type":"b"}],"MESSAGE":[{"text":"b"}]}"#)
    let elements = try #require(value[2]).elements
    #expect(elements.count == 1)
    let first = try #require(elements.first)
    let block = try #require(GoObject(first, fields: inner))
    #expect(block[0]?.string == "text")
    #expect(block[1]?.string == "b")
    #expect(text(value.last(2)) == #"[{"text":"b"}]"#)
  }

  static let merges: [(String, String?)] = [
    (#""a":1,"a":2"#, "2"),
    (#""a":{"x":1},"a":{"x":2,"y":3}"#, #"{"x":1,"x":2,"y":3}"#),
    (#""a":{},"a":{"y":3},"a":{}"#, #"{"y":3}"#),
    (#""a":[1,2],"a":[3]"#, "[3]"),
    (#""a":[1],"a":[null,2]"#, "[1,2]"),
    (#""a":[null],"a":[null]"#, "[null]"),
    (#""a":[{"x":1},{"x":2}],"a":[{}],"a":[{},{"y":3}]"#, #"[{"x":1},{"x":2,"y":3}]"#),
    (#""a":[{"x":1}],"a":[],"a":[{"y":3}]"#, #"[{"y":3}]"#),
    (#""a":[[1,{"x":1}]],"a":[[null,{"y":2},3]]"#, #"[[1,{"x":1,"y":2},3]]"#),
    (#""a":{"x":1},"a":"s","a":{"y":2}"#, #"{"y":2}"#),
    (#""a":null,"a":null"#, nil),
  ]

  @Test(arguments: merges)
  func `Repeats merge as Go merges them`(_ members: String, _ merged: String?) throws {
    let object = try #require(GoObject(try parse("{\(members)}"), fields: GoFields(["a"])))
    #expect(object.hasRepeats)
    #expect(text(object[0]) == merged)
  }

  @Test func `Deep repeated lists cost no stack`() throws {
    let list = String(repeating: "[", count: 9_000) + String(repeating: "]", count: 9_000)
    let document = try JSONDocument(Array("{\"a\":\(list),\"a\":\(list)}".utf8), limits: .go)
    let object = try #require(GoObject(document.root, fields: GoFields(["a"])))
    #expect(text(object[0]) == list)
  }

  @Test func `Many repeats take linear time`() throws {
    let empty = String(repeating: #","a":[{}]"#, count: 50_000)
    let value = try parse("{\"a\":[\(String(repeating: "1,", count: 50_000))1]\(empty)}")
    let object = try #require(GoObject(value, fields: GoFields(["a"])))
    #expect(object[0]?.elements.count == 1)
  }
}
