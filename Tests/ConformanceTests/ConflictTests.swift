import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A target that was changed since is never overwritten unasked, and a stopped conversion leaves
/// what was there.
@Suite struct ConflictTests {
  /// One plain session of each format.
  static let cases: [(FixtureCase, String)] = FixtureCase.pairs.filter { pair in
    ["ggcode/minimal", "canonical/minimal", "term-llm/store/base-small.db"]
      .contains(pair.0.testDescription)
  }

  /// A target holding the fixture, gone on with, and the fixture gone on with otherwise.
  func prepare(_ fixture: FixtureCase, _ target: String, _ folder: TemporaryFolder) async throws
    -> (source: String, id: String)
  {
    let source = folder.path("source")
    try await convert(
      fixture.input, fixture.format, to: source, fixture.format, profile: fixture.profile)
    let report = try await convert(source, fixture.format, to: folder.path("target"), target)
    #expect(report.sessions.allSatisfy { $0.status == .written })
    let session = try #require(report.sessions.first)
    let continuation = ContinuationTests()
    try await continuation.append(
      to: session.source, of: fixture.format, at: source)
    return (source, try #require(session.target))
  }

  @Test(arguments: cases)
  func `a grown session is updated`(_ fixture: FixtureCase, in target: String) async throws {
    let folder = try TemporaryFolder()
    let (source, id) = try await prepare(fixture, target, folder)
    let report = try await convert(source, fixture.format, to: folder.path("target"), target)
    let session = try #require(report.sessions.first { $0.target == id })
    #expect(session.status == .written, "\(session.reason ?? "")")
    for other in report.sessions where other.target != id {
      #expect(other.status == .unchanged, "\(other.reason ?? "")")
    }
    let whole = try open(target, folder.path("target")).whole(id)
    #expect(whole.canonicalText.contains(ContinuationTests.text))
  }

  /// A line by which the tool of each format renames a session; `$ID` is its identifier.
  static let renamings = [
    "ggcode": #"{"type":"meta","session_id":"$ID","title":"Named there"}"#,
    "canonical": #"{"record":"head","head":{"id":"$ID","title":"Named there"}}"#,
    "pi":
      #"{"type":"session_info","id":"fefefefe","parentId":null,"timestamp":"2026-11-11T11:11:11.000Z","name":"Named there"}"#,
    "claude-code": #"{"type":"custom-title","customTitle":"Named there","sessionId":"$ID"}"#,
    "qwen-code":
      #"{"uuid":"fefefefe-0000-4000-8000-000000000000","parentUuid":null,"sessionId":"$ID","type":"system","subtype":"custom_title","systemPayload":{"customTitle":"Named there"}}"#,
  ]

  /// Plain sessions with each target that is another format.
  static let renamed: [(FixtureCase, String)] = FixtureCase.all.filter {
    ["ggcode/minimal", "canonical/minimal"].contains($0.testDescription)
  }.flatMap { fixture in
    renamings.keys.sorted().filter { $0 != fixture.format }.map { (fixture, $0) }
  }

  @Test(arguments: renamed)
  func `a title that was given at the target is not lost`(
    _ fixture: FixtureCase, in target: String
  ) async throws {
    let folder = try TemporaryFolder()
    let (source, id) = try await prepare(fixture, target, folder)
    let path = folder.path("target")
    let file = try #require(try open(target, path).sessions().first { $0.id == id }?.path)
    let line = try #require(Self.renamings[target]).replacingOccurrences(of: "$ID", with: id)
    try ContinuationTests().append(line: line, to: file)
    func title() throws -> String? {
      let whole = try open(target, path).whole(id)
      // A canonical session is what its last head says.
      let last = whole.entries.last { if case .headChange = $0.content { true } else { false } }
      guard target == "canonical", case .headChange(let head)? = last?.content else {
        return whole.head.title
      }
      return head.title
    }
    try #require(try title() == "Named there")
    _ = try await convert(source, fixture.format, to: path, target)
    #expect(try title() == "Named there")
  }

  @Test(arguments: cases, ConflictPolicy.allCases)
  func `a target changed since is left alone unless asked`(
    _ pair: (FixtureCase, String), policy: ConflictPolicy
  ) async throws {
    let (fixture, target) = pair
    let folder = try TemporaryFolder()
    let (source, id) = try await prepare(fixture, target, folder)
    let path = folder.path("target")
    try await ContinuationTests().append("Said there only.", to: id, of: target, at: path)
    let before = try open(target, path).whole(id).bytes
    let report = try await convert(
      source, fixture.format, to: path, target, options: .with { $0.onConflict = policy })
    let session = try #require(report.sessions.first)
    let present = try open(target, path)
    switch policy {
    case .skip:
      #expect(session.status == .skipped)
      let isSame = try present.whole(id).bytes == before
      #expect(isSame)
    case .replace:
      #expect(session.status == .written, "\(session.reason ?? "")")
      let isSame = try present.whole(id).bytes == before
      #expect(!isSame)
    case .rename:
      #expect(session.status == .written, "\(session.reason ?? "")")
      #expect(session.target != id)
      let isSame = try present.whole(id).bytes == before
      #expect(isSame)
      let text = try present.whole(#require(session.target)).canonicalText
      #expect(text.contains(ContinuationTests.text))
    }
  }

  @Test(arguments: cases)
  func `a conversion stopped on the way leaves what was there`(
    _ fixture: FixtureCase, in target: String
  ) async throws {
    let folder = try TemporaryFolder()
    let (source, _) = try await prepare(fixture, target, folder)
    let path = folder.path("target")
    let before = try Snapshot(path)
    let interruption = Interruption()
    interruption.request()
    await #expect(throws: FormatError.self) {
      try await convert(source, fixture.format, to: path, target, interruption: interruption)
    }
    let changed = try Snapshot(path).difference(from: before)
    #expect(changed.isEmpty)
    // Nothing stands in the way of doing it after all.
    let report = try await convert(source, fixture.format, to: path, target)
    #expect(report.sessions.first?.status == .written)
  }

  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "ggcode" })
  func `each session of a stopped conversion is there whole or not at all`(
    in target: String
  ) async throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.root + "/ggcode/store"
    try await convert(source, "ggcode", to: folder.path("whole"), target)
    let whole = try open(target, folder.path("whole"))
    let interruption = Interruption()
    await #expect(throws: FormatError.self) {
      try await convert(
        source, "ggcode", to: folder.path("part"), target, interruption: interruption
      ) { progress in
        if progress.sessions.done == 2 { interruption.request() }
      }
    }
    guard FileManager.default.fileExists(atPath: folder.path("part")) else { return }
    let part = try open(target, folder.path("part"))
    let sessions = try part.sessions()
    #expect(sessions.count < 6)
    for summary in sessions {
      let isSame =
        try part.whole(summary.id).entries.count == whole.whole(summary.id).entries.count
      #expect(isSame, "session \(summary.id)")
    }
    let report = try await convert(source, "ggcode", to: folder.path("part"), target)
    #expect(report.sessions.allSatisfy { $0.status == .written || $0.status == .unchanged })
    #expect(try open(target, folder.path("part")).sessions().count == 6)
  }

  @Test(arguments: cases)
  func `a dry run writes nothing`(_ fixture: FixtureCase, in target: String) async throws {
    let folder = try TemporaryFolder()
    let report = try await convert(
      fixture.input, fixture.format, to: folder.path("target"), target,
      options: .with { $0.isDryRun = true })
    #expect(report.sessions.allSatisfy { $0.status == .written && $0.fidelity != nil })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
