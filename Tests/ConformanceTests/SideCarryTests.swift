import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// The file beside a session that holds its carry.
@Suite struct SideCarryTests {
  /// A store with two sessions from ggcode, and the files of both.
  private func store(in folder: TemporaryFolder) async throws -> (path: String, files: [String]) {
    let path = folder.path("pi")
    try await convert(Fixtures.root + "/ggcode/store", "ggcode", to: path, "pi")
    return (path, try open("pi", path).sessions().map(\.path))
  }

  private func carry(of file: String) throws -> String {
    let url = URL(fileURLWithPath: file)
    let folder = url.deletingLastPathComponent()
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).first {
        $0.hasPrefix(url.lastPathComponent + ".") && $0.hasSuffix(".carryover")
      })
    return folder.appendingPathComponent(name).path
  }

  @Test func `the carry of another session is none`() async throws {
    let folder = try TemporaryFolder()
    let (path, files) = try await store(in: folder)
    try await convert(path, "pi", to: folder.path("back"), "ggcode")
    let before = try Snapshot(folder.path("back"))
    let (mine, other) = (try carry(of: files[0]), try carry(of: files[1]))
    try Data(readFile(other)).write(to: URL(fileURLWithPath: mine))
    let source = try open("pi", path)
    #expect(try source.carryHeader(of: try source.sessions()[0].id)?.header == nil)
    let report = try await convert(path, "pi", to: folder.path("fresh"), "ggcode")
    let swapped = try #require(report.sessions.first)
    #expect(swapped.findings.contains { $0.rule == "carry.unreadable" })
    #expect(swapped.fidelity != .exact)
    #expect(swapped.target == swapped.source)
    for session in report.sessions.dropFirst() { #expect(session.fidelity == .exact) }
    try await convert(path, "pi", to: folder.path("back"), "ggcode")
    let after = try Snapshot(folder.path("back"))
    let changed = before.files.keys.filter { before.files[$0]?.bytes != after.files[$0]?.bytes }
    #expect(changed.allSatisfy { $0.contains(swapped.source) || $0 == "index.json" }, "\(changed)")
  }

  @Test func `what stands in the place of a carry does not stop the session`() async throws {
    let folder = try TemporaryFolder()
    let (path, files) = try await store(in: folder)
    try FileManager.default.createDirectory(
      atPath: files[0] + ".0123456789abcdef.carryover", withIntermediateDirectories: false)
    let report = try await convert(path, "pi", to: folder.path("back"), "ggcode")
    for session in report.sessions { #expect(session.fidelity == .exact) }
  }

  @Test func `names that differ only in their spelling are two sessions`() throws {
    let folder = try TemporaryFolder()
    for (number, name) in ["caf\u{E9}", "cafe\u{301}"].enumerated() {
      let line = #"{"type":"session","version":3,"id":"s","timestamp":"2026-01-01T00:00:00.000Z"}"#
      _ = try folder.write(
        Array((line + "\n").utf8), to: "pi/sessions/--\(name)--/2026_\(number).jsonl")
    }
    let source = try open("pi", folder.path("pi"))
    #expect(try source.sessions().count == 2)
  }

  @Test func `a file that does not begin as a session is told`() throws {
    let folder = try TemporaryFolder()
    let line = #"{"type":"session","version":3,"id":"s","timestamp":"2026-01-01T00:00:00.000Z"}"#
    _ = try folder.write(Array((line + "\n").utf8), to: "--a--/one_s.jsonl")
    _ = try folder.write(Array("{}\n".utf8), to: "--a--/two.jsonl")
    let source = try open("pi", folder.path("--a--"))
    #expect(try source.sessions().map(\.id) == ["s"])
    #expect(source.openingFindings.map(\.rule) == ["store.other-file"])
  }

  @Test func `two sessions for one place both come`() async throws {
    let folder = try TemporaryFolder()
    for store in ["one", "two"] {
      let lines = [
        #"{"type":"session","version":3,"id":"\#(store)","timestamp":"2026-01-01T00:00:00.000Z"}"#,
        #"{"type":"message","id":"a0000001","parentId":null,"message":{"role":"user","content":"\#(store)"}}"#,
      ]
      _ = try folder.write(
        Array((lines.joined(separator: "\n") + "\n").utf8),
        to: "\(store)/sessions/--a--/chat.jsonl")
      try await convert(folder.path(store), "pi", to: folder.path("there"), "canonical")
    }
    let report = try await convert(folder.path("there"), "canonical", to: folder.path("back"), "pi")
    #expect(report.sessions.map(\.status) == [.written, .written])
    let again = try await convert(folder.path("there"), "canonical", to: folder.path("back"), "pi")
    #expect(again.sessions.map(\.status) == [.unchanged, .unchanged])
  }
}
