internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// GitHub Copilot CLI's sessions: `session-state/<id>/events.jsonl` in its folder, and the files
/// `session-state/<id>.jsonl` of before 1.0.
///
/// The log only grows; each event names the one before it. Facts are from the event schema that
/// github/copilot-sdk publishes (`session-events.ts`, August 2026), and from sessions up to 1.0.88.
struct CopilotCLI: RestorableFileFormat {
  typealias Decoder = CopilotDecoder

  /// The format's identifier.
  static let id = "copilot-cli"
  static let workspace = "workspace.yaml"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Copilot CLI",
      summary: "folder with session-state/<id>/events.jsonl, or one such file",
      carry: "none; its own sessions come back as they were",
      neverCarried: ["config.json", "permissions-config.json", "mcp-config.json"],
      defaultLocation: { ToolFolder.path("COPILOT_HOME", otherwise: ".copilot") })
  }

  var layout: FileLayout {
    FileLayout(
      patterns: ["session-state/*/events.jsonl", "session-state/*.jsonl"],
      descriptions: [Self.workspace])
  }

  func path(of id: String, _ head: SessionHead) -> String { "session-state/\(id)/events.jsonl" }

  /// Events that say what the program may do without asking.
  func withoutSettings(
    _ record: ArraySlice<UInt8>, _ settings: inout StrippedSettings
  ) -> ArraySlice<UInt8>? {
    let type = JSONDocument(ifValid: Array(record), limits: .go)?.root.text("type") ?? ""
    guard type == "session.permissions_changed" || type.hasPrefix("permission.") else {
      return record
    }
    settings.add(type)
    return nil
  }
}
