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
    return (0..<8).map { _ in random.next() } + [1, 2, 3, 4]
  }

  static let perSeed = 25

  @Test(arguments: seeds)
  func `model to Markdown to model is equal, and stays the same file`(seed: UInt64) throws {
    print("MarkdownTests.RoundTripTests seed \(seed)")
    var random = SeededNumbers(seed: seed)
    let folder = try TemporaryFolder()
    for round in 0..<Self.perSeed {
      var generator = HostileSession(seed: random.next())
      let (head, entries) = generator.make()
      let path = folder.path("\(round)/session.md")
      try createDirectory(folder.path("\(round)"))
      let counts = try Written.write(head, entries, to: path)
      let read = try Written.read(path)
      let where_ = "seed \(seed), session \(round)"
      #expect(read.findings.isEmpty, "\(where_): \(read.findings)")
      var readHead = read.head
      readHead.messageCount = nil
      let isSameHead = readHead == head
      #expect(
        isSameHead, "\(where_): \(Self.difference(.headChange(readHead), .headChange(head)))")
      // The front matter is an entry even when the session does not begin with a head.
      var expected = entries
      let beginsWithHead = entries.first?.content == .headChange(head) && entries[0].isEffective
      if !beginsWithHead { expected.insert(Entry(.headChange(head)), at: 0) }
      #expect(read.entries.count == expected.count, "\(where_)")
      if !entries.isEmpty { #expect(counts.reduce(0, +) == expected.count, "\(where_)") }
      for (entry, wanted) in zip(read.entries, expected) {
        var content = entry.content
        if case .headChange(var found) = content {
          found.messageCount = nil
          content = .headChange(found)
        }
        let isSame = content == wanted.content
        #expect(isSame, "\(where_): \(Self.difference(content, wanted.content))")
        #expect(entry.isEffective == wanted.isEffective, "\(where_)")
        Self.expectSameTimes(content, wanted.content, where_)
      }
      // The records are the file, and writing them again gives the file.
      let file = try readFile(path)
      let isPrefix = file.starts(with: read.bytes)
      #expect(isPrefix, "\(where_)")
      let copy = folder.path("\(round)/copy.md")
      try Written.write(read.head, read.entries, to: copy)
      #expect(try readFile(copy) == file, "\(where_)")
      let again = folder.path("\(round)/again.md")
      var bareHead = read.head
      if !file.text.contains("\nmessages: ") { bareHead.messageCount = nil }
      try Written.write(bareHead, read.entries.map(\.bare), to: again)
      let rewritten = try readFile(again)
      let isSame = rewritten == file
      #expect(isSame, "\(where_): \(Self.difference(rewritten.text, file.text))")
    }
  }

  /// Where two entries begin to differ.
  static func difference(_ a: Entry.Content, _ b: Entry.Content) -> String {
    var (first, second) = (JSONWriter(), JSONWriter())
    CanonicalJSON.write(Entry(a), to: &first)
    CanonicalJSON.write(Entry(b), to: &second)
    return difference(first.bytes.text, second.bytes.text)
  }

  static func difference(_ a: String, _ b: String) -> String {
    let common = zip(a.utf8, b.utf8).prefix { $0 == $1 }.count
    let start = max(0, common - 60)
    func part(_ text: String) -> String {
      String(decoding: text.utf8.dropFirst(start).prefix(160), as: UTF8.self).debugDescription
    }
    return "\(part(a)) is not \(part(b))"
  }

  /// Spelling and making of times, which do not take part in equality.
  static func expectSameTimes(_ a: Entry.Content, _ b: Entry.Content, _ comment: String) {
    guard case .message(let a) = a, case .message(let b) = b else { return }
    #expect(a.time?.text == b.time?.text, "\(comment)")
    #expect(a.time?.isSynthesised == b.time?.isSynthesised, "\(comment)")
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
        let isBeginning = sample.starts(with: read.bytes)
        #expect(isBeginning, "seed \(seed), length \(length)")
      }
    }
  }
}
