import JSONText
import Testing

struct StringTests {
  /// Source, as Go's plain encoder writes it, as its default encoder writes it.
  static let escapes: [(String, String, String)] = [
    (#""\"\\\/""#, #""\"\\/""#, #""\"\\/""#),
    (#""\b\f\n\r\t""#, #""\b\f\n\r\t""#, #""\b\f\n\r\t""#),
    (#""\u0008\u0009\u000a\u000c\u000D""#, #""\b\t\n\f\r""#, #""\b\t\n\f\r""#),
    (
      #""\u0000\u0001\u000b\u001F""#, #""\u0000\u0001\u000b\u001f""#, #""\u0000\u0001\u000b\u001f""#
    ),
    (#""\u0041\u007f""#, "\"A\u{7F}\"", "\"A\u{7F}\""),
    (#""<a>&'""#, #""<a>&'""#, #""\u003ca\u003e\u0026'""#),
    (#""\u003c\u003E\u0026""#, #""<>&""#, #""\u003c\u003e\u0026""#),
    (
      "\"\u{2028}\u{2029}\u{2027}\u{202A}\"", "\"\\u2028\\u2029\u{2027}\u{202A}\"",
      "\"\\u2028\\u2029\u{2027}\u{202A}\""
    ),
    (#""\u2028\u2029""#, #""\u2028\u2029""#, #""\u2028\u2029""#),
    ("\"\u{FFFD}\\ufffd\"", "\"\u{FFFD}\u{FFFD}\"", "\"\u{FFFD}\u{FFFD}\""),
    (#""\ud83d\ude00é日""#, "\"\u{1F600}é日\"", "\"\u{1F600}é日\""),
    (#""\ud83d""#, "\"\u{FFFD}\"", "\"\u{FFFD}\""),
    (
      #""\ude00x\ud83d\ud83d\ude00""#, "\"\u{FFFD}x\u{FFFD}\u{1F600}\"",
      "\"\u{FFFD}x\u{FFFD}\u{1F600}\""
    ),
    (#""\ud83d\n""#, "\"\u{FFFD}\\n\"", "\"\u{FFFD}\\n\""),
    (#""“quoted” – … <&>""#, #""“quoted” – … <&>""#, #""“quoted” – … \u003c\u0026\u003e""#),
  ]

  @Test func `A beginning is that of the whole decoded text`() throws {
    let pieces = [
      "abc", #"\n"#, #"\u0041"#, #"\ud83d\ude00"#, "é日", #"\ud83d"#, #"\\"#, "\u{1F600}", "z",
    ]
    for length in [0, 1, 7, 40, 300] {
      for shift in pieces.indices {
        let text = (0..<length).map { pieces[($0 * 5 + shift) % pieces.count] }.joined()
        let string = try #require(try parse("\"\(text)\"").string)
        let whole = Array(string.string.utf8)
        for count in [0, 1, 2, 3, 20, 300] {
          #expect(prefix(of: string, count) == Array(whole.prefix(count)))
          #expect(prefix(of: JSONString(string.string), count) == Array(whole.prefix(count)))
        }
      }
    }
  }

  private func prefix(of string: JSONString, _ count: Int) -> [UInt8] {
    var prefix: [UInt8] = []
    string.withUTF8Prefix(count) { bytes in
      for index in bytes.indices { prefix.append(bytes[index]) }
    }
    return prefix
  }

  @Test(arguments: escapes)
  func `Strings are written as Go writes them`(_ source: String, _ plain: String, _ html: String)
    throws
  {
    let slice = try #require(try parse(source).string)
    let native = JSONString(slice.string)
    for string in [slice, native] {
      #expect(written(string) == plain)
      #expect(written(string, .html) == html)
    }
    #expect(slice == native)
    #expect(slice.hashValue == native.hashValue)
    #expect(try parse(plain).string == slice)
    #expect(try parse(html).string == slice)
  }

  @Test func `Every scalar below 0x3000 and samples above survive the way out and back`() throws {
    let scalars = (0..<0x3000).map { $0 } + [0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x10FFFF]
    for value in scalars {
      guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
      let text = "ab\(Character(scalar))cdefghij"
      for escaping in [JSONWriter.Escaping.plain, .html] {
        let back = try parse(written(JSONString(text), escaping)).string
        #expect(back?.string.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
      }
    }
  }

  /// Bytes between the quotes, and the number of U+FFFD they give.
  static let invalid: [([UInt8], Int)] = [
    ([0x80], 1), ([0xFF, 0xFE], 2), ([0xC0, 0xAF], 2), ([0xC3], 1), ([0xE2, 0x82], 2),
    ([0xE0, 0x80, 0x80], 3), ([0xED, 0xA0, 0x80], 3), ([0xF0, 0x9F, 0x98], 3),
    ([0xF0, 0x80, 0x80, 0x80], 4), ([0xF4, 0x90, 0x80, 0x80], 4), ([0xF5], 1),
    ([0xE2, 0x28], 1), ([0xF0, 0x9F, 0x41], 2),
  ]

  @Test(arguments: invalid)
  func `Each invalid byte decodes to one U+FFFD and is written escaped`(
    _ bad: [UInt8], _ replacements: Int
  ) throws {
    for prefix in ["", "é", "0123456", "日本語日本", #"\n\u0041"#] {
      let bytes = Array("\"\(prefix)".utf8) + bad + Array("z\"".utf8)
      let document = try JSONDocument(bytes)
      let string = try #require(document.root.string)
      let offset = bad.firstIndex { $0 >= 0x80 } ?? 0
      #expect(document.firstInvalidUTF8 == prefix.utf8.count + 1 + offset)
      #expect(!string.isExact)
      #expect(string.string.unicodeScalars.count { $0 == "\u{FFFD}" } == replacements)
      #expect(
        written(string).split(separator: "\\ufffd", omittingEmptySubsequences: false).count
          == replacements + 1)
      var exact: [UInt8] = []
      string.appendUnrepaired(to: &exact)
      let decoded = JSONString(decodedUTF8: exact)
      #expect(!decoded.isExact)
      #expect(decoded == string && decoded.hashValue == string.hashValue)
      #expect(decoded.string == string.string)
      #expect(written(decoded) == written(string))
      #expect(decoded.utf8Count == string.string.utf8.count)
    }
  }

  @Test func `NUL is an ordinary character`() throws {
    let string = JSONString(decodedUTF8: [0x61, 0, 0x62])
    #expect(string.isExact)
    #expect(written(string) == #""a\u0000b""#)
    #expect(try parse(#""a\u0000b""#).string == string)
  }

  @Test func `Equality is that of the decoded bytes`() throws {
    let composed = try #require(try parse("\"\u{E9}\"").string)
    let decomposed = try #require(try parse("\"e\u{301}\"").string)
    #expect(composed != decomposed)
    #expect(JSONString("\u{E9}") != JSONString("e\u{301}"))
    #expect(try parse(#""\u00e9""#).string == composed)
    #expect(composed.equals("\u{E9}"))
    #expect(!composed.equals("e\u{301}"))
    #expect(try parse(#""user""#).string == "user")
    #expect(try parse(#""\u0075ser""#).string?.equals("user") == true)
    #expect(try parse(#""users""#).string?.equals("user") == false)
    #expect(try parse(#""""#).string?.isEmpty == true)
    #expect(try parse(#""longer than one word""#).string != "longer than one Word")
  }
}
