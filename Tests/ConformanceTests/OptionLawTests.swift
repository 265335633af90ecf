import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Each option of a conversion holds for every target, on every way a conversion can take.
@Suite struct OptionLawTests {
  static let targets = Registry.writable.map(\.info.id)

  /// Several sessions in a format other than the target's.
  func source(for target: String, in folder: TemporaryFolder) async throws
    -> (path: String, format: String)
  {
    let text = (1...4).map { number in
      """
      {"record":"session","version":1,"head":{"id":"session-\(number)","title":"Shop \(number)",\
      "created":"2026-03-01T1\(number):00:00Z","updated":"2026-03-01T09:00:00Z",\
      "workspace":"/home/ann/shop"}}
      {"record":"message","id":"a","role":"user","content":[{"type":"text","text":\
      "Look into /home/ann/shop"}]}
      {"record":"message","id":"b","parent":"nowhere","role":"assistant","content":[{"type":"text",\
      "text":"There is a till."}]}\n
      """
    }
    let file = try folder.write(Array(text.joined().utf8), to: "in.session.jsonl")
    guard target == "canonical" else { return (file, "canonical") }
    try await convert(file, "canonical", to: folder.path("ggcode"), "ggcode", options: .plain)
    return (folder.path("ggcode"), "ggcode")
  }

  func run(
    _ source: (path: String, format: String), to path: String, _ target: String,
    _ options: ConversionOptions, _ writeOptions: WriteOptions = WriteOptions(isDurable: false)
  ) async throws -> ConversionReport {
    try await StoreConversion(
      from: #require(Registry.format(source.format)), at: source.path, to: writable(target),
      at: path, writeOptions: writeOptions, options: options
    ).run()
  }

  @Test(arguments: targets, ConversionWay.allCases)
  func `a dry run tells what a run does, and changes nothing`(
    _ target: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    let source = try await source(for: target, in: folder)
    let path = folder.path("target")
    let dry = way.options { $0.isDryRun = true }
    // Into nothing, into what holds one of them, and into what holds all.
    for step in 0..<3 {
      let before = try Snapshot(folder.path)
      let folders = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
      let planned = try await run(source, to: path, target, dry)
      let changed = try Snapshot(folder.path).difference(from: before)
      #expect(changed.isEmpty, "step \(step): \(changed)")
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted() == folders)
      let wanted = step == 0 ? ["session-1"] : []
      let options = way.options { $0.sessions = wanted }
      let done = try await run(source, to: path, target, options)
      let statuses = planned.sessions.filter { wanted.isEmpty || wanted.contains($0.source) }
      #expect(done.sessions.map(\.status) == statuses.map(\.status), "step \(step)")
      #expect(done.sessions.map(\.fidelity) == statuses.map(\.fidelity), "step \(step)")
    }
  }

  @Test(arguments: targets, ConversionWay.allCases)
  func `paths are mapped in what a session states, not in what was said`(
    _ target: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    let source = try await source(for: target, in: folder)
    _ = try await run(source, to: folder.path("plain"), target, way.options())
    let report = try await run(
      source, to: folder.path("mapped"), target,
      way.options { $0.mappedPaths = [("/home/ann", "/srv")] })
    #expect(report.sessions.allSatisfy { $0.status == .written && $0.mappedPaths > 0 })
    let (plain, mapped) = try (
      open(target, folder.path("plain")).all(), open(target, folder.path("mapped")).all()
    )
    #expect(plain.count == mapped.count)
    for session in mapped {
      let other = try #require(plain.first { $0.id == session.id })
      #expect(
        session.head.workspace
          == other.head.workspace?.replacingOccurrences(of: "/home/ann", with: "/srv"))
      let text = session.canonicalText
      #expect(text.contains("Look into /home/ann/shop"))
      #expect(!text.contains("Look into /srv/shop"))
    }
  }

  @Test(arguments: targets, ConversionWay.allCases)
  func `what is repaired is repaired in the target`(
    _ target: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    let source = try await source(for: target, in: folder)
    let report = try await run(
      source, to: folder.path("target"), target, way.options { $0.repairs = true })
    for session in report.sessions {
      #expect(session.status == .written)
      let repaired = session.findings.filter { $0.message.hasPrefix("repaired: ") }
      #expect(!repaired.isEmpty, "\(session.source)")
    }
    let written = try open(target, folder.path("target"))
    for session in try written.all() {
      if let created = session.head.created, let updated = session.head.updated {
        #expect(!(updated < created), "session \(session.id)")
      }
      #expect(!session.canonicalText.contains("nowhere"), "session \(session.id)")
    }
  }

  @Test(
    arguments: targets.filter { Registry.format($0)?.info.isSingleFile == true },
    ConversionWay.allCases)
  func `what goes to standard output is one file`(
    _ target: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    let images = Fixtures.root + "/claude-code/images/input"
    let report = try await run(
      (images, "claude-code"), to: folder.path("standard-output.tmp"), target, way.options(),
      WriteOptions(isDurable: false, isSelfContained: true))
    #expect(report.sessions.allSatisfy { $0.status == .written })
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["standard-output.tmp"])
  }

  /// Inputs with records that change what their tool may do, and words of these records.
  static let settings: [(fixture: String, words: [String])] = [
    ("claude-code/grants", ["permission-mode", "command_permissions"]),
    ("codex/grants", ["approval_policy"]),
    ("ggcode/current-layout", ["permission_mode"]),
    ("term-llm/store/head-v46.db", ["session_workspace_grants", "approval_mode"]),
  ]

  @Test(arguments: settings.map(\.fixture), ConversionWay.allCases)
  func `settings are left out of copies on request, and that is told`(
    _ name: String, _ way: ConversionWay
  ) async throws {
    let fixture = try #require(FixtureCase.all.first { $0.testDescription == name })
    let words = try #require(Self.settings.first { $0.fixture == name }?.words)
    let folder = try TemporaryFolder()
    let input = (path: fixture.input, format: fixture.format)
    let original = try open(fixture.format, fixture.input).all()
    func texts(_ sessions: [WholeSession]) -> String {
      sessions.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
        .replacingOccurrences(of: "\"approval_mode\":null", with: "")
    }
    for word in words { #expect(texts(original).contains(word), "\(word)") }
    let report = try await run(
      input, to: folder.path("bare"), fixture.format, way.options(),
      WriteOptions(isDurable: false, stripsSettings: true))
    #expect(report.sessions.allSatisfy { $0.status == .written })
    let found = report.sessions.flatMap(\.findings).filter { $0.rule.hasSuffix(".grants") }
    #expect(found.contains { $0.message.contains("left out") }, "\(found)")
    let bare = try open(fixture.format, folder.path("bare")).all()
    for word in words { #expect(!texts(bare).contains(word), "\(word)") }
    #expect(bare.count == original.count)
    // What was said stays.
    func messages(_ sessions: [WholeSession]) -> Int {
      sessions.reduce(0) { count, session in
        count + session.entries.count { if case .message = $0.content { true } else { false } }
      }
    }
    #expect(messages(bare) == messages(original))
  }
}
