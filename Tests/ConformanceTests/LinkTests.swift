import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A session that comes back after an edit elsewhere is as sound as the original.
@Suite struct LinkTests {
  /// Sessions whose records name each other.
  static let fixtures = [
    "claude-code/tool-results", "claude-code/streaming-split", "claude-code/minimal",
    "claude-code/compaction", "claude-code/thinking", "pi/minimal", "pi/compaction", "pi/branches",
    "pi/peer-made", "codex/tools-parallel", "ggcode/current-layout",
  ]

  /// How often each rule about links and pairs is broken.
  private func broken(_ format: String, at path: String) async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    let source = try open(format, path)
    try await StoreValidation(source).run(try source.sessions()) { session in
      for finding in session.findings {
        let rule = finding.rule.drop { $0 != "." }
        if [".parent-exists", ".parent-first", ".tool-result-has-call"].contains(rule) {
          counts[finding.rule, default: 0] += 1
        }
      }
    }
    return counts
  }

  @Test(arguments: fixtures, ["codex", "ggcode", "term-llm", "pi", "claude-code"])
  func `a message removed elsewhere leaves no link that leads nowhere`(
    _ name: String, through middle: String
  ) async throws {
    // A wish for some fixtures leaves others out.
    guard let fixture = FixtureCase.all.first(where: { $0.testDescription == name }),
      fixture.format != middle
    else { return }
    let before = try await broken(fixture.format, at: fixture.input)
    var random = SeededGenerator(seed: testSeed)
    for attempt in 0..<4 {
      let folder = try TemporaryFolder()
      let written = try await convert(
        fixture.input, fixture.format, to: folder.path("there"), middle, profile: nil)
      let ids = written.sessions.compactMap(\.target)
      let way = attempt % 2 == 0 ? Tampering.removal : .edit
      guard
        try await way.apply(
          to: folder.path("there"), of: middle, sessions: ids, &random) != nil
      else { continue }
      // An edit may hit the identifier of a call; then the other tool misses it too.
      let there = try await broken(middle, at: folder.path("there"))
      let back = try await convert(
        folder.path("there"), middle, to: folder.path("back"), fixture.format,
        profile: fixture.profile)
      guard back.sessions.allSatisfy({ $0.status == .written }) else { continue }
      let after = try await broken(fixture.format, at: folder.path("back"))
      for (rule, count) in after {
        #expect(
          count <= max(before[rule] ?? 0, there[rule] ?? 0), "\(rule), \(way), seed \(testSeed)")
      }
    }
  }
}
