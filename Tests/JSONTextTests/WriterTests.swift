import JSONText
import Testing

struct WriterTests {
  @Test(arguments: samples)
  func `Writing what was read is a fixpoint`(_ text: String) throws {
    for escaping in [JSONWriter.Escaping.plain, .html] {
      let once = rewrite(try parse(text), escaping)
      #expect(rewrite(try parse(once), escaping) == once)
    }
  }

  @Test func `Commas and colons are put in`() {
    var writer = JSONWriter()
    writer.beginObject()
    writer.field("a", "x")
    writer.key("b")
    writer.beginArray()
    writer.int(-1)
    writer.uint(.max)
    writer.int(Int64.min)
    writer.bool(true)
    writer.null()
    writer.beginObject()
    writer.endObject()
    writer.beginArray()
    writer.endArray()
    writer.raw(RawJSON(" 1.0 "))
    writer.literal("l")
    writer.endArray()
    writer.key(JSONString("k<\n"))
    writer.bool(false)
    writer.endObject()
    writer.newline()
    writer.int(2)
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == #"{"a":"x","b":[-1,18446744073709551615,-9223372036854775808,true,null,{},[], 1.0 ,"l"],"k<\n":false}"#
        + "\n2")
  }

  @Test func `Doubles are laid out as Go lays them out`() throws {
    let cases: [(Double, String)] = [
      (0, "0"), (-0.0, "-0"), (5, "5"), (-1.5, "-1.5"), (0.1, "0.1"), (100, "100"),
      (1e20, "100000000000000000000"),
      (1e21, "1e+21"), (1.25e22, "1.25e+22"), (1e-6, "0.000001"), (1e-7, "1e-7"),
      (1.5e-10, "1.5e-10"),
      (123456789.125, "123456789.125"), (.leastNonzeroMagnitude, "5e-324"),
      (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
      (0.30000000000000004, "0.30000000000000004"), (1e16, "10000000000000000"), (.nan, "null"),
      (.infinity, "null"),
    ]
    for (value, text) in cases {
      var writer = JSONWriter()
      writer.double(value)
      #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      var writer = JSONWriter()
      writer.double(value)
      #expect(try parse(writer.bytes).double == value, "seed \(seed)")
    }
  }

  @Test func `Compact removes white space outside strings and nothing else`() throws {
    let source = "\n{ \"a\\\" b\" : [ 1.0 ,\t\"x  \\\\\" ] , \"<\u{2028}\\/\" : \"&\" }\r\n"
    func compact(_ escaping: JSONWriter.Escaping, _ text: String) -> String {
      var writer = JSONWriter(escaping: escaping)
      writer.compact(Array(text.utf8)[...])
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    #expect(compact(.plain, source) == "{\"a\\\" b\":[1.0,\"x  \\\\\"],\"<\u{2028}\\/\":\"&\"}")
    #expect(compact(.html, source) == #"{"a\" b":[1.0,"x  \\"],"\u003c\u2028\/":"\u0026"}"#)
    for text in samples {
      let once = compact(.plain, text)
      #expect(compact(.plain, once) == once)
      #expect(rewrite(try parse(once)) == rewrite(try parse(text)))
    }
    for broken in ["\"abc", "\"abc\\", "\"", "\\"] { #expect(compact(.html, broken) == broken) }
  }
}
