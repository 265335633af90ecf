import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// The records of ggcode: written as the tool writes them, and never so that it drops them.
@Suite struct GGCodeRecordTests {
  static let store = Fixtures.root + "/ggcode/store"

  @Test func `encoding what was read gives the tool's own bytes`() throws {
    let source = try open("ggcode", Self.store)
    var count = 0
    for session in try source.all() {
      for entry in session.entries {
        let origin = try #require(entry.origin)
        let forms = GGCodeLayout.allCases.map { layout in
          var writer = JSONWriter()
          if writer.ggcodeRecord(entry, sessionID: session.head.id, layout: layout) {
            writer.newline()
          }
          return writer.bytes
        }
        let isSame = forms.contains(Array(origin.bytes))
        #expect(
          isSame,
          """
          \(String(decoding: origin.bytes, as: UTF8.self))
          is none of \(forms.map { String(decoding: $0, as: UTF8.self) })
          """)
        count += 1
      }
    }
    #expect(count == 69)
  }

  /// Whatever a session holds, the lines written for it decode, so that the tool drops none.
  @Test(arguments: ["1.3.75", "1.3.216"])
  func `no line that is written is dropped by the tool`(profile: String) async throws {
    let folder = try TemporaryFolder()
    for seed in UInt64(7_000)..<7_080 {
      var generator = SessionGenerator(seed: seed)
      let session = generator.session(id: "s\(seed)")
      let lines = WholeSession(
        id: session.head.id, head: session.head, entries: session.entries, findings: []
      ).canonicalLines
      var bytes: [UInt8] = []
      // The first head entry is the record that opens the session.
      for (index, line) in lines.enumerated() where index != 1 { bytes += line + [0x0A] }
      try folder.write(bytes, to: "in/s\(seed).session.jsonl")
    }
    let report = try await convert(
      folder.path("in"), "canonical", to: folder.path("store"), "ggcode", profile: profile)
    let written = try open("ggcode", folder.path("store"))
    let structural: Set<String> = [
      "ggcode.line-decodes", "ggcode.payload", "ggcode.record-type", "ggcode.repeated-keys",
      "ggcode.current-field", "ggcode.utf8", "ggcode.final-newline", "ggcode.time-form",
    ]
    for session in report.sessions where session.status == .written {
      let findings = try written.findings(of: #require(session.target))
      let broken = findings.filter { structural.contains($0.rule) }
      #expect(broken.isEmpty, "\(session.source)")
    }
    let store = try written.storeFindings().filter { $0.rule.hasPrefix("ggcode.index") }
    #expect(store.isEmpty)
  }

  @Test(arguments: FixtureCase.all.filter { $0.format != "ggcode" })
  func `a written store has an index that fits`(_ fixture: FixtureCase) async throws {
    let folder = try TemporaryFolder()
    let report = try await convert(
      fixture.input, fixture.format, to: folder.path("store"), "ggcode")
    guard report.sessions.contains(where: { $0.status == .written }) else { return }
    #expect(try open("ggcode", folder.path("store")).storeFindings().isEmpty)
    let index = try JSONDocument(readFile(folder.path("store/index.json"))).root
    for session in report.sessions where session.status == .written {
      let id = try #require(session.target)
      let entry = index.elements.first { $0["id"]?.string?.string == id }
      let messages = try open("ggcode", folder.path("store")).whole(id).entries.count { entry in
        if case .message = entry.content { true } else { false }
      }
      #expect(entry?["msg_count"]?.int64 == Int64(messages), "\(id)")
    }
  }

  /// The index counts what the file holds, not what another tool had a place for.
  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "ggcode" })
  func `a session that comes back alone is counted by its lines`(middle: String) async throws {
    let folder = try TemporaryFolder()
    let options = ConversionOptions.with { $0.sessions = ["20260301-090000-00000000000000a1"] }
    try await convert(Self.store, "ggcode", to: folder.path("middle"), middle, options: options)
    let id = try #require(try open(middle, folder.path("middle")).sessions().first?.id)
    try await convert(
      folder.path("middle"), middle, to: folder.path("back"), "ggcode",
      options: .with { $0.sessions = [id] })
    #expect(try open("ggcode", folder.path("back")).storeFindings().isEmpty)
  }

  @Test func `every rule of the format is broken by some fixture`() throws {
    var found: Set<String> = []
    for fixture in FixtureCase.all where fixture.format == "ggcode" {
      let document = try JSONDocument(readFile(fixture.expected + ".findings.json"))
      for finding in document.root.elements {
        if let rule = finding["rule"]?.string?.string, rule.hasPrefix("ggcode.") {
          found.insert(rule)
        }
      }
    }
    // The others are broken by stores that are made while testing.
    let expected: Set<String> = Set(
      [
        "block-type", "byte-order-mark", "checkpoint-era", "checkpoint-messages",
        "checkpoint-reference", "checkpoint-source", "created-updated", "current-field",
        "empty-file", "event-id", "final-newline", "id-form", "image", "index-duplicate",
        "index-ghost", "index-missing", "index-parses", "index-updated", "index-values",
        "last-meta", "line-decodes", "message-id", "message-order", "meta", "meta-first", "metric",
        "payload", "record-type", "repeated-keys", "role", "session-id", "session-id-shared",
        "stray-file", "time-form", "tool-call", "tool-result", "turn-index", "updated-order",
        "usage-total", "user-text", "utf8",
      ].map { "ggcode." + $0 })
    #expect(found == expected)
  }

  @Test func `a file broken in every line has a bounded list of findings`() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      Array(String(repeating: "broken\n", count: 5_000).utf8), to: "s.jsonl")
    let source = try open("ggcode", file)
    let findings = try source.findings(of: "s").filter { $0.rule == "ggcode.line-decodes" }
    #expect(findings.count == 101)
    #expect(findings.last?.message == "and 4900 more from here on")
    let whole = try source.whole("s")
    #expect(whole.entries.count == 5_000)
    #expect(whole.findings.count == 101)
  }
}
