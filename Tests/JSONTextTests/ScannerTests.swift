import JSONText
import Testing

struct ScannerTests {
  @Test(arguments: samples)
  func `Raw slices of the members put the text together again`(_ text: String) throws {
    let value = try parse(text)
    func joined(_ value: JSONValue) -> [UInt8] {
      let bytes = value.document.bytes
      var parts: [JSONValue] = []
      switch value.kind {
      case .array: parts = Array(value.elements)
      case .object: parts = value.members.map(\.value)
      default: return Array(value.raw)
      }
      var text: [UInt8] = []
      var place = value.range.lowerBound
      for part in parts {
        text += bytes[place..<part.range.lowerBound] + joined(part)
        place = part.range.upperBound
      }
      return text + bytes[place..<value.range.upperBound]
    }
    #expect(joined(value) == Array(value.raw))
    #expect(value.raw.elementsEqual(text.utf8) || text == " true ")
  }

  @Test(arguments: samples)
  func `Every proper prefix is an error or a shorter scalar, and never traps`(_ text: String) throws
  {
    let bytes = Array(text.utf8)
    for length in bytes.indices {
      let prefix = Array(bytes[..<length])
      guard let error = error(prefix) else {
        let kind = try parse(prefix).kind
        let isWhole = bytes[length...].allSatisfy { $0 == 0x20 }
        #expect(kind == .number || isWhole, "\(text) cut at \(length)")
        continue
      }
      #expect((0...length).contains(error.offset))
    }
  }

  static let mistakes: [(String, JSONError.Code, Int)] = [
    ("", .empty, 0), (" \n", .empty, 2), ("\u{FEFF}1", .unexpectedByte, 0),
    ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1), ("{\"a\":1,}", .unexpectedByte, 7),
    ("{a:1}", .unexpectedByte, 1), ("{\"a\" 1}", .unexpectedByte, 5), ("[1 2]", .unexpectedByte, 3),
    ("[1}", .unexpectedByte, 2), ("{\"a\":1]", .unexpectedByte, 6), ("{} {}", .trailingData, 3),
    ("1,", .trailingData, 1), ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte, 3),
    ("truee", .trailingData, 4), ("01", .invalidNumber, 1), ("-", .unexpectedEnd, 1),
    ("-a", .invalidNumber, 1), ("1.", .unexpectedEnd, 2), ("[1.]", .invalidNumber, 3),
    ("1.e5", .invalidNumber, 2), ("[1e+]", .invalidNumber, 4), ("+1", .unexpectedByte, 0),
    (".5", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0), ("'a'", .unexpectedByte, 0),
    ("\"a\nb\"", .controlCharacter, 2), ("\"a\u{1F}\"", .controlCharacter, 2),
    ("\"0123456789\t\"", .controlCharacter, 11), ("\"a", .unterminatedString, 2),
    ("\"a\\\"", .unterminatedString, 4), ("\"\\x\"", .invalidEscape, 1),
    ("\"01234567890\\u00g0\"", .invalidEscape, 12), ("\"\\u12\"", .invalidEscape, 1),
    ("\"\\u12", .unterminatedString, 5), ("\"\\\\\\q\"", .invalidEscape, 3),
    ("\"\\]abcdefghijkl\"", .invalidEscape, 1), ("\"\\ud800\\u12x4\"", .invalidEscape, 7),
    ("/**/1", .unexpectedByte, 0), ("[1\u{0B}]", .unexpectedByte, 2),
    ("{\"a\"", .unexpectedEnd, 4), ("[", .unexpectedEnd, 1), ("{\"a\":", .unexpectedEnd, 5),
  ]

  @Test(arguments: mistakes)
  func `Mistakes are named and placed`(_ text: String, _ code: JSONError.Code, _ offset: Int) {
    #expect(error(text) == JSONError(code, at: offset))
  }

  /// The same mistake at every place relative to words of eight bytes and to stretches of words.
  @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 1015, 1016, 1022, 1023, 1024, 1025, 2047])
  func `The place of a byte in its word does not matter`(_ shift: Int) throws {
    let filler = String(repeating: "x", count: shift)
    for tail in ["", "y", "12345678", "123456789abcdef"] {
      #expect(error("\"\(filler)\u{01}\(tail)\"")?.offset == shift + 1)
      #expect(error("\"\(filler)\\q\(tail)\"") == JSONError(.invalidEscape, at: shift + 1))
      for (escape, meaning) in [
        ("\\\"", "\""), ("\\\\", "\\"), ("\\\"#", "\"#"), ("\\\"##", "\"##"), ("\\\\]", "\\]"),
        ("\\\\\\\"", "\\\""), ("\\n\\n", "\n\n"), ("\\u0041", "A"), ("\\ud83d\\ude00", "\u{1F600}"),
        ("日", "日"), ("\\\\日\\\\", "\\日\\"), ("é\\té", "é\té"),
      ] {
        let value = try parse("[\"\(filler)\(escape)\(tail)\",\"\(escape)\"]")
        let strings = value.elements.compactMap { $0.string }
        #expect(strings.map(\.string) == [filler + meaning + tail, meaning])
        #expect(strings.allSatisfy { $0.isExact })
        #expect(value.document.firstInvalidUTF8 == nil)
      }
      let broken = Array("\"\(filler)".utf8) + [0xE2, 0x82] + Array("\(tail)é\"".utf8)
      #expect(try JSONDocument(broken).firstInvalidUTF8 == shift + 1)
      #expect(try parse(broken).string?.string == "\(filler)\u{FFFD}\u{FFFD}\(tail)é")
    }
  }

  @Test func `Long runs of escapes and of other scripts are scanned across stretches`() throws {
    for unit in ["\\n", "\\\\", "\\\"", "日", "é\\t", "\\u00e9", "a\\n", "abcdefg\\n", "abcdef🙂"] {
      let text = "\"" + String(repeating: unit, count: 3000) + "\""
      let decoded = try #require(try parse(text).string)
      let one = try #require(try parse("\"\(unit)\"").string).string
      #expect(decoded.string == String(repeating: one, count: 3000))
      #expect(decoded.utf8Count == one.utf8.count * 3000)
      #expect(error(String(text.dropLast()))?.code == .unterminatedString)
    }
  }

  @Test func `Depth is limited and costs no stack`() throws {
    func nested(_ depth: Int, _ open: String, _ close: String) -> [UInt8] {
      Array(
        (String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
    }
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      #expect(throws: Never.self) { try JSONDocument(nested(512, open, close)) }
      #expect(error(nested(513, open, close))?.code == .tooDeep)
      #expect(throws: Never.self) { try JSONDocument(nested(2_000, open, close), limits: .go) }
      #expect(throws: Never.self) { try JSONDocument(nested(10_000, open, close), limits: .go) }
      #expect(throws: JSONError(.tooDeep, at: 10_000 * open.utf8.count)) {
        try JSONDocument(nested(10_001, open, close), limits: .go)
      }
    }
    #expect(throws: Never.self) { try JSONDocument([0x31], limits: JSONLimits(maximumDepth: 0)) }
  }

  @Test func `Random and damaged bytes never trap, and what is accepted is a fixpoint`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let alphabet =
      Array("{}[]\",:\\/u0123456789abcdefnrtlse+-. \u{00}\n<&é日🙂".utf8) + [0x80, 0xE2, 0xFF]
    var accepted = 0
    for round in 0..<20_000 {
      var bytes: [UInt8]
      if round.isMultiple(of: 2) {
        bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
          alphabet[Int.random(in: alphabet.indices, using: &random)]
        }
        if round.isMultiple(of: 4) {
          bytes = [0x22] + bytes.filter { $0 != 0x22 && $0 >= 0x20 } + [0x22]
        }
      } else {
        bytes = Array(samples[Int.random(in: samples.indices, using: &random)].utf8)
        for _ in 0...Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
          let place = Int.random(in: bytes.indices, using: &random)
          switch Int.random(in: 0...2, using: &random) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.remove(at: place)
          default:
            bytes.insert(alphabet[Int.random(in: alphabet.indices, using: &random)], at: place)
          }
        }
      }
      if round.isMultiple(of: 64) {
        let parts = [
          "a", " word ", "\\n", "\\\"", "\\\\", "#", "é", "日", "\\u00e9", "\\ud83d", "🙂", "]",
        ]
        let text = (0..<Int.random(in: 0...2000, using: &random)).map { _ in
          parts[Int.random(in: parts.indices, using: &random)]
        }
        bytes = Array("[\"\(text.joined())\"]".utf8)
      }
      let value = try? parse(bytes)
      let decoded = ReferenceParser.strings(in: bytes)
      #expect((value != nil) == (decoded != nil), "seed \(seed), round \(round), \(bytes)")
      guard let value else { continue }
      accepted += 1
      #expect(strings(in: value) == decoded, "seed \(seed), round \(round), \(bytes)")
      let once = rewrite(value)
      // An invalid byte is written as an escape, which then decodes to an ordinary U+FFFD.
      let twice = rewrite(try parse(once))
      if value.document.firstInvalidUTF8 == nil {
        #expect(String(validating: bytes, as: UTF8.self) != nil)
        #expect(twice == once, "seed \(seed), round \(round), \(bytes)")
      } else {
        #expect(String(validating: bytes, as: UTF8.self) == nil)
      }
      #expect(rewrite(try parse(twice)) == twice, "seed \(seed), round \(round), \(bytes)")
      let html = rewrite(value, .html)
      #expect(rewrite(try parse(html)) == twice, "seed \(seed), round \(round), \(bytes)")
    }
    #expect(accepted > 1000, "seed \(seed)")
  }

  private func strings(in value: JSONValue) -> [String] {
    switch value.kind {
    case .string: [value.string?.string ?? ""]
    case .array: value.elements.flatMap { strings(in: $0) }
    case .object: value.members.flatMap { [$0.key.string] + strings(in: $0.value) }
    default: []
    }
  }
}
