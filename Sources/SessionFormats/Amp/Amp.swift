internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Amp's threads: the documents that `amp threads export` prints, and those that older releases kept in
/// `threads/T-<id>.json`.
///
/// Threads live on Amp's server, so what other tools said cannot become one. Facts are from the public
/// repositories skillsynchq/txcript and kenn-io/agentsview, which read the same fields.
struct Amp: RestorableFileFormat {
  typealias Decoder = AmpDecoder

  /// The format's identifier.
  static let id = "amp"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Amp", summary: "folder with threads/T-<id>.json, or one exported thread",
      carry: "none; its own sessions come back as they were",
      neverCarried: ["secrets.json", "settings.json"],
      defaultLocation: {
        if let threads = environmentVariable("AMP_THREADS_DIR"), !threads.isEmpty { return threads }
        if let data = environmentVariable("XDG_DATA_HOME"), !data.isEmpty { return data + "/amp" }
        return homeDirectory().map { $0 + "/.local/share/amp" }
      })
  }

  var layout: FileLayout { FileLayout(patterns: ["threads/T-*.json"]) }

  func elements(of path: String) -> String? { "messages" }

  func path(of id: String, _ head: SessionHead) -> String { "threads/\(id).json" }
}
