import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A copy within the format that a session was brought to keeps the original that it carries.
@Suite struct CopyTests {
  /// One input of each kind that carries something of its own; all of them would take minutes.
  static let names: Set<String> = [
    "minimal", "store", "store/head-v46.db", "store/seed-v7.db", "unknown-fields", "empty-file",
    "torn-last-line", "invalid-utf8", "images", "tool-results", "tools", "thinking", "reasoning",
    "compaction", "compacted-list", "checkpoint-messages", "sub-agent", "several-sessions",
    "index-stale", "grants", "extras", "names", "html-escaped", "two-projects-one-id",
  ]
  static let pairs = FixtureCase.pairs.filter { fixture, _ in
    names.contains(fixture.name)
      && FixtureCase.writable.contains { $0.format == fixture.format }
  }

  @Test(arguments: pairs)
  func `a copy between changes nothing of what comes back`(
    _ fixture: FixtureCase, through middle: String
  ) async throws {
    let folder = try TemporaryFolder()
    let there = try await convert(
      fixture.input, fixture.format, to: folder.path("middle"), middle)
    guard there.sessions.contains(where: { $0.status == .written }) else { return }
    let copied = try await convert(
      folder.path("middle"), middle, to: folder.path("copy"), middle)
    let (carrying, copies) = try await (
      PlainOriginal.all(of: middle, at: folder.path("middle")),
      PlainOriginal.all(of: middle, at: folder.path("copy"))
    )
    for session in copied.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity == .exact, "\(session.source): \(session.losses)")
      let isSame = try carrying[session.source] == copies[#require(session.target)]
      #expect(isSame, "\(session.source) differs")
    }
    try await convert(
      folder.path("middle"), middle, to: folder.path("back"), fixture.format,
      profile: fixture.profile)
    let back = try await convert(
      folder.path("copy"), middle, to: folder.path("again"), fixture.format,
      profile: fixture.profile)
    for session in back.sessions {
      #expect(session.fidelity == .exact, "\(session.source): \(session.losses)")
    }
    guard !holdsRows(fixture.format) else {
      // A database that is put together from others need not be laid out the same.
      let (once, again) = try (
        open(fixture.format, folder.path("back")), open(fixture.format, folder.path("again"))
      )
      for session in back.sessions {
        let id = try #require(session.target)
        let isSame = try once.whole(id).bytes == again.whole(id).bytes
        #expect(isSame, "session \(id) differs")
      }
      return
    }
    let different = try Snapshot(folder.path("again")).difference(
      from: Snapshot(folder.path("back")))
    #expect(different.isEmpty)
  }
}
