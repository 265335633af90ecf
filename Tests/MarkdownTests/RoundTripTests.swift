import Conversion
import FileIO
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Laws over made-up hostile sessions.
@Suite struct RoundTripTests {
  static var seeds: [UInt64] {
    var random = SystemRandomNumberGenerator()
    return (0..<6).map { _ in random.next() } + [1, 2, 3, 4]
  }

  static let perSeed = 12

  @Test(arguments: seeds)
  func `a session comes back from a transcript byte for byte`(seed: UInt64) async throws {
    print("MarkdownTests.RoundTripTests carry seed \(seed)")
    var random = SeededNumbers(seed: seed)
    for round in 0..<Self.perSeed {
      let folder = try TemporaryFolder()
      let where_ = "seed \(seed), session \(round)"
      var generator = HostileSession(seed: random.next())
      var (head, entries) = generator.make()
      // The last head that a record states is the session's.
      for index in entries.indices {
        if case .headChange = entries[index].content { entries[index].content = .headChange(head) }
      }
      let first = folder.path("first.session.jsonl")
      try Written.write(head, entries, format: Canonical(), to: first)
      let there = try await Written.convert(
        first, Canonical(), to: folder.path("there"), Markdown())
      #expect(
        there.sessions.map(\.status) == [.written], "\(where_): \(there.sessions.map(\.reason))")
      #expect(there.sessions.first?.losses.allSatisfy(\.isCarried) == true, "\(where_)")
      let page = try #require(there.sessions.first?.files.first)
      let read = try Written.read(page)
      let found = read.findings.filter { $0.rule != "markdown.blob-exists" }
      #expect(found.isEmpty, "\(where_): \(found)")
      let back = try await Written.convert(
        folder.path("there"), Markdown(), to: folder.path("back.session.jsonl"), Canonical())
      #expect(back.sessions.first?.fidelity == .exact, "\(where_)")
      let isSame = try readFile(folder.path("back.session.jsonl")) == readFile(first)
      #expect(isSame, "\(where_)")
      // A copy is the same file.
      let copy = try await Written.convert(
        folder.path("there"), Markdown(), to: folder.path("copy"), Markdown())
      #expect(copy.sessions.first?.fidelity == .exact, "\(where_)")
      let copied = try #require(copy.sessions.first?.files.first)
      let isCopy = try readFile(copied) == readFile(page)
      #expect(isCopy, "\(where_)")
    }
  }

  @Test(arguments: seeds)
  func `what people read is all there without a carry`(seed: UInt64) throws {
    print("MarkdownTests.RoundTripTests plain seed \(seed)")
    var random = SeededNumbers(seed: seed)
    let folder = try TemporaryFolder()
    for round in 0..<(Self.perSeed * 3) {
      var generator = HostileSession(seed: random.next())
      let (head, entries) = generator.make()
      let path = folder.path("\(round).md")
      try Written.write(
        head, entries, to: path, options: WriteOptions(isDurable: false, carries: false))
      let read = try Written.read(path)
      let where_ = "seed \(seed), session \(round)"
      #expect(read.findings.isEmpty, "\(where_): \(read.findings)")
      #expect(read.head.title == head.title, "\(where_)")
      #expect(read.head.workspace == head.workspace, "\(where_)")
      let expected = Said.all(in: entries, isWritten: true)
      let found = Said.all(in: read.entries, isWritten: false)
      #expect(found.count == expected.count, "\(where_)")
      for (found, wanted) in zip(found, expected) {
        let isSame = found == wanted
        #expect(isSame, "\(where_): \(found) is not \(wanted)")
      }
      #expect(read.bytes == (try readFile(path)), "\(where_)")
    }
  }

  @Test(arguments: [UInt64.random(in: 0...UInt64.max), 7])
  func `every beginning of a file reads without a trap and within the file`(seed: UInt64) throws {
    print("MarkdownTests.RoundTripTests prefixes seed \(seed)")
    var generator = HostileSession(seed: seed)
    let folder = try TemporaryFolder()
    var (head, entries) = generator.make()
    while entries.count < 3 { (head, entries) = generator.make() }
    try Written.write(head, entries, to: folder.path("whole.md"))
    let samples = [
      try readFile(folder.path("whole.md")).prefix(6_000),
      try readFile(SampleTests.folder + "/input.md")[...],
    ]
    for sample in samples {
      let sample = Array(sample)
      for length in stride(from: 0, to: sample.count, by: 3) {
        let path = try folder.write(Array(sample[..<length]), to: "cut.md")
        guard let read = try? Written.read(path) else { continue }
        #expect(read.bytes == Array(sample[..<length]), "seed \(seed), length \(length)")
      }
    }
  }
}

/// What people read of a message.
struct Said: Hashable, CustomStringConvertible {
  var role: String
  var isEffective: Bool
  var parts: [String]

  var description: String { "\(role) \(isEffective) \(parts)" }

  /// All messages of a session, those of compactions among them.
  ///
  /// - Parameter isWritten: Whether the entries are to be written, so that not all are shown.
  static func all(in entries: [Entry], isWritten: Bool) -> [Said] {
    var hasEffective = false
    return entries.flatMap { entry -> [Said] in
      if isWritten, !entry.isEffective, hasEffective { return [] }
      switch entry.content {
      case .message(let message):
        let parts = message.blocks.flatMap(parts)
        if isWritten {
          if message.flags.contains(.hidden) || parts.isEmpty { return [] }
          hasEffective = entry.isEffective
        }
        return [Said(role: role(message.role), isEffective: entry.isEffective, parts: parts)]
      case .checkpoint(let checkpoint):
        return (checkpoint.messages ?? []).compactMap { message in
          let parts = message.blocks.flatMap(parts)
          guard !parts.isEmpty else { return nil }
          return Said(role: role(message.role), isEffective: entry.isEffective, parts: parts)
        }
      default: return []
      }
    }
  }

  /// A role, but for names that no marker holds.
  private static func role(_ role: Role) -> String {
    guard case .other(let name) = role else { return role.name }
    let isSafe =
      !name.isEmpty && name.utf8.count <= 32 && !name.contains("--")
      && name.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
          || $0 == "-" || $0 == "_"
      }
    return isSafe ? name : "other"
  }

  private static func text(_ text: JSONString?) -> String {
    var bytes: [UInt8] = []
    text?.appendUnrepaired(to: &bytes)
    return bytes.map { String($0, radix: 16) }.joined()
  }

  /// JSON as it is read: without white space where it stands on several lines.
  private static func onOneLine(_ json: RawJSON) -> String {
    guard json.bytes.contains(0x0A) else { return Array(json.bytes).text }
    var writer = JSONWriter()
    writer.compact(json.bytes)
    return writer.bytes.text
  }

  private static func parts(_ block: Block) -> [String] {
    switch block {
    case .text(let block): block.text.isEmpty ? [] : ["text \(text(block.text))"]
    case .thinking(let block): block.text.isEmpty ? [] : ["thinking \(text(block.text))"]
    case .toolCall(let call):
      ["call \(text(call.name)) \(call.arguments.map(onOneLine) ?? "nothing")"]
    case .toolResult(let result):
      ["result \(result.isError)"]
        + result.content.compactMap { part in
          if case .text(let part) = part { "part \(text(part.text))" } else { nil }
        }
    case .image(let image): ["image \(text(image.mediaType)) \(text(image.base64))"]
    case .file(let file): ["file \(text(file.name)) \(text(file.base64)) \(text(file.text))"]
    case .opaque: []
    }
  }
}
