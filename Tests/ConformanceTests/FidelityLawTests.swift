import FileIO
import Foundation
import GRDB
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@testable import Conversion

/// What a report says of sessions that come back is so: their originals and what came back are
/// compared here as plain files and rows.
@Suite struct FidelityLawTests {
  static let pairs = FixtureCase.pairs.filter { fixture, _ in
    FixtureCase.writable.contains { $0.format == fixture.format }
      // A record before the first session belongs to none.
      && fixture.testDescription != "canonical/record-before-session"
  }

  @Test func `a row that was deleted elsewhere is missing in what comes back`() async throws {
    let folder = try TemporaryFolder()
    let (store, database) = (Fixtures.root + "/ggcode/store", folder.path("between.db"))
    try await convert(store, "ggcode", to: database, "term-llm")
    let id = "20260301-090000-00000000000000a1"
    try await DatabaseQueue(path: database).write { database in
      try database.execute(
        sql: """
          DELETE FROM messages WHERE id = (
            SELECT id FROM messages WHERE session_id = ? ORDER BY sequence LIMIT 1 OFFSET 2)
          """, arguments: [id])
    }
    let back = try await convert(database, "term-llm", to: folder.path("back"), "ggcode")
    for session in back.sessions {
      #expect(session.fidelity?.rawValue == (session.source == id ? "edited" : "exact"))
    }
  }

  @Test(arguments: FixtureCase.all)
  func `the fingerprint of a session is that of its records`(_ fixture: FixtureCase) throws {
    try checkFingerprints(fixture.format, fixture.input, "")
  }

  private func checkFingerprints(_ format: String, _ path: String, _ note: String) throws {
    let source = try open(format, path)
    for session in try source.sessions() {
      let reader = try source.reader(for: session.id)
      var fingerprint = Fingerprint()
      while let entry = try reader.next() { fingerprint.update(entry.origin?.bytes ?? []) }
      #expect(try source.fingerprint(of: session.id) == fingerprint, "\(session.id) (\(note))")
    }
  }

  @Test(arguments: pairs)
  func `what is said of a session that comes back is so`(
    _ fixture: FixtureCase, through middle: String
  ) async throws {
    var random = Self.random("return", fixture, middle)
    // Of two files of one thread, one that comes without its carry has the other's name.
    let isShared = ["codex/revert", "codex/two-files-one-thread"].contains(fixture.testDescription)
    let tampering = try #require(
      Tampering.allCases.filter { !isShared || !$0.concernsCarry }.randomElement(using: &random))
    try await check(fixture, middle, tampering, &random)
  }

  /// Changes of a file's bytes that no record may be able to say.
  enum Oddity: String, CaseIterable, Sendable {
    case noLastLineEnd, returns, mark, emptyLines, zero, twice, torn, emptyEnd

    func apply(to bytes: [UInt8]) -> [UInt8] {
      var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
      let middle = lines.count / 2
      switch self {
      case .noLastLineEnd: return Array(bytes.dropLast())
      case .returns:
        for index in lines.indices.dropLast() { lines[index].append(0x0D) }
      case .mark: return [0xEF, 0xBB, 0xBF] + bytes
      case .emptyLines: lines.insert(contentsOf: [[], [0x20], []], at: middle)
      case .zero: lines[middle].append(0)
      case .twice: lines.insert(lines[middle], at: middle)
      case .torn: return Array(bytes.dropLast(9))
      case .emptyEnd: return bytes + [0x0A, 0x0A]
      }
      return Array(lines.joined(separator: [0x0A]))
    }
  }

  static let plainInputs = [
    "ggcode/minimal", "claude-code/minimal", "codex/minimal", "canonical/minimal",
    "markdown/chat-md-example", "aider/two-chats",
  ]

  @Test(arguments: pairs.filter { plainInputs.contains($0.0.testDescription) }, Oddity.allCases)
  func `what is said of a file with odd bytes is so`(
    _ pair: (FixtureCase, String), _ oddity: Oddity
  ) async throws {
    var (fixture, middle) = pair
    let folder = try TemporaryFolder()
    let name = (fixture.input as NSString).lastPathComponent
    try FileManager.default.copyItem(atPath: fixture.input, toPath: folder.path(name))
    fixture.input = folder.path(name)
    fixture.name += " \(oddity)"
    let file = try #require(try open(fixture.format, fixture.input).sessions().first).path
    let bytes = oddity.apply(to: try readFile(file))
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    var random = Self.random("odd", fixture, middle)
    try await check(fixture, middle, nil, &random)
  }

  /// A second run leaves what the first one wrote alone only where that is still what it was, or more.
  @Test(arguments: pairs.filter { CopyTests.names.contains($0.0.name) })
  func `what is left alone gives the original back`(
    _ fixture: FixtureCase, through middle: String
  ) async throws {
    var random = Self.random("again", fixture, middle)
    let tampering = try #require(Tampering.allCases.randomElement(using: &random))
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    let there = try await convert(fixture.input, fixture.format, to: path, middle)
    let written = there.sessions.filter { $0.status == .written }
    let tampered = try await tampering.apply(
      to: path, of: middle, sessions: written.compactMap(\.target), &random)
    // A store may have become one that cannot be opened.
    guard let again = try? await convert(fixture.input, fixture.format, to: path, middle) else {
      return
    }
    // A repeated record of Claude Code takes the place of the first one, which that schema cannot hold.
    if tampering == .repetition, middle == "claude-code", fixture.profile == "7" { return }
    let note = "\(tampering.rawValue), seed \(testSeed)"
    for session in again.sessions where tampered == nil || tampering == .addition {
      guard written.contains(where: { $0.source == session.source }) else { continue }
      #expect(session.status == .unchanged, "\(session.source): \(note)")
      #expect((session.reason != nil) == (session.target == tampered))
    }
    guard again.sessions.contains(where: { [.unchanged, .written].contains($0.status) }) else {
      return
    }
    let back = try await convert(
      path, middle, to: folder.path("back"), fixture.format, profile: fixture.profile)
    let originals = try await PlainOriginal.all(of: fixture.format, at: fixture.input)
    let returned = try await PlainOriginal.all(of: fixture.format, at: folder.path("back"))
    for session in again.sessions where [.unchanged, .written].contains(session.status) {
      let original = try #require(originals[session.source])
      let id = back.sessions.first { $0.source == session.target }?.target
      let isThere = found(id, in: returned).contains { original.isContinued(by: $0) }
      #expect(isThere, "\(session.source), \(session.status.rawValue): \(note)")
    }
  }

  /// The session of an identifier; all where none has it, as one of several that share their name has
  /// another identifier when it is alone.
  private func found(
    _ id: String?, in sessions: [String: PlainOriginal]
  ) -> [PlainOriginal] {
    id.flatMap { sessions[$0] }.map { [$0] } ?? Array(sessions.values)
  }

  /// Numbers of a test's own.
  private static func random(
    _ test: String, _ fixture: FixtureCase, _ middle: String
  ) -> SeededGenerator {
    let name = Array("\(test) \(fixture.testDescription) \(middle)".utf8)
    return SeededGenerator(seed: testSeed &+ ContentHash(name[...]).value)
  }

  func check(
    _ fixture: FixtureCase, _ middle: String, _ tampering: Tampering?,
    _ random: inout SeededGenerator
  ) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("middle")
    let options = ConversionOptions.with {
      $0.jobs = random.once(in: 2) ? 4 : 1
      if random.once(in: 2) { $0.retainedBytes = 0 }
    }
    let there = try await convert(
      fixture.input, fixture.format, to: path, middle, options: options)
    let written = there.sessions.filter { $0.status == .written }
    let tampered = try await tampering?.apply(
      to: path, of: middle, sessions: written.compactMap(\.target), &random)
    let note = "\(tampering?.rawValue ?? "nothing"), seed \(testSeed)"
    guard
      // A store may have become one that cannot be opened, or nothing of it what can be written.
      let back = try? await convert(
        path, middle, to: folder.path("back"), fixture.format, profile: fixture.profile,
        options: options),
      back.sessions.contains(where: { $0.status == .written })
    else { return }
    try checkFingerprints(middle, path, note)
    let originals = try await PlainOriginal.all(of: fixture.format, at: fixture.input)
    let returned = try await PlainOriginal.all(of: fixture.format, at: folder.path("back"))
    for session in back.sessions where session.status == .written {
      let id = try #require(session.target)
      let source = there.sessions.first { $0.target == session.source }?.source ?? id
      let original = originals[source]
      let isSame = found(id, in: returned).contains { $0 == original }
      let fidelity = try #require(session.fidelity)
      #expect(
        fidelity != .exact || isSame, "\(source) is said to be exact and is not (\(note))")
      if isSame, tampered == nil || tampering?.concernsCarry == false {
        #expect(fidelity == .exact, "\(source) is the same (\(note))")
      }
      // What is glued to another record stands on a line of its own when something comes between.
      if fidelity == .continued, let original, !fixture.name.contains("glued") {
        let isContinued =
          !isSame && found(id, in: returned).contains { original.isContinued(by: $0) }
        #expect(isContinued, "\(source) is said to be continued and is not (\(note))")
      }
    }
  }
}
