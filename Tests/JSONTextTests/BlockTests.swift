import CByteMasks
import JSONText
import Testing

/// Strings are looked at in blocks of 64 bytes; where a block ends must make no difference.
struct BlockTests {
  static let pieces = [
    #"\n"#, #"\""#, #"\\"#, #"\\\""#, #"\\\\\\"#, #"\/"#, #"\b\f"#, #"\u0041"#, #"\u2028"#,
    #"\ud83d\ude00"#, "é", "日本", "\u{1F600}", "\u{2028}\u{2029}", "…", "<", "a & b > c",
  ]

  @Test(arguments: pieces)
  func `A piece reads and is written the same at every place of a block`(_ piece: String) throws {
    let decoded = try #require(try parse("\"\(piece)\"").string).string
    for before in 0..<140 {
      for after in [0, 1, 63, 64, 70] {
        let start = String(repeating: "x", count: before)
        let end = String(repeating: "y", count: after)
        let string = try #require(try parse("\"\(start)\(piece)\(end)\"").string)
        #expect(string.string == start + decoded + end, "\(before), \(after)")
        #expect(string.isExact)
        let native = JSONString(start + decoded + end)
        for escaping in [JSONWriter.Escaping.plain, .html] {
          #expect(written(string, escaping) == written(native, escaping), "\(before), \(after)")
        }
      }
    }
  }

  static let mistakes: [(String, JSONError.Code, Int)] = [
    ("\u{1F}", .controlCharacter, 0), ("\n", .controlCharacter, 0), (#"\x"#, .invalidEscape, 0),
    (#"\\\q"#, .invalidEscape, 2), (#"\u12g4"#, .invalidEscape, 0), ("\\\t", .invalidEscape, 0),
    (#"\"\a"#, .invalidEscape, 2), ("é\u{1}", .controlCharacter, 2),
  ]

  @Test(arguments: mistakes)
  func `A mistake is found at every place of a block`(
    _ piece: String, _ code: JSONError.Code, _ offset: Int
  ) {
    for before in 0..<140 {
      for after in [0, 1, 63, 64, 70] {
        let start = String(repeating: "x", count: before)
        let found = error("\"\(start)\(piece)\(String(repeating: "y", count: after))\"")
        #expect(found == JSONError(code, at: 1 + before + offset), "\(before), \(after)")
      }
    }
  }

  @Test func `A string without an end is one wherever it is cut`() {
    for length in 0..<200 {
      for last in ["", "\\", #"\""#, "é"] {
        let text = "\"" + String(repeating: "x", count: length) + last
        #expect(error(text) == JSONError(.unterminatedString, at: text.utf8.count))
      }
    }
  }

  @Test func `Invalid UTF-8 is found at every place of a block`() throws {
    for before in 0..<140 {
      for bad: [UInt8] in [[0xFF], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98]] {
        let start = [UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "x"), count: before)
        let value = try parse(start + bad + Array("yy\"".utf8))
        #expect(value.document.firstInvalidUTF8 == 1 + before)
        #expect(value.string?.isExact == false)
      }
    }
  }

  @Test func `Vectors find the same bytes as plain C`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let special = Array("\"\\nrtbfu<>&/".utf8) + [0x1F, 0x20, 0x7F, 0x80, 0xE2, 0xFF]
    for _ in 0..<20_000 {
      let block = (0..<64).map { _ in
        Bool.random(using: &random)
          ? special[Int.random(in: special.indices, using: &random)]
          : UInt8.random(in: 0...255, using: &random)
      }
      let (vector, plain) = (unsafe string_masks_64(block), unsafe any_string_masks(block))
      #expect(vector.quotes == plain.quotes, "seed \(seed)")
      #expect(vector.backslashes == plain.backslashes, "seed \(seed)")
      #expect(vector.controls == plain.controls, "seed \(seed)")
      #expect(vector.highs == plain.highs, "seed \(seed)")
      #expect(unsafe escape_letters_64(block) == any_escape_letters(block), "seed \(seed)")
      #expect(unsafe html_stops_64(block) == any_html_stops(block), "seed \(seed)")
      #expect(unsafe separator_leads_64(block) == any_separator_leads(block), "seed \(seed)")
      for (carry, isHTML) in [(0, false), (1, false), (0, true)] as [(UInt64, Bool)] {
        let spelling = unsafe spelling_stops_64(block, carry, isHTML)
        let plainSpelling = unsafe any_spelling_stops(block, carry, isHTML)
        #expect(spelling.stops == plainSpelling.stops, "seed \(seed)")
        #expect(spelling.carry == plainSpelling.carry, "seed \(seed)")
        let string = unsafe scan_plain_string(block, 0, 64, carry)
        let plainString = unsafe any_plain_string(block, 0, 64, carry)
        #expect(string.end == plainString.end, "seed \(seed)")
        #expect(string.block == plainString.block, "seed \(seed)")
        #expect(string.has_escapes == plainString.has_escapes, "seed \(seed)")
      }
    }
  }
}
