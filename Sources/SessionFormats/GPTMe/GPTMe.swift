internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// gptme's conversations: `logs/<id>/conversation.jsonl` in its data folder.
///
/// A line is a message whose content is one text: reasoning and calls stand in it, and results are messages
/// of the system. Facts are from gptme 0.35.1 (PyPI).
struct GPTMe: RestorableFileFormat {
  typealias Decoder = GPTMeDecoder

  /// The format's identifier.
  static let id = "gptme"
  static let config = "config.toml"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "gptme", summary: "folder with logs/<id>/conversation.jsonl",
      carry: "none; its own sessions come back as they were",
      defaultLocation: {
        if let logs = environmentVariable("GPTME_LOGS_HOME"), !logs.isEmpty { return logs }
        if let data = environmentVariable("XDG_DATA_HOME"), !data.isEmpty { return data + "/gptme" }
        return homeDirectory().map { $0 + "/.local/share/gptme" }
      })
  }

  var layout: FileLayout {
    FileLayout(
      patterns: ["logs/*/conversation.jsonl"],
      companions: [
        "branches/*.jsonl", "views/*", "files/*", "lossless.jsonl", "compaction.jsonl",
        "events.jsonl",
        "RESUME.md",
      ].map { "logs/*/" + $0 },
      descriptions: [Self.config]
    ) { $0 }
  }

  func path(of id: String, _ head: SessionHead) -> String { "logs/\(id)/conversation.jsonl" }

  func resumeCommand(for id: String, home: String, workspace: String?) -> ResumeCommand? {
    ResumeCommand(
      ["gptme", "--name", id], in: workspace, variable: "GPTME_LOGS_HOME", home: home + "/logs",
      usual: info.defaultLocation().map { $0 + "/logs" })
  }
}
