import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What a tool merely spells in another way, when it opens a session and saves it, is not a change.
@Suite struct RespellingTests {
  /// Current ggcode writes JSON as Go does by default, with `<`, `>` and `&` escaped.
  @Test(arguments: ["term-llm", "claude-code", "codex", "canonical"])
  func `escapes that ggcode adds are no change`(source: String) async throws {
    let folder = try TemporaryFolder()
    let sample = Fixtures.root + "/ggcode/store"
    try await convert(sample, "ggcode", to: folder.path("first"), source, options: .plain)
    try await convert(folder.path("first"), source, to: folder.path("middle"), "ggcode")
    var count = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path("middle")).sorted()
    where name.hasSuffix(".jsonl") {
      let text = String(decoding: try readFile(folder.path("middle/" + name)), as: UTF8.self)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        .map { line -> String in
          guard !line.hasPrefix(#"{"type":"carryover""#) else { return line }
          return line.replacingOccurrences(of: "<", with: #"\u003c"#)
            .replacingOccurrences(of: ">", with: #"\u003e"#)
            .replacingOccurrences(of: "&", with: #"\u0026"#)
        }
      let respelled = lines.joined(separator: "\n")
      if respelled != text { count += 1 }
      try folder.write(Array(respelled.utf8), to: "middle/" + name)
    }
    #expect(count > 0)
    let back = try await convert(folder.path("middle"), "ggcode", to: folder.path("back"), source)
    for session in back.sessions {
      #expect(session.fidelity == .exact, "\(session.source): \(session.losses)")
    }
    let originals = try await PlainOriginal.all(of: source, at: folder.path("first"))
    #expect(try await PlainOriginal.all(of: source, at: folder.path("back")) == originals)
  }

  @Test func `canonical records of a later version are refused`() throws {
    let folder = try TemporaryFolder()
    let record = #"{"record":"session","version":2,"head":{"id":"later"}}"#
    let path = try folder.write(Array((record + "\n").utf8), to: "later.session.jsonl")
    let source = try open("canonical", path)
    let error = #expect(throws: FormatError.self) { try source.reader(for: "later") }
    #expect(error?.code == .unsupportedVersion)
    #expect(error?.advice?.contains("newer release") == true)
  }
}
