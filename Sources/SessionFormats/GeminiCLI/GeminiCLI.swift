internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Gemini CLI's store: `tmp/<project>/chats/session-<time>-<id>.jsonl` in its folder.
///
/// A `.jsonl` chat holds messages, of which a later one with the same `id` takes the place of an
/// earlier one, and lines that rewind, replace or describe them; a `.json` chat of before April 2026 is
/// one object with a list of messages. Sub-agents lie in a folder named by their parent. Facts are
/// from `chatRecordingService.ts` and `sessionUtils.ts` of google-gemini/gemini-cli (August 2026).
struct GeminiCLI: RestorableFileFormat {
  typealias Decoder = GeminiDecoder

  static let id = "gemini-cli"

  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Gemini CLI",
      summary: "folder with tmp/<project>/chats/session-*.jsonl or .json, or one such file",
      carry: "none; its own sessions come back as they were",
      neverCarried: ["oauth_creds.json", "google_accounts.json", "mcp-oauth-tokens.json"],
      defaultLocation: {
        if let folder = environmentVariable("GEMINI_CLI_HOME"), !folder.isEmpty {
          return folder + "/.gemini"
        }
        return homeDirectory().map { $0 + "/.gemini" }
      })
  }

  var layout: FileLayout {
    FileLayout(
      patterns: [
        "tmp/*/chats/session-*.jsonl", "tmp/*/chats/session-*.json", "tmp/*/chats/*/*.jsonl",
      ],
      companions: ["projects.json", "tmp/*/.project_root", "tmp/*/logs.json"])
  }

  func elements(of path: String) -> String? { path.hasSuffix(".json") ? "messages" : nil }

  func path(of id: String, _ head: SessionHead) -> String {
    let name = head.workspace?.split(separator: "/").last.map(String.init) ?? "project"
    let slug = name.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }
      .joined(separator: "-")
    let time = (head.created ?? Timestamp(seconds: 0)).javaScript.prefix(16)
      .replacing(":", with: "-")
    let start = id.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" }
    return
      "tmp/\(slug.isEmpty ? "project" : slug)/chats/session-\(time)-\(String(start.prefix(8))).jsonl"
  }

  /// The folder of work of a project's folder: what its marker says, else the list of projects.
  ///
  /// - Parameter project: `tmp/<project>` in the tool's folder.
  static func workspace(of project: String) -> String? {
    // Where they cannot be read, the folder is not known.
    if let marker = try? readFile(project + "/.project_root", limit: 64 << 10) {
      let text = String(decoding: marker, as: UTF8.self)
      let path = text.split(whereSeparator: \.isNewline).first.map(String.init)
      if let path, !path.isEmpty { return path }
    }
    guard let home = LocatedSession.folder(of: project, up: 2),
      let slug = project.split(separator: "/").last,
      // As above.
      let list = try? readFile(home + "/projects.json", limit: 16 << 20),
      let projects = JSONDocument(ifValid: list)?.root["projects"]
    else { return nil }
    return projects.members.first { $0.value.string?.string == String(slug) }?.key.string
  }
}
