internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// OpenClaw's sessions of the time before its databases: `agents/<agent>/sessions/<id>.jsonl`.
///
/// The lines are entries of Pi. Parents that are not there, the header and calls among them, stand for the
/// line before. Written is nothing: the gateway keeps its own list and does not look at other files.
/// Facts are from the public repository openclaw/openclaw.
struct OpenClaw: FileFormat, PiDialect {
  typealias Decoder = PiDecoder<Self>

  /// The format's identifier.
  static let id = "openclaw"
  static let toolName = "OpenClaw"
  static let order = PiOrder.parentsOrLines

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "OpenClaw",
      summary: "folder with agents/<agent>/sessions/<id>.jsonl",
      carry: "none: the format is read only",
      neverCarried: ["auth-profiles.json", "auth.json", "openclaw-agent.sqlite"],
      defaultLocation: { ToolFolder.path("OPENCLAW_STATE_DIR", otherwise: ".openclaw") })
  }

  var layout: FileLayout {
    FileLayout(
      patterns: ["agents/*/sessions/*.jsonl"], companions: ["agents/*/sessions/sessions.json"],
      others: ["*.trajectory.jsonl"], isKnownByFolder: true)
  }
}
