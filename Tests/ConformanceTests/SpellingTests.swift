import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Names that are equal as texts and differ in their bytes are names of different files.
@Suite struct SpellingTests {
  static let places = [
    ("ggcode", "%.jsonl"), ("canonical", "%.session.jsonl"), ("markdown", "%.md"),
    ("claude-code", "projects/-%/0c0ffee0-0000-4000-8000-000000000001.jsonl"),
    ("pi", "sessions/--%--/2026-08-20T10-00-00-000Z_0198c5d0-0000-7000-8000-000000000001.jsonl"),
  ]

  @Test(arguments: places)
  func `two spellings of a name are two sessions`(_ format: String, _ place: String) async throws {
    let folder = try TemporaryFolder()
    let input = format == "canonical" ? "ggcode" : "canonical"
    let minimal = try #require(
      FixtureCase.all.first { $0.testDescription == "\(input)/minimal" })
    try await convert(minimal.input, input, to: folder.path("first"), format)
    let file = try #require(try open(format, folder.path("first")).sessions().first).path
    for name in ["caf\u{E9}", "cafe\u{301}"] {
      _ = try folder.write(
        try readFile(file), to: "store/" + place.replacingOccurrences(of: "%", with: name))
    }
    let source = try open(format, folder.path("store"))
    let ids = try source.sessions().map(\.id)
    #expect(ids.count == 2 && Set(ids).count == 2, "\(ids)")
    let report = try await convert(folder.path("store"), format, to: folder.path("out"), "codex")
    #expect(report.sessions.map(\.status) == [.written, .written])
  }
}
