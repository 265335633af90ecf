import JSONText
import Testing

struct ValueTests {
  @Test func `Integers follow Go: plain decimal spelling, no overflow`() throws {
    let cases: [(String, Int64?)] = [
      ("5", 5), ("-5", -5), ("0", 0), ("-0", 0), ("5.0", nil), ("5e2", nil), ("\"5\"", nil),
      ("9223372036854775807", .max), ("-9223372036854775808", .min),
      ("9223372036854775808", nil), ("-9223372036854775809", nil),
      ("99999999999999999999999999", nil), ("null", nil),
    ]
    for (text, expected) in cases { #expect(try parse(text).int64 == expected, "\(text)") }
  }

  @Test func `Doubles are the nearest; beyond the finite ones there are none`() throws {
    #expect(try parse("0.1").double == 0.1)
    #expect(try parse("-1E+2").double == -100)
    #expect(try parse("1e400").double == nil)
    #expect(try parse("1e-400").double == 0)
    #expect(try parse("true").double == nil)
  }

  @Test func `Numbers keep their spelling`() throws {
    for text in ["12345678901234567890", "1.50", "-0.0", "1E+05"] {
      #expect(rewrite(try parse("[\(text)]")) == Array("[\(text)]".utf8))
    }
  }

  @Test func `Members are passed over by their decoded keys`() throws {
    let value = try parse(#"{"a":1,"b":2,"\u0061":3,"c":4,"":5,"ab":6}"#)
    let rest = value.members(except: ["a", "c", "nothing"])
    #expect(rest.map(\.key.string) == ["b", "", "ab"])
    #expect(rest.map(\.value.int64) == [2, 5, 6])
    #expect(try parse("[1]").members(except: []).isEmpty)
  }

  @Test func `Members keep order and duplicates, lookup takes the last`() throws {
    let value = try parse(#"{"a":1,"b":[true,null],"\u0061":2,"":3,"a long key name":4}"#)
    #expect(value.members.map(\.key) == ["a", "b", "a", "", "a long key name"])
    #expect(value["a"]?.int64 == 2)
    #expect(value[name: "a long key name"]?.int64 == 4)
    #expect(value[""]?.int64 == 3)
    #expect(value["a long key namf"] == nil)
    #expect(value["c"] == nil)
    #expect(value["b"]?.elements.map(\.kind) == [.true, .null])
    #expect(value["b"]?.elements.first?.bool == true)
    #expect(value.document.hasDuplicateKeys)
    #expect(!(try parse(#"[{"a":{"a":1}},{"b":1}]"#).document.hasDuplicateKeys))
    #expect(value.elements.isEmpty)
    #expect(try parse("[1]")["a"] == nil)
    #expect(try parse("[1,[2,3],4]").elements.count == 3)
    #expect(try parse("\"a\"").members.isEmpty)
  }

  @Test func `Raw JSON compares by bytes`() throws {
    let value = try parse(#"[1.0, {"a" : 1} ,1.0,1]"#)
    let raw = value.elements.map { RawJSON($0.raw) }
    #expect(raw[0] == raw[2] && raw[0].hashValue == raw[2].hashValue)
    #expect(raw[0] != raw[3])
    #expect(raw[1].string == #"{"a" : 1}"#)
    #expect(RawJSON.null.string == "null")
  }
}
