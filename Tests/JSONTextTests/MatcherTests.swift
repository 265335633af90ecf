import Testing

@testable import JSONText

/// Something that a text may be expected to say.
private indirect enum Told {
  case object([(String, Told)])
  case array([Told])
  case string(JSONString)
  case native(String)
  case int(Int64)
  case bool(Bool)
  case raw(RawJSON)

  func write(to writer: inout JSONWriter) {
    switch self {
    case .object(let members):
      writer.beginObject()
      for (key, value) in members {
        writer.key(JSONString(key))
        value.write(to: &writer)
      }
      writer.endObject()
    case .array(let elements):
      writer.beginArray()
      for element in elements { element.write(to: &writer) }
      writer.endArray()
    case .string(let string): writer.string(string)
    case .native(let string): writer.string(string)
    case .int(let value): writer.int(value)
    case .bool(let value): writer.bool(value)
    case .raw(let json): writer.raw(json)
    }
  }

  func isTold(to matcher: inout JSONMatcher) -> Bool {
    switch self {
    case .object(let members):
      guard matcher.beginObject() else { return false }
      for (key, value) in members {
        guard matcher.key(key), value.isTold(to: &matcher) else { return false }
      }
      return matcher.endObject()
    case .array(let elements):
      guard matcher.beginArray() else { return false }
      for element in elements {
        guard element.isTold(to: &matcher) else { return false }
      }
      return matcher.endArray()
    case .string(let string): return matcher.string(string)
    case .native(let string): return matcher.string(string)
    case .int(let value): return matcher.int(value)
    case .bool(let value): return matcher.bool(value)
    case .raw(let json): return matcher.raw(json)
    }
  }

  /// Whether a scanned value says this.
  func isSaid(by value: JSONValue) -> Bool {
    switch self {
    case .object(let members):
      let said = Array(value.members)
      return value.kind == .object && said.count == members.count
        && zip(said, members).allSatisfy {
          $0.key.isExact && $0.key == JSONString($1.0) && $1.1.isSaid(by: $0.value)
        }
    case .array(let elements):
      let said = Array(value.elements)
      return value.kind == .array && said.count == elements.count
        && zip(said, elements).allSatisfy { $1.isSaid(by: $0) }
    case .string(let string):
      return value.string.map { $0.isExact && $0 == string } ?? false
    case .native(let string):
      return value.string.map { $0.isExact && $0 == JSONString(string) } ?? false
    case .int(let number): return value.int64 == number
    case .bool(let flag): return value.bool == flag
    case .raw(let json): return RawJSON(value.raw) == json
    }
  }

  func isFollowed(by text: [UInt8], maximumDepth: Int = 10) -> Bool {
    JSONMatcher.follows(
      text, in: text.indices, limits: JSONLimits(maximumDepth: maximumDepth)
    ) { isTold(to: &$0) }
  }
}

struct MatcherTests {
  private static let texts = [
    "", "a", "id", "with \"quotes\"", "back\\slash", "tab\t", "line\n", "\u{1}", "é", "日本語",
    "\u{2028}", "😀", "a sentence of some more than sixteen bytes", "<b> & </b>",
    String(repeating: "words and \"more\" words, ", count: 12),
  ]
  private static let raws = [
    "1", "-0.5e3", "12345678901234567890", "null", "true", #""x\u0041""#, "{}", "[]",
    #"{"a":[1,{"b":"c"}], "a":2}"#, #"[ 1 , 2 ]"#,
  ]

  private static func make(_ random: inout SeededGenerator, depth: Int = 0) throws -> Told {
    let text = texts.randomElement(using: &random) ?? ""
    switch Int.random(in: depth < 4 ? 0...9 : 4...9, using: &random) {
    case 0...1:
      return .object(
        try (0..<Int.random(in: 0...4, using: &random)).map { _ in
          (texts.randomElement(using: &random) ?? "", try make(&random, depth: depth + 1))
        })
    case 2...3:
      return .array(
        try (0..<Int.random(in: 0...4, using: &random)).map { _ in
          try make(&random, depth: depth + 1)
        })
    case 4...5:
      // As a reader holds it: still escaped, in one of two ways.
      var writer = JSONWriter(escaping: Bool.random(using: &random) ? .plain : .html)
      writer.string(text)
      return .string(try #require(try JSONDocument(writer.bytes).root.string))
    case 6: return .native(text)
    case 7:
      let numbers: [Int64] = [0, 1, -1, 42, .max, .min, 1_000_000_007]
      return .int(numbers.randomElement(using: &random) ?? 0)
    case 8: return .bool(Bool.random(using: &random))
    default: return .raw(RawJSON(raws.randomElement(using: &random) ?? "1"))
    }
  }

  @Test func `What is written is followed, and what is followed says just that`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for round in 0..<400 {
      let told = try Self.make(&random)
      var writer = JSONWriter()
      told.write(to: &writer)
      #expect(told.isFollowed(by: writer.bytes), "seed \(seed), round \(round)")
      // Whatever else is there and still followed decodes to the same.
      for _ in 0..<60 {
        var text = writer.bytes
        let place = Int.random(in: 0..<text.count, using: &random)
        let byte = Array(#"\"{}[],: 0a-.eu\n\t"#.utf8).randomElement(using: &random) ?? 0x20
        switch Int.random(in: 0...3, using: &random) {
        case 0: text[place] = byte
        case 1: text.insert(byte, at: place)
        case 2: text.remove(at: place)
        default: text.removeLast(text.count - place)
        }
        guard told.isFollowed(by: text) else { continue }
        let document = try? JSONDocument(text)
        #expect(
          document.map { told.isSaid(by: $0.root) } ?? false,
          "seed \(seed), round \(round): \(String(decoding: text, as: UTF8.self))")
      }
    }
  }

  @Test(arguments: [#"1,"x":2"#, "1}", "", " 1", "1 ", "01", "-", "tru", #""a"#, #"["#, "{]", "+1"])
  func `Raw JSON that is not one value is not followed`(_ raw: String) throws {
    let told = Told.object([("a", .raw(RawJSON(raw)))])
    var writer = JSONWriter()
    told.write(to: &writer)
    #expect(!told.isFollowed(by: writer.bytes))
  }

  @Test func `Text that ends a string early is not followed`() {
    let told = Told.object([("a", .native(#"b","c":"d"#))])
    #expect(!told.isFollowed(by: Array(#"{"a":"b","c":"d"}"#.utf8)))
    #expect(told.isFollowed(by: Array(#"{"a":"b\",\"c\":\"d"}"#.utf8)))
  }

  @Test func `Strings that decode to something replaced are not followed`() throws {
    let lone = try #require(try JSONDocument(Array(#""\ud800""#.utf8)).root.string)
    let invalid = JSONString(decodedUTF8: [0xFF])
    for told in [Told.string(lone), .string(invalid), .native("\u{FFFD}")] {
      #expect(!told.isFollowed(by: Array(#""\ud800""#.utf8)))
      #expect(!told.isFollowed(by: [0x22, 0xFF, 0x22]))
    }
  }

  @Test func `Nesting counts as it does when a text is scanned`() throws {
    let told = Told.array([.object([("a", .raw(RawJSON("[[1]]")))])])
    var writer = JSONWriter()
    told.write(to: &writer)
    for depth in 0...6 {
      let isScanned =
        (try? JSONDocument(writer.bytes, limits: JSONLimits(maximumDepth: depth))) != nil
      #expect(told.isFollowed(by: writer.bytes, maximumDepth: depth) == isScanned)
    }
  }

  @Test func `White space is followed behind the text only`() {
    let told = Told.object([("a", .int(1))])
    #expect(told.isFollowed(by: Array("{\"a\":1}\r\n".utf8)))
    for text in ["{\"a\": 1}", " {\"a\":1}", "{\"a\":1} 2", "{\"a\":1}\u{b}", "{\"a\":1.0}"] {
      #expect(!told.isFollowed(by: Array(text.utf8)))
    }
  }
}
