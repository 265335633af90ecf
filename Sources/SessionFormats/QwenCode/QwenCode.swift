internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Qwen Code's chats: `projects/<folder of work>/chats/<id>.jsonl` in its folder.
///
/// Each line is a record that names its parent; the last line is where the program goes on. What was
/// said stands in it as the Gemini API has it. Facts are from `chatRecordingService.ts`,
/// `transcript-records.ts` and `conversation-chain.ts` of the public repository QwenLM/qwen-code
/// (0.14 to 0.22).
struct QwenCode: SessionFormat {
  /// The format's identifier.
  static let id = "qwen-code"

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Qwen Code",
      summary: "folder with projects/<folder>/chats/<id>.jsonl, or one such file",
      liesByWorkspace: true,
      carry: "a file beside the session's own, which the tool does not look at",
      neverCarried: ["oauth_creds.json"],
      defaultLocation: { ToolFolder.path("QWEN_RUNTIME_DIR", "QWEN_HOME", otherwise: ".qwen") })
  }
}

extension QwenCode: WritableFileFormat {
  typealias Decoder = QwenDecoder
  typealias Encoder = QwenEncoder

  var layout: FileLayout {
    FileLayout(patterns: ["projects/*/chats/*.jsonl", "projects/*/chats/archive/*.jsonl"]) { $0 }
  }

  /// Replaces the folder of work, which every record states.
  func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap)
    -> (bytes: [UInt8], count: Int)?
  {
    guard var paths = RecordPaths(record, map: map) else { return (Array(record), 0) }
    paths.replace(paths.root["cwd"])
    return (paths.bytes, paths.count)
  }

  /// The identifier itself when the program would take it, which looks for 32 to 36 hexadecimal digits and
  /// dashes, else a UUID made from it.
  func identifier(for head: SessionHead) -> String {
    let isOwn =
      (32...36).contains(head.id.utf8.count)
      && head.id.utf8.allSatisfy {
        (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0) || $0 == 45
      }
    return isOwn ? head.id : NamedUUID.text("qwen session \(head.id)")
  }

  func path(of id: String, _ head: SessionHead) -> String {
    "projects/\(Self.folder(for: head.workspace))/chats/\(id).jsonl"
  }

  /// The folder of a folder of work: `/home/ann/my.app` becomes `-home-ann-my-app`.
  static func folder(for workspace: String?) -> String {
    let name = (workspace.flatMap { $0.isEmpty ? nil : $0 } ?? "/").utf8.map { byte -> UInt8 in
      switch byte {
      case 48...57, 65...90, 97...122: byte
      default: UInt8(ascii: "-")
      }
    }
    return String(decoding: name.prefix(240), as: UTF8.self)
  }

  func resumeCommand(for id: String, home: String, workspace: String?) -> ResumeCommand? {
    ResumeCommand(
      ["qwen", "--resume", id], in: workspace, variable: "QWEN_HOME", home: home,
      usual: info.defaultLocation())
  }
}
