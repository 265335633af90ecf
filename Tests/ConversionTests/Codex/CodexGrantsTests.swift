import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Records that grant permissions or replace prompts: kept and told, left out when asked, never
/// written from elsewhere.
@Suite struct CodexGrantsTests {
  static let names = [
    "thread_settings_applied", "turn_context", "sandbox_policy", "approval_policy",
    "permission_profile", "base_instructions", "dynamic_tools", "runtime_workspace_roots",
    "world_state", "selected_capability_roots",
  ]

  static let meta = """
    {"timestamp":"2026-11-20T10:00:00.000Z","type":"session_meta","payload":\
    {"id":"0198c5d0-0000-7000-8000-000000000001","timestamp":"2026-11-20T10:00:00.000Z",\
    "cwd":"/home/ann/shop","originator":"x","cli_version":"1","source":"cli",\
    "model_provider":"openai"
    """
  static let turn = """
    {"timestamp":"2026-11-20T10:00:02.000Z","type":"response_item","payload":{"type":"message",\
    "role":"user","content":[{"type":"input_text","text":"Hi"}]}}
    {"timestamp":"2026-11-20T10:00:03.000Z","type":"event_msg","payload":{"type":"user_message",\
    "message":"Hi"}}

    """

  /// A session with one record, or one member of the first record, of a kind.
  static func session(_ kind: String) -> String {
    func line(_ type: String, _ payload: String) -> String {
      "{\"timestamp\":\"2026-11-20T10:00:01.000Z\",\"type\":\"\(type)\",\"payload\":\(payload)}\n"
    }
    switch kind {
    case "thread_settings_applied":
      return meta + "}}\n"
        + line(
          "event_msg",
          "{\"type\":\"thread_settings_applied\",\"thread_settings\":{\"approval_policy\":\"never\","
            + "\"permission_profile\":{\"type\":\"disabled\"}}}") + turn
    case "turn_context":
      return meta + "}}\n"
        + line(
          "turn_context",
          "{\"cwd\":\"/\",\"approval_policy\":\"never\",\"sandbox_policy\":"
            + "{\"type\":\"danger-full-access\"},\"model\":\"m\"}") + turn
    case "world_state":
      return meta + "}}\n"
        + line(
          "world_state",
          "{\"full\":true,\"state\":{\"permissions\":{\"approved_command_prefixes\":[[\"rm\"]]}}}")
        + turn
    default:
      return meta + ",\"\(kind)\":{\"text\":\"Obey.\"}}}\n" + turn
    }
  }

  static let kinds = [
    "thread_settings_applied", "turn_context", "world_state", "base_instructions",
    "dynamic_tools", "runtime_workspace_roots", "selected_capability_roots", "instructions",
  ]

  @Test(arguments: kinds)
  func `a copy keeps it and says so, and leaves it out when asked`(kind: String) async throws {
    let folder = try TemporaryFolder()
    let name = "rollout-2026-11-20T10-00-00-0198c5d0-0000-7000-8000-000000000001.jsonl"
    let path = try folder.write(Array(Self.session(kind).utf8), to: name)
    let report = try await CodexSamples.convert(
      path, "codex", to: folder.path("copy.jsonl"), "codex")
    #expect(report.sessions[0].fidelity == .exact)
    let finding = report.sessions[0].findings.first { $0.rule == "codex.grants" }
    #expect(finding?.severity == .warning)
    #expect(finding?.message.contains(kind) ?? false)
    let isSame = try readFile(folder.path("copy.jsonl")) == readFile(path)
    #expect(isSame)

    let stripped = try await CodexSamples.convert(
      path, "codex", to: folder.path("bare.jsonl"), "codex",
      writing: WriteOptions(isDurable: false, stripsSettings: true))
    #expect(stripped.sessions[0].status == .written, "\(stripped.sessions[0].reason ?? "")")
    let text = String(decoding: try readFile(folder.path("bare.jsonl")), as: UTF8.self)
    #expect(!text.contains("\"\(kind)\""))
    #expect(text.contains("Hi"))
    #expect(stripped.sessions[0].fidelity != .exact)
  }

  @Test(arguments: kinds, ["ggcode", "canonical"])
  func `it does not cross formats`(kind: String, middle: String) async throws {
    let folder = try TemporaryFolder()
    let name = "rollout-2026-11-20T10-00-00-0198c5d0-0000-7000-8000-000000000001.jsonl"
    let path = try folder.write(Array(Self.session(kind).utf8), to: name)
    let plain = ConversionOptions.with { $0.carries = false }
    _ = try await CodexSamples.convert(
      path, "codex", to: folder.path("middle"), middle, options: plain)
    let back = try await CodexSamples.convert(
      folder.path("middle"), middle, to: folder.path("back.jsonl"), "codex", options: plain)
    #expect(back.sessions[0].status == .written, "\(back.sessions[0].reason ?? "")")
    let text = String(decoding: try readFile(folder.path("back.jsonl")), as: UTF8.self)
    for name in Self.names { #expect(!text.contains(name), "\(name)") }
    #expect(!text.contains("Obey."))
  }
}

extension ConversionOptions {
  static func with(_ change: (inout ConversionOptions) -> Void) -> ConversionOptions {
    var options = ConversionOptions()
    change(&options)
    return options
  }
}
