import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Canonical records that are read with something in mind: handing it out never changes what is read.
@Suite struct ExpectedContentTests {
  static let seeds = (0..<20).map { GeneratedSessionTests.firstSeed &+ $0 }

  static func line(_ content: Entry.Content) -> [UInt8] {
    var writer = JSONWriter(reserving: 512)
    CanonicalJSON.write(Entry(content), to: &writer)
    return writer.bytes
  }

  /// All ways in which formats spell some content.
  static func spellings(_ content: Entry.Content) throws -> [[UInt8]] {
    var spellings = [line(content)]
    for format in Registry.formats {
      let encoder = format.makeRecordEncoder()
      for variant in 0..<encoder.variantCount {
        var bytes: [UInt8] = []
        try? encoder.encode(
          Entry(content), head: SessionHead(id: "s"), variant: variant, into: &bytes)
        spellings.append(bytes)
      }
    }
    return spellings
  }

  static let names = [
    "id", "parent", "role", "time", "duration_ns", "model", "usage", "turn", "flags", "content",
    "extras", "provider", "endpoint", "source", "kind", "time_to_first_token_ns", "think_time_ns",
    "tool", "tool_success", "tool_error", "tool_duration_ns", "title", "summary", "preview",
    "created", "updated", "workspace", "git_branch", "git_commit", "provider_key", "agent", "mode",
    "status", "archived", "pinned", "tags", "input", "output", "cache_read", "cache_write",
    "prompt_total", "text", "signature", "encrypted", "call_id", "name", "arguments", "is_error",
    "effective",
  ]
  static let values = [
    "7", #""x""#, "true", #"{"input":1}"#, #"["hidden"]"#, #"{"ggcode":{"a":1}}"#,
    #""2026-01-01T00:00:00Z""#,
  ]

  /// Records that say a little more, less or something else.
  static func variants(of line: [UInt8]) throws -> [[UInt8]] {
    let document = try JSONDocument(line, limits: .go)
    var variants: [[UInt8]] = []
    func visit(_ value: JSONValue, _ depth: Int) {
      if depth > 0 {
        for other in [#""x""#, "null", "7", "true", "[]", "{}", #"{"text":"x"}"#, #""\ud800""#] {
          variants.append(
            Array(line[..<value.range.lowerBound]) + Array(other.utf8)
              + Array(line[value.range.upperBound...]))
        }
      }
      guard depth < 4 else { return }
      if value.kind == .object {
        let end = value.range.upperBound - 1
        for name in names where value[name: name] == nil {
          // Each name with another value from time to time.
          let more = ",\"\(name)\":\(values[variants.count % values.count])"
          variants.append(Array(line[..<end]) + Array(more.utf8) + Array(line[end...]))
        }
      }
      for member in value.members {
        // Stated twice, and not at all: the last one counts.
        let start = value.range.lowerBound + 1
        let twice = Array("\"\(member.key.string)\":\"y\",".utf8)
        variants.append(Array(line[..<start]) + twice + Array(line[start...]))
        let end = value.range.upperBound - 1
        let last = Array(",\"\(member.key.string)\":null".utf8)
        variants.append(Array(line[..<end]) + last + Array(line[end...]))
        visit(member.value, depth + 1)
      }
      for element in value.elements { visit(element, depth + 1) }
    }
    visit(document.root, 0)
    return variants
  }

  /// Holds what is handed out against what is read, for a content's record and all variants of it.
  static func check(_ expected: Entry.Content, _ comment: Comment) throws {
    let line = line(expected)
    let texts = [line] + (try variants(of: line))
    for text in texts {
      guard let document = try? JSONDocument(text, limits: .go) else {
        let said = CanonicalJSON.isEffective(
          in: text, text.indices, saying: expected, limits: .go)
        #expect(said == nil, "\(comment): \(String(decoding: text, as: UTF8.self))")
        continue
      }
      guard
        let isEffective = CanonicalJSON.isEffective(
          in: text, text.indices, saying: expected, limits: .go)
      else { continue }
      guard let read = CanonicalJSON.content(from: document.root) else {
        Issue.record("\(comment): \(String(decoding: text, as: UTF8.self))")
        return
      }
      var isSame = read.isEffective == isEffective && Self.line(read.content) == line
      if isSame { isSame = try spellings(read.content) == spellings(expected) }
      #expect(isSame, "\(comment): \(String(decoding: text, as: UTF8.self))")
      if !isSame { return }
    }
  }

  @Test(arguments: seeds)
  func `what is handed out is spelled as what is read`(seed: UInt64) throws {
    var generator = SessionGenerator(seed: seed, longestText: 40)
    var contents = generator.session(id: "s").entries.map(\.content)
    contents += generator.smallSession(id: "s").entries.map(\.content)
    for content in contents { try Self.check(content, "seed \(seed)") }
  }

  @Test(arguments: FixtureCase.all.filter { $0.format == "ggcode" })
  func `what is handed out of real records is spelled as what is read`(
    _ fixture: FixtureCase
  ) throws {
    let source = try open("ggcode", fixture.input)
    for session in try source.sessions() {
      let reader = try source.reader(for: session.id)
      var count = 0
      while count < 12, let entry = try reader.next() {
        try Self.check(entry.content, "\(session.id)")
        count += 1
      }
    }
  }

  @Test func `what formats usually hold is handed out`() throws {
    var handedOut = 0
    var count = 0
    for fixture in FixtureCase.all where fixture.format == "ggcode" && fixture.name == "store" {
      let source = try open("ggcode", fixture.input)
      for session in try source.sessions() {
        let reader = try source.reader(for: session.id)
        while let entry = try reader.next() {
          let line = Self.line(entry.content)
          let said = CanonicalJSON.isEffective(
            in: line, line.indices, saying: entry.content, limits: .go)
          count += 1
          if said != nil { handedOut += 1 }
        }
      }
    }
    #expect(handedOut > count / 2, "\(handedOut) of \(count)")
  }
}
