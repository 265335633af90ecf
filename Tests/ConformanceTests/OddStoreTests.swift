import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Odd stores that are made while testing: too large, or of kinds that a repository does not hold.
@Suite struct OddStoreTests {
  static let id = "20260501-090000-00000000000000f1"
  let minimal = Fixtures.root + "/ggcode/minimal/input"

  func line(text: String) -> [UInt8] {
    Array(
      """
      {"type":"message","session_id":"\(Self.id)","token_usage":{"input_tokens":0,\
      "output_tokens":0,"cache_read_tokens":0,"cache_write_tokens":0},"created_at":\
      "0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","message":{"role":"user",\
      "content":[{"type":"text","text":"\(text)"}]}}\n
      """.utf8)
  }

  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "ggcode" })
  func `a line of 12 MB is found and comes back`(through middle: String) async throws {
    let folder = try TemporaryFolder()
    var bytes = try readFile(minimal + "/\(Self.id).jsonl")
    let start = bytes.count
    bytes += line(text: String(repeating: "long ", count: 2_400_000))
    bytes += line(text: "after")
    try folder.write(bytes, to: "store/\(Self.id).jsonl")
    let source = try open("ggcode", folder.path("store"))
    let finding = try source.findings(of: Self.id).first { $0.rule == "ggcode.line-length" }
    #expect(finding?.severity == .error)
    #expect(
      finding?.place
        == .line(path: folder.path("store/\(Self.id).jsonl"), line: 4, byte: UInt64(start)))
    try await convert(folder.path("store"), "ggcode", to: folder.path("middle"), middle)
    let back = try await convert(folder.path("middle"), middle, to: folder.path("back"), "ggcode")
    #expect(back.sessions.first?.fidelity == .exact, "\(back.sessions.first?.reason ?? "")")
    let isSame = try readFile(folder.path("back/\(Self.id).jsonl")) == bytes
    #expect(isSame)
  }

  @Test(arguments: [10_485_758, 10_485_759, 10_485_760])
  func `a line is too long from 10485760 bytes on`(length: Int) throws {
    let folder = try TemporaryFolder()
    let empty = line(text: "").count - 1
    let bytes = line(text: String(repeating: "x", count: length - empty))
    #expect(bytes.count == length + 1)
    try folder.write(bytes, to: "\(Self.id).jsonl")
    let findings = try open("ggcode", folder.path).findings(of: Self.id)
    #expect(findings.contains { $0.rule == "ggcode.line-length" } == (length >= 10_485_760))
  }

  @Test func `a message too long for the tool is left out, told, and kept beside`() async throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "y", count: 11_000_000)
    let canonical = """
      {"record":"session","version":1,"head":{"id":"s","title":"t"}}
      {"record":"message","role":"user","content":[{"type":"text","text":"hello"}]}
      {"record":"message","role":"user","content":[{"type":"text","text":"\(text)"}]}\n
      """
    let file = try folder.write(Array(canonical.utf8), to: "in.session.jsonl")
    let there = try await convert(file, "canonical", to: folder.path("store"), "ggcode")
    #expect(there.sessions.first?.losses.contains { $0.code == "message" && $0.isCarried } == true)
    let longest = try readFile(folder.path("store/s.jsonl")).split(separator: 0x0A).map(\.count)
    #expect(longest.allSatisfy { $0 < 10_485_760 })
    try await convert(folder.path("store"), "ggcode", to: folder.path("back"), "canonical")
    let isSame = try readFile(folder.path("back/s.session.jsonl")) == Array(canonical.utf8)
    #expect(isSame)
  }

  @Test func `symbolic links are followed and told, broken ones are errors`() async throws {
    let folder = try TemporaryFolder()
    try await convert(minimal, "ggcode", to: folder.path("store"), "ggcode")
    let manager = FileManager.default
    try manager.createSymbolicLink(
      atPath: folder.path("store/linked.jsonl"), withDestinationPath: minimal + "/\(Self.id).jsonl")
    try manager.createSymbolicLink(
      atPath: folder.path("store/broken.jsonl"), withDestinationPath: folder.path("nowhere"))
    let source = try open("ggcode", folder.path("store"))
    #expect(try source.sessions().map(\.id) == [Self.id, "linked"])
    let findings = try source.storeFindings()
    let broken = findings.filter { $0.rule == "store.link-not-followed" }
    #expect(broken.map(\.severity) == [.error])
    #expect(broken.first?.place == .file(path: folder.path("store/broken.jsonl")))
    let followed = findings.filter { $0.rule == "ggcode.symbolic-link" }
    #expect(followed.map(\.severity) == [.warning])
    let report = try await convert(
      folder.path("store"), "ggcode", to: folder.path("out"), "canonical")
    #expect(report.sessions.map(\.status) == [.written, .written])
    #expect(report.storeFindings.contains { $0.severity == .error })
  }

  @Test func `a store full of links that lead nowhere has a bounded list of findings`() throws {
    let folder = try TemporaryFolder()
    for number in 0..<150 {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path("\(number).jsonl"), withDestinationPath: folder.path("nowhere"))
    }
    let findings = try open("ggcode", folder.path).openingFindings
    #expect(findings.count == 101)
    #expect(findings.last?.message == "and 50 more from here on")
  }

  @Test func `a file whose name is not UTF-8 is told`() throws {
    let folder = try TemporaryFolder()
    try folder.write(Array("{}\n".utf8), to: "fine.jsonl")
    let name = Array(folder.path.utf8) + Array("/bad\u{0}".utf8.dropLast()) + [0xFF]
    let path = name + Array(".jsonl".utf8) + [0]
    let descriptor = unsafe path.withUnsafeBufferPointer { buffer in
      unsafe buffer.withMemoryRebound(to: CChar.self) {
        unsafe Foundation.open($0.baseAddress!, O_CREAT | O_WRONLY, 0o600)
      }
    }
    try #require(descriptor >= 0)
    close(descriptor)
    let findings = try open("ggcode", folder.path).storeFindings()
    #expect(findings.contains { $0.rule == "ggcode.file-name" && $0.severity == .error })
  }

  @Test func `a last line without its end is repaired when asked`() async throws {
    let folder = try TemporaryFolder()
    let input = Fixtures.root + "/ggcode/no-final-newline/input"
    let report = try await convert(
      input, "ggcode", to: folder.path("out"), "ggcode", options: .with { $0.repairs = true })
    #expect(report.sessions.first?.status == .written, "\(report.sessions.first?.reason ?? "")")
    let original = try readFile(input + "/\(Self.id).jsonl")
    #expect(try readFile(folder.path("out/\(Self.id).jsonl")) == original + [0x0A])
    #expect(
      report.sessions.first?.findings.contains { $0.message.hasPrefix("repaired:") } == true)
  }
}
