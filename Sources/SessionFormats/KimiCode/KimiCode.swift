internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Kimi Code's sessions: `sessions/<workspace>/<session>/agents/<agent>/wire.jsonl` in its folder.
///
/// The wire is a log of what happened; the model's output comes in parts, step by step. `state.json` beside
/// the agents names the session. Facts are from sessions of protocols 1.4 and 1.5 (0.36 to 0.38) in the
/// public repositories jazzyalex/agent-sessions and xhluca/session-migrate.
struct KimiCode: RestorableFileFormat {
  typealias Decoder = KimiDecoder

  /// The format's identifier.
  static let id = "kimi-code"
  static let state = "../../state.json"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Kimi Code",
      summary: "folder with sessions/<workspace>/<session>/agents/main/wire.jsonl",
      liesByWorkspace: true, carry: "none; its own sessions come back as they were",
      neverCarried: ["config.toml", "credentials.json", "credentials"],
      defaultLocation: { ToolFolder.path("KIMI_CODE_HOME", otherwise: ".kimi-code") })
  }

  var layout: FileLayout {
    FileLayout(
      patterns: ["sessions/*/*/agents/main/wire.jsonl", "sessions/*/*/agents/agent-*/wire.jsonl"],
      descriptions: [Self.state]
    ) { $0 }
  }

  func path(of id: String, _ head: SessionHead) -> String {
    let parts = id.split(separator: ".", maxSplits: 1)
    let agent = parts.count > 1 ? String(parts[1]) : "main"
    return
      "sessions/\(Self.folder(of: head.workspace))/\(parts.first ?? "session")/agents/\(agent)/wire.jsonl"
  }

  /// The folder of a folder of work: its last part in lower case, and twelve digits of a hash of all.
  private static func folder(of workspace: String?) -> String {
    let path = workspace.flatMap { $0.isEmpty ? nil : $0 } ?? "/"
    var slug = ""
    for character in (path.split(separator: "/").last.map(String.init) ?? "").lowercased() {
      let isKept =
        character.isASCII && (character.isLetter || character.isNumber || "._".contains(character))
      if isKept { slug.append(character) } else if slug.last != "-" { slug.append("-") }
    }
    slug = String(slug.drop { $0 == "-" }.prefix(40))
    while slug.last == "-" { slug.removeLast() }
    let hash = ContentDigest.hex(of: Array(path.utf8)).prefix(12)
    return "wd_\(slug.isEmpty ? "workspace" : slug)_\(hash)"
  }

  /// Records of what the person allowed, and of prompts and tools that the program set.
  func withoutSettings(
    _ record: ArraySlice<UInt8>, _ settings: inout StrippedSettings
  ) -> ArraySlice<UInt8>? {
    let type = JSONDocument(ifValid: Array(record), limits: .go)?.root.text("type") ?? ""
    guard type.hasPrefix("permission.") || type == "tools.set_active_tools" else { return record }
    settings.add(type)
    return nil
  }
}
