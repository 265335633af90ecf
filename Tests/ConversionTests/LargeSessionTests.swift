import Conversion
import FileIO
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Sessions so large that other tasks read ahead.
@Suite struct LargeSessionTests {
  static let id = "0c0ffee0-0000-4000-8000-0000000000e1"
  static let name = "projects/-home-dev/\(id).jsonl"

  /// A Claude Code session of 6 MB.
  func session() -> [UInt8] {
    var text = ""
    var parent = "null"
    let filler = String(repeating: "line of \\\"output\\\" \\n", count: 300)
    for number in 0..<600 {
      let uuid = "0a0b0c0d-0000-4000-8000-\(String(100_000_000_000 + number))"
      let call =
        "{\"type\":\"tool_use\",\"id\":\"toolu_\(number)\",\"name\":\"Read\",\"input\":{\"n\":1}}"
      let result =
        "{\"tool_use_id\":\"toolu_\(number - 1)\",\"type\":\"tool_result\",\"content\":\"\(filler)\"}"
      let isCall = number % 2 == 1
      let content =
        number == 0 ? "{\"type\":\"text\",\"text\":\"Begin\"}" : isCall ? call : result
      text += """
        {"parentUuid":\(parent),"isSidechain":false,"type":"\(isCall ? "assistant" : "user")",\
        "message":{"role":"\(isCall ? "assistant" : "user")","content":[\(content),\
        {"type":"text","text":"\(filler)\(number)"}]},"uuid":"\(uuid)","timestamp":\
        "2026-01-01T00:00:00.\(100 + number % 900)Z","cwd":"/home/dev","sessionId":"\(Self.id)",\
        "version":"2.1.329"}\n
        """
      parent = "\"\(uuid)\""
    }
    return Array(text.utf8)
  }

  @Test func `a large session comes back byte for byte, and with what was added`() async throws {
    let folder = try TemporaryFolder()
    let bytes = session()
    #expect(bytes.count > 5 << 20)
    try folder.write(bytes, to: "in/\(Self.name)")
    let codex = folder.path("codex")
    let there = try await CodexSamples.convert(folder.path("in"), "claude-code", to: codex, "codex")
    #expect(there.sessions[0].fidelity == .complete, "\(there.sessions[0].reason ?? "")")
    let file = try #require(try Codex().open(codex, options: ReadOptions()).sessions().first).path
    #expect(try FileStatus(path: file)?.size ?? 0 < UInt64(bytes.count) * 2)

    let back = try await CodexSamples.convert(codex, "codex", to: folder.path("a"), "claude-code")
    #expect(back.sessions[0].fidelity == .exact, "\(back.sessions[0].losses)")
    let isSame = try readFile(folder.path("a/\(Self.name)")) == bytes
    #expect(isSame)

    // Two records that Codex skips, so that each is told, and a prompt.
    let added = """
      {"timestamp":"2026-01-02T00:00:00.000Z","type":"response_item","payload":{"type":"message",\
      "role":"user","content":[{"type":"input_text","text":"Added later"}]}}
      not a record\n
      """
    try folder.write(try readFile(file) + Array(added.utf8), to: "codex/" + relative(file, codex))
    let grown = try await CodexSamples.convert(codex, "codex", to: folder.path("b"), "claude-code")
    #expect(grown.sessions[0].status == .written, "\(grown.sessions[0].reason ?? "")")
    let damage = grown.sessions[0].findings.filter { $0.rule == "codex.line-decodes" }
    #expect(damage.count == 1)
    let result = try readFile(folder.path("b/\(Self.name)"))
    let isBeginning = result.starts(with: bytes)
    #expect(isBeginning)
    #expect(String(decoding: result.dropFirst(bytes.count), as: UTF8.self).contains("Added later"))
  }

  @Test func `what a large session brings into force is counted`() async throws {
    let folder = try TemporaryFolder()
    var bytes: [UInt8] = []
    for (number, line) in session().split(separator: UInt8(ascii: "\n")).enumerated() {
      bytes += line + [UInt8(ascii: "\n")]
      if number % 100 == 0 {
        bytes += Array(
          "{\"type\":\"mode\",\"mode\":\"x\",\"sessionId\":\"\(Self.id)\"}\n".utf8)
      }
    }
    try folder.write(bytes, to: "in/\(Self.name)")
    let codex = folder.path("codex")
    let copy = folder.path("copy")
    _ = try await CodexSamples.convert(folder.path("in"), "claude-code", to: codex, "codex")
    for (source, format, target) in [
      (folder.path("in"), "claude-code", copy), (codex, "codex", folder.path("back")),
    ] {
      let report = try await CodexSamples.convert(source, format, to: target, "claude-code")
      #expect(report.sessions[0].fidelity == .exact)
      let grants = report.sessions[0].findings.filter { $0.rule == "claude-code.grants" }
      #expect(grants.map { $0.message.hasSuffix("mode 6") } == [true], "\(grants)")
      let isSame = try readFile(target + "/\(Self.name)") == bytes
      #expect(isSame)
    }
  }

  private func relative(_ path: String, _ folder: String) -> String {
    String(path.dropFirst(folder.count + 1))
  }
}
