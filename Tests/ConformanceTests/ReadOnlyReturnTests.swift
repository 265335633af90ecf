import Conversion
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Sessions of formats that are only read come back as they were.
@Suite struct ReadOnlyReturnTests {
  static let formats = Registry.restorable.map(\.info.id)
    .filter { id in !Registry.writable.contains { $0.info.id == id } }

  private func comesBack(
    _ fixture: FixtureCase, through middle: String, in folder: TemporaryFolder
  ) async throws -> ConversionReport {
    try await StoreConversion(
      from: #require(Registry.format(middle)), at: folder.path("there"),
      to: #require(Registry.format(fixture.format) as? any RestorableSessionFormat),
      at: folder.path("back"), writeOptions: WriteOptions(isDurable: false)
    ).run()
  }

  @Test(
    arguments: FixtureCase.all.filter { formats.contains($0.format) },
    ["canonical", "claude-code", "codex", "ggcode", "term-llm"])
  func `a session of a format that is only read comes back byte for byte`(
    _ fixture: FixtureCase, through middle: String
  ) async throws {
    let folder = try TemporaryFolder()
    let there = try await convert(fixture.input, fixture.format, to: folder.path("there"), middle)
    let written = there.sessions.filter { $0.status == .written }
    let report = try await comesBack(fixture, through: middle, in: folder)
    #expect(report.sessions.count == written.count)
    for session in report.sessions {
      #expect(session.fidelity == .exact, "\(session.reason ?? "")")
    }
    for session in try open(fixture.format, fixture.input).list() {
      for file in session.files {
        let place = file.dropFirst(fixture.input.count)
        let back = FileManager.default.contents(atPath: folder.path("back") + place)
        #expect(back == FileManager.default.contents(atPath: file), "\(place)")
      }
    }
  }

  @Test(arguments: formats)
  func `what was added elsewhere is refused, and said`(_ format: String) async throws {
    let fixture = try #require(FixtureCase.all.first { $0.testDescription == "\(format)/minimal" })
    let folder = try TemporaryFolder()
    let there = try await convert(fixture.input, format, to: folder.path("there"), "ggcode")
    let id = try #require(there.sessions.first?.target)
    try await ContinuationTests().append(to: id, of: "ggcode", at: folder.path("there"))
    let session = try #require(
      try await comesBack(fixture, through: "ggcode", in: folder).sessions.first)
    #expect(session.status == .failed)
    #expect(session.failure?.code == .notExpressible)
    #expect(try Snapshot(folder.path("back")).files.keys.sorted() == [])
  }
}
