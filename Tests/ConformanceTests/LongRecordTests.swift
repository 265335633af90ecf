import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Records that are longer than what is read are left out, and never without a word.
@Suite struct LongRecordTests {
  /// Formats whose records are lines.
  private static let lineFormats = ["ggcode", "claude-code", "codex", "canonical"]

  /// Limits that leave something out of an input, and those that leave out much.
  private static func limits(of fixture: FixtureCase) throws -> [Int] {
    try limits(of: fixture.format, fixture.input)
  }

  private static func limits(of format: String, _ input: String) throws -> [Int] {
    if holdsRows(format) { return [80, 300] }
    let lengths = try open(format, input, options: .unlimited).all()
      .flatMap { lines(of: $0.bytes) }.map(\.count).sorted()
    guard let longest = lengths.last, longest > 1 else { return [] }
    return [longest - 1, lengths[lengths.count / 2]].filter { $0 > 0 }
  }

  private static func lines(of bytes: [UInt8]) -> [[UInt8]] {
    bytes.split(separator: 0x0A, omittingEmptySubsequences: true).map(Array.init)
  }

  /// The elements of a list that another one lacks.
  private static func difference(_ list: [[UInt8]], _ other: [[UInt8]]) -> [[UInt8]] {
    var counts = Dictionary(other.map { ($0, 1) }, uniquingKeysWith: +)
    return list.filter { element in
      guard let count = counts[element], count > 0 else { return true }
      counts[element] = count - 1
      return false
    }
  }

  @Test(arguments: FixtureCase.all)
  func `all but what is too long is read, and that is told`(_ fixture: FixtureCase) throws {
    try checkReading(fixture.format, fixture.input)
  }

  @Test(arguments: FixtureCase.pairs.filter { $0.0.format == "canonical" })
  func `the same holds for what conversions wrote`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    let folder = try TemporaryFolder()
    try await convert(fixture.input, fixture.format, to: folder.path("out"), target)
    guard try FileStatus(path: folder.path("out")) != nil else { return }
    try checkReading(target, folder.path("out"))
  }

  private func checkReading(_ format: String, _ input: String) throws {
    let all = try open(format, input, options: .unlimited)
    for limit in try Self.limits(of: format, input) {
      let options = ReadOptions(maximumRecordLength: limit)
      let source = try open(format, input, options: options)
      let ids = Set(try source.sessions().map(\.id))
      for summary in try all.sessions() {
        let comment: Comment = "\(summary.id), limit \(limit)"
        guard ids.contains(summary.id) else {
          // Without the record that names it a session has another name, or is told as a whole.
          continue
        }
        let whole = try all.whole(summary.id)
        let read: WholeSession
        do {
          read = try source.whole(summary.id)
        } catch let error as FormatError {
          // What cannot be read without the long part: a single document, a row with the head.
          #expect(error.code == .limit && error.description.contains("--max-record"), comment)
          continue
        }
        let leftOut = try source.leftOut(of: summary.id)
        let missing = Self.difference(Self.lines(of: whole.bytes), Self.lines(of: read.bytes))
        let more = Self.difference(Self.lines(of: read.bytes), Self.lines(of: whole.bytes))
        #expect(more.isEmpty, comment)
        #expect(missing.isEmpty == leftOut.isEmpty, comment)
        if Self.lineFormats.contains(format) {
          #expect(missing.count == leftOut.count, comment)
          #expect(missing.allSatisfy { $0.count > limit }, comment)
          #expect(Self.lines(of: read.bytes).allSatisfy { $0.count <= limit }, comment)
        }
        let told = read.findings.filter { $0.rule == LeftOutRecords.rule }
        #expect(told == leftOut.findings, comment)
        #expect(told.allSatisfy { $0.place != nil }, comment)
        #expect(told.prefix(100).allSatisfy { $0.message.contains("--max-record") }, comment)
        let found = try source.findings(of: summary.id)
        #expect(found.filter { $0.rule == LeftOutRecords.rule } == told, comment)
      }
    }
  }

  @Test(arguments: FixtureCase.all)
  func `what is left out is a loss, and nothing gets shorter by it`(_ fixture: FixtureCase)
    async throws
  {
    let target = fixture.format == "canonical" ? "markdown" : "canonical"
    for limit in try Self.limits(of: fixture) {
      try await check(fixture, target, limit)
      if FixtureCase.writable.contains(where: { $0.format == fixture.format }) {
        try await check(fixture, fixture.format, limit)
      }
    }
  }

  /// Converts an input with a limit, again, without it, and with it once more.
  private func check(_ fixture: FixtureCase, _ target: String, _ limit: Int) async throws {
    let folder = try TemporaryFolder()
    let options = ReadOptions(maximumRecordLength: limit)
    let source = try open(fixture.format, fixture.input, options: options)
    func run(to name: String, _ options: ReadOptions) async throws -> ConversionReport {
      try await convert(
        fixture.input, fixture.format, to: folder.path(name), target,
        profile: target == fixture.format ? fixture.profile : nil, reading: options)
    }
    func losses(_ report: SessionReport) -> Int {
      report.losses.reduce(0) { $0 + ($1.code == LeftOutRecords.rule ? $1.count : 0) }
    }
    let first = try await run(to: "out", options)
    for session in first.sessions where session.status == .written {
      let comment: Comment = "\(session.source), limit \(limit), to \(target)"
      let count = try source.leftOut(of: session.source).count
      #expect(losses(session) == count, comment)
      #expect(session.losses.allSatisfy { $0.code != LeftOutRecords.rule || !$0.isCarried })
      if count > 0 { #expect(session.fidelity == .lossy, comment) }
    }
    let again = try await run(to: "out", options)
    // The first is taken for a changed one by every second run, whatever is read.
    let isKnown = fixture.testDescription != "codex/carryover-lookalike" || target != "codex"
    for (session, before) in zip(again.sessions, first.sessions)
    where before.status == .written && isKnown {
      let comment: Comment = "\(session.source), limit \(limit), to \(target)"
      #expect(session.status == .unchanged, comment)
      #expect(losses(session) == losses(before), comment)
      let told = session.findings.filter { $0.rule == LeftOutRecords.rule }
      #expect(told == (try source.leftOut(of: session.source).findings), comment)
    }
    // With a larger limit what was left out comes.
    let all = try await run(to: "whole", .unlimited)
    let grown = try await run(to: "out", .unlimited)
    let isSafe = grown.sessions.allSatisfy { $0.status != .skipped }
    if target != fixture.format {
      #expect(isSafe, "\(grown.sessions.compactMap(\.reason))")
    }
    func fingerprints() throws -> [String: Fingerprint] {
      guard try FileStatus(path: folder.path("whole")) != nil else { return [:] }
      let source = try open(target, folder.path("whole"), options: .unlimited)
      return Dictionary(
        uniqueKeysWithValues: try source.sessions().map {
          ($0.id, try source.fingerprint(of: $0.id))
        }
      )
    }
    let whole = try fingerprints()
    let smaller = try await run(to: "whole", options)
    // Without the record that names it a session comes under another name.
    let known = Set(all.sessions.compactMap(\.target))
    for session in smaller.sessions where losses(session) > 0 {
      guard let name = session.target, known.contains(name) else { continue }
      #expect(session.status != .written, "\(session.source), limit \(limit), to \(target)")
      #expect(session.status != .skipped || session.reason?.contains("--max-record") == true)
      let comment: Comment = "\(session.source), limit \(limit), to \(target)"
      #expect(try fingerprints()[name] == whole[name], comment)
    }
  }

  @Test(arguments: FixtureCase.writable)
  func `a way back from what was left out is not exact`(_ fixture: FixtureCase) async throws {
    let middle = fixture.format == "canonical" ? "markdown" : "canonical"
    for limit in try Self.limits(of: fixture) {
      let folder = try TemporaryFolder()
      let there = try await convert(
        fixture.input, fixture.format, to: folder.path("middle"), middle,
        reading: ReadOptions(maximumRecordLength: limit))
      let lossy = Set(
        there.sessions.filter { $0.losses.contains { $0.code == LeftOutRecords.rule } }
          .compactMap(\.target))
      guard try FileStatus(path: folder.path("middle")) != nil else { continue }
      let back = try await convert(
        folder.path("middle"), middle, to: folder.path("back"), fixture.format,
        profile: fixture.profile, reading: .unlimited)
      for session in back.sessions where lossy.contains(session.source) {
        let comment: Comment = "\(session.source), limit \(limit)"
        guard session.status == .written else { continue }
        #expect(session.fidelity == .lossy, comment)
        #expect(session.losses.contains { $0.code == LeftOutRecords.rule }, comment)
      }
    }
  }

  @Test func `what was left out in the middle does not shorten the original`() async throws {
    let folder = try TemporaryFolder()
    let input = Fixtures.root + "/ggcode/minimal/input"
    try await convert(input, "ggcode", to: folder.path("home"), "ggcode")
    try await convert(folder.path("home"), "ggcode", to: folder.path("middle"), "codex")
    let before = try Snapshot(folder.path("home"))
    let file = try #require(try open("codex", folder.path("middle")).sessions().first?.path)
    let longest =
      try readFile(file).split(separator: 0x0A)
      .filter { $0.firstRange(of: Array("carryover".utf8)) == nil }.map(\.count).max() ?? 0
    let report = try await convert(
      folder.path("middle"), "codex", to: folder.path("home"), "ggcode",
      reading: ReadOptions(maximumRecordLength: longest - 1))
    #expect(report.sessions.map(\.status) != [.written])
    #expect(try Snapshot(folder.path("home")).difference(from: before).isEmpty)
  }
}
