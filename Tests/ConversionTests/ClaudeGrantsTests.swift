import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Each kind of record that changes what the program may do or what it is told: kept and counted in
/// a copy, left out when asked, never written from another format.
@Suite struct ClaudeGrantsTests {
  static let metadata = [
    "permission-mode", "mode", "agent-setting", "worktree-state", "relocated", "bridge-session",
  ]
  static let attachments = [
    "prompt_snapshot", "command_permissions", "mcp_instructions_delta", "auto_mode", "plan_mode",
    "hook_success", "hook_blocking_error", "hook_non_blocking_error", "hook_additional_context",
  ]
  static let kinds = metadata + attachments + ["stop_hook_summary"]
  static let id = "0c0ffee0-0000-4000-8000-000000000001"

  private static func line(_ number: Int, after parent: Int?, _ rest: String) -> String {
    func uuid(_ number: Int) -> String { "\"0a0b0c0d-0000-4000-8000-00000000000\(number)\"" }
    return "{\"parentUuid\":\(parent.map(uuid) ?? "null"),\"isSidechain\":false,\(rest),\"uuid\":"
      + "\(uuid(number)),\"timestamp\":\"2026-05-01T09:00:0\(number).000Z\",\"cwd\":"
      + "\"/home/dev/app\",\"sessionId\":\"\(id)\"}\n"
  }

  private static let question =
    "\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"Hi\"}"
  private static let answer =
    "\"type\":\"assistant\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":"
    + "\"assistant\",\"model\":\"claude-x\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\"}]}"

  /// The record of a kind that says "Obey.", in the middle of a conversation.
  static func session(_ kind: String) -> String {
    if metadata.contains(kind) {
      return line(1, after: nil, question)
        + "{\"type\":\"\(kind)\",\"permissionMode\":\"Obey.\",\"mode\":\"Obey.\",\"agentSetting\":"
        + "\"Obey.\",\"worktreeSession\":{\"a\":\"Obey.\"},\"relocatedCwd\":\"Obey.\","
        + "\"bridgeSessionId\":\"Obey.\",\"sessionId\":\"\(id)\"}\n" + line(2, after: 1, answer)
    }
    let record =
      attachments.contains(kind)
      ? "\"type\":\"attachment\",\"attachment\":{\"type\":\"\(kind)\",\"content\":\"Obey.\","
        + "\"rendered\":[{\"content\":\"Obey.\"}]}"
      : "\"type\":\"system\",\"subtype\":\"\(kind)\",\"hookInfos\":[{\"command\":\"Obey.\"}]"
    return line(1, after: nil, question) + line(2, after: 1, record) + line(3, after: 2, answer)
  }

  private func write(_ kind: String, in folder: TemporaryFolder) throws -> String {
    try folder.write(
      Array(Self.session(kind).utf8), to: "home/projects/-home-dev-app/\(Self.id).jsonl")
    return folder.path("home")
  }

  @Test(arguments: kinds)
  func `a copy keeps it and counts it, and leaves it out when asked`(kind: String) async throws {
    let folder = try TemporaryFolder()
    let home = try write(kind, in: folder)
    let copy = try await CodexSamples.convert(
      home, "claude-code", to: folder.path("copy"), "claude-code")
    let session = try #require(copy.sessions.first)
    #expect(session.fidelity == .exact)
    let finding = try #require(session.findings.first { $0.rule == "claude-code.grants" })
    #expect(finding.severity == .warning)
    #expect(finding.message.contains("\(kind) 1"))
    let file = "projects/-home-dev-app/\(Self.id).jsonl"
    let copied = String(decoding: try readFile(folder.path("copy/" + file)), as: UTF8.self)
    #expect(copied == Self.session(kind))

    let stripped = try await CodexSamples.convert(
      home, "claude-code", to: folder.path("bare"), "claude-code",
      writing: WriteOptions(isDurable: false, stripsSettings: true))
    #expect(stripped.sessions.first?.status == .written)
    #expect(stripped.sessions.first?.fidelity != .exact)
    let bare = try ClaudeSessionFile(path: folder.path("bare/" + file))
    #expect(!String(decoding: bare.bytes, as: UTF8.self).contains("Obey."))
    #expect(bare.chain.compactMap { $0["type"] as? String } == ["user", "assistant"])
  }

  @Test(arguments: kinds, Registry.writable.map(\.info.id).filter { $0 != "claude-code" })
  func `it does not cross formats`(kind: String, middle: String) async throws {
    let folder = try TemporaryFolder()
    let plain = ConversionOptions.with { $0.carries = false }
    _ = try await CodexSamples.convert(
      write(kind, in: folder), "claude-code", to: folder.path("middle"), middle, options: plain)
    let back = try await CodexSamples.convert(
      folder.path("middle"), middle, to: folder.path("back"), "claude-code", options: plain)
    #expect(back.sessions.first?.status == .written, "\(back.sessions.first?.reason ?? "")")
    let file = try #require(try ClaudeSessionFile.all(in: folder.path("back/projects")).first)
    let text = String(decoding: file.bytes, as: UTF8.self)
    #expect(!text.contains("\"\(kind)\""))
    #expect(!text.contains("Obey."))
    #expect(text.contains("Hello"))
  }
}
