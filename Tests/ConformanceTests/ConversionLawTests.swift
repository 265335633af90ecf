import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Laws that hold between every two formats, for every input.
@Suite struct ConversionLawTests {
  @Test(arguments: FixtureCase.all)
  func `an input is recognised by its own format alone`(_ fixture: FixtureCase) async throws {
    let found = Registry.formats.filter { $0.recognizes(fixture.input) }.map(\.info.id)
    // Without a single record that decodes nothing tells the format.
    let isBare = ["ggcode/empty-file", "ggcode/blank-lines"].contains(fixture.testDescription)
    let isHeadless = [
      "canonical/record-before-session", "pi/no-header", "gemini-cli/document-torn",
    ].contains(fixture.testDescription)
    #expect(found == (isBare || isHeadless ? [] : [fixture.format]))
  }

  @Test(arguments: FixtureCase.writable)
  func `a copy in the same format is byte for byte the same`(_ fixture: FixtureCase) async throws {
    let folder = try TemporaryFolder()
    let report = try await convert(
      fixture.input, fixture.format, to: folder.path("copy"), fixture.format,
      profile: fixture.profile)
    let original = try open(fixture.format, fixture.input)
    let plain = try await PlainOriginal.all(of: fixture.format, at: fixture.input)
    let copied = try await PlainOriginal.all(of: fixture.format, at: folder.path("copy"))
    for session in report.sessions where session.status != .failed {
      #expect(session.fidelity == .exact, "\(session.source)")
      let isAlike = try plain[session.source] == copied[#require(session.target)]
      #expect(isAlike || hasMore(fixture), "the file of session \(session.source) differs")
      let copy = try open(fixture.format, folder.path("copy"))
      let isSame = try copy.whole(session.source).bytes == original.whole(session.source).bytes
      #expect(isSame, "session \(session.source) differs")
    }
    for session in report.sessions where !mayFail(fixture, session) {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
    }
  }

  @Test(arguments: FixtureCase.pairs)
  func `a session comes back byte for byte`(_ fixture: FixtureCase, through middle: String)
    async throws
  {
    guard FixtureCase.writable.contains(where: { $0.format == fixture.format }) else { return }
    let folder = try TemporaryFolder()
    let there = try await convert(
      fixture.input, fixture.format, to: folder.path("middle"), middle)
    for session in there.sessions where !mayFail(fixture, session) {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity != .lossy, "\(session.source): \(session.losses)")
    }
    guard there.sessions.contains(where: { $0.status == .written }) else { return }
    let back = try await convert(
      folder.path("middle"), middle, to: folder.path("back"), fixture.format,
      profile: fixture.profile)
    let original = try open(fixture.format, fixture.input)
    let returned = try open(fixture.format, folder.path("back"))
    let plain = try await PlainOriginal.all(of: fixture.format, at: fixture.input)
    let plainReturned = try await PlainOriginal.all(of: fixture.format, at: folder.path("back"))
    #expect(back.sessions.count == there.sessions.count { $0.status == .written })
    for session in back.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity == .exact, "\(session.source): \(session.losses)")
    }
    for session in there.sessions where session.status == .written {
      guard let id = back.sessions.first(where: { $0.source == session.target })?.target else {
        Issue.record("session \(session.source) did not come back")
        continue
      }
      let isAlike = plain[session.source] == plainReturned[id]
      #expect(isAlike || hasMore(fixture), "the file of session \(session.source) differs")
      let (a, b) = try (original.whole(session.source), returned.whole(id))
      let isSame = a.bytes == b.bytes
      #expect(isSame, "session \(session.source) differs: \(firstDifference(a, b))")
    }
  }

  @Test(arguments: FixtureCase.pairs)
  func `converting again changes nothing`(_ fixture: FixtureCase, to target: String) async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("target")
    try await convert(fixture.input, fixture.format, to: path, target)
    let before = try Snapshot(path)
    let again = try await convert(fixture.input, fixture.format, to: path, target)
    for session in again.sessions where !mayFail(fixture, session) {
      #expect(session.status == .unchanged, "\(session.source): \(session.reason ?? "")")
    }
    let after = try Snapshot(path)
    let changed = after.difference(from: before)
    #expect(changed.isEmpty, "bytes changed")
    let isUntouched = after == before
    #expect(isUntouched, "something was written anew")
  }

  @Test(arguments: FixtureCase.pairs)
  func `two conversions give the same bytes`(_ fixture: FixtureCase, to target: String)
    async throws
  {
    let folder = try TemporaryFolder()
    try await convert(fixture.input, fixture.format, to: folder.path("one"), target)
    try await convert(fixture.input, fixture.format, to: folder.path("two"), target)
    let (one, two) = try (Snapshot(folder.path("one")), Snapshot(folder.path("two")))
    let different = one.difference(from: two)
    #expect(different.isEmpty)
  }

  @Test(arguments: FixtureCase.pairs)
  func `what is written reads and writes to the same again`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    try await writeAgain(fixture, to: target)
  }

  func writeAgain(_ fixture: FixtureCase, to target: String) async throws {
    let folder = try TemporaryFolder()
    let there = try await convert(
      fixture.input, fixture.format, to: folder.path("first"), target, options: .plain)
    guard there.sessions.contains(where: { $0.status == .written }) else { return }
    let first = try open(target, folder.path("first"))
    let hub = target == "canonical" ? "ggcode" : "canonical"
    guard target != "canonical" else { return }
    try await convert(folder.path("first"), target, to: folder.path("hub"), hub, options: .plain)
    let report = try await convert(
      folder.path("hub"), hub, to: folder.path("second"), target, options: .plain)
    let second = try open(target, folder.path("second"))
    for session in report.sessions {
      #expect(
        session.status == .written || mayFail(fixture, session),
        "\(session.source): \(session.reason ?? "")")
      guard let id = session.target, session.status == .written else { continue }
      var (a, b) = try (first.whole(id), second.whole(id))
      // Of a session that changed its title only the last one is there the second time.
      a.entries.removeAll(where: isTitle)
      b.entries.removeAll(where: isTitle)
      for (one, two) in zip(a.canonicalLines, b.canonicalLines) {
        let (before, after) = (comparable(one), comparable(two))
        guard before != after else { continue }
        Issue.record("session \(id): \(before.prefix(900))\nbecame \(after.prefix(900))")
        break
      }
      #expect(a.entries.count == b.entries.count)
    }
  }

  private func isTitle(_ entry: Entry) -> Bool {
    if case .event(let event) = entry.content { event.kind == "custom-title" } else { false }
  }

  /// A canonical record without what may differ.
  ///
  /// Row numbers follow the order of writing, which is that of the hub's files; what stands for a
  /// byte that is no UTF-8 is spelled as an escape where the byte is kept and equals the character. A
  /// compaction of Letta Code gets its identifier after those of the messages, some of which are made.
  func comparable(_ line: [UInt8]) -> String {
    String(decoding: line, as: UTF8.self)
      .replacing(#/"(number|id)":"?[0-9]+"?,?/#, with: "")
      .replacing(#/"letta-code":\{"id":"[0-9a-f]{8}",/#, with: "\"letta-code\":{")
      .replacing("\\ufffd", with: "\u{FFFD}")
  }

  /// Whether a file holds what belongs to no session of it.
  func hasMore(_ fixture: FixtureCase) -> Bool {
    fixture.testDescription == "canonical/record-before-session"
  }

  /// Sessions that a rule rightly stops.
  func mayFail(_ fixture: FixtureCase, _ session: SessionReport) -> Bool {
    session.status == .failed && session.findings.contains(where: \.stopsWriting)
  }

  func firstDifference(_ a: WholeSession, _ b: WholeSession) -> String {
    for (index, pair) in zip(a.origins, b.origins).enumerated() where pair.0 != pair.1 {
      return
        "record \(index): \(String(decoding: pair.0.prefix(600), as: UTF8.self)) became "
        + String(decoding: pair.1.prefix(600), as: UTF8.self)
    }
    return "\(a.origins.count) records became \(b.origins.count)"
  }
}
