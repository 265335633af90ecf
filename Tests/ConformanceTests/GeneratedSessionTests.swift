import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Sessions that no tool would write: whatever the model can say survives.
///
/// `CARRYOVER_SEED` sets the seed, which every failure names.
@Suite struct GeneratedSessionTests {
  static let firstSeed =
    ProcessInfo.processInfo.environment["CARRYOVER_SEED"].flatMap { UInt64($0) } ?? 1
  static let seeds = (0..<120).map { firstSeed &+ $0 }

  func text(_ session: (head: SessionHead, entries: [Entry])) -> [UInt8] {
    WholeSession(id: session.head.id, head: session.head, entries: session.entries, findings: [])
      .canonicalLines.enumerated()
      // The first head entry is the record that opens the session.
      .filter { $0.offset != 1 }
      .flatMap { $0.element + [0x0A] }
  }

  @Test(arguments: seeds)
  func `a written canonical session reads back equal`(seed: UInt64) throws {
    var generator = SessionGenerator(seed: seed)
    let session = generator.session(id: "s\(seed)")
    let folder = try TemporaryFolder()
    let file = try folder.write(text(session), to: "s.session.jsonl")
    let whole = try open("canonical", file).whole(session.head.id)
    var head = whole.head
    head.messageCount = nil
    // The first record states the last head, unless the session went on since.
    var expected = session.head
    if case .headChange(var last)? = session.entries.last(where: { $0.content.isHead })?.content,
      let updated = last.updated, expected.updated.map({ $0 < updated }) ?? true
    {
      last.id = expected.id
      expected = last
    }
    #expect(head == expected, "seed \(seed)")
    #expect(whole.findings.isEmpty, "seed \(seed)")
    #expect(whole.entries.count == session.entries.count, "seed \(seed)")
    for (read, made) in zip(whole.entries, session.entries) {
      let isSame = read.content == made.content && read.isEffective == made.isEffective
      #expect(isSame, "seed \(seed): \(line(made)) became \(line(read))")
      if !isSame { return }
    }
  }

  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "canonical" })
  func `generated sessions come back byte for byte`(through middle: String) async throws {
    let folder = try TemporaryFolder()
    for seed in Self.seeds {
      var generator = SessionGenerator(seed: seed)
      try folder.write(
        text(generator.session(id: "s\(seed)")), to: "in/s\(seed).session.jsonl")
    }
    let there = try await convert(
      folder.path("in"), "canonical", to: folder.path("middle"), middle)
    let back = try await convert(
      folder.path("middle"), middle, to: folder.path("back"), "canonical")
    var written = 0
    for session in there.sessions {
      guard session.status == .written else {
        let isStopped = session.findings.contains(where: \.stopsWriting)
        #expect(isStopped, "\(session.source): \(session.reason ?? "")")
        continue
      }
      written += 1
      let result = try #require(back.sessions.first { $0.source == session.target })
      #expect(result.status == .written, "\(session.source): \(result.reason ?? "")")
      guard result.status == .written else { continue }
      let original = try readFile(folder.path("in/\(session.source).session.jsonl"))
      let returned = try readFile(folder.path("back/\(session.source).session.jsonl"))
      let isSame = original == returned
      #expect(isSame, "\(session.source) differs")
    }
    #expect(written > Self.seeds.count / 3)
  }

  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "canonical" }, [true, false])
  func `no loss of a generated session is silent`(in target: String, isSmall: Bool) async throws {
    let folder = try TemporaryFolder()
    for seed in Self.seeds + (isSmall ? (0..<400).map { Self.firstSeed &+ 500 &+ $0 } : []) {
      var generator = SessionGenerator(seed: seed)
      let session =
        isSmall ? generator.smallSession(id: "s\(seed)") : generator.session(id: "s\(seed)")
      try folder.write(text(session), to: "in/s\(seed).session.jsonl")
    }
    let report = try await convert(
      folder.path("in"), "canonical", to: folder.path("out"), target, options: .plain)
    let source = try open("canonical", folder.path("in"))
    let written = try open(target, folder.path("out"))
    for session in report.sessions where session.status == .written {
      let id = try #require(session.target)
      try LossLawTests().check(session, source.whole(session.source), written.whole(id))
    }
  }

  func line(_ entry: Entry) -> String {
    var writer = JSONWriter()
    CanonicalJSON.write(entry, to: &writer)
    return String(decoding: writer.bytes.prefix(800), as: UTF8.self)
  }
}

extension Entry.Content {
  fileprivate var isHead: Bool { if case .headChange = self { true } else { false } }
}
