internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The local backend of Letta Code: `conversations/<name>/messages.jsonl` with files that describe it.
///
/// The lines are entries of Pi whose messages have identifiers of their own; `conversation.json` lists
/// those that the model gets. Read and written is what letta 0.34.12 (PyPI) keeps, `schema_version` 2.
/// A conversation belongs to an agent; those of other tools belong to one of ours, which is written when
/// it is not there. Letta itself closes calls without an answer when it resumes.
struct LettaCode: SessionFormat {
  /// The format's identifier.
  static let id = "letta-code"
  static let toolName = "Letta"
  static let order = PiOrder.lines

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Letta Code",
      summary: "folder of the local backend with conversations/<name>/messages.jsonl",
      carry: "a file beside the conversation's own, which the tool does not look at",
      neverCarried: ["auth.json"],
      defaultLocation: {
        ToolFolder.path("LETTA_LOCAL_BACKEND_DIR", otherwise: ".letta/lc-local-backend")
      })
  }
}

extension LettaCode: WritableFileFormat, PiDialect {
  typealias Decoder = PiDecoder<Self>
  typealias Encoder = LettaEncoder

  static let conversation = "conversation.json"

  var layout: FileLayout {
    FileLayout(
      patterns: ["conversations/*/messages.jsonl"],
      descriptions: ["manifest.json", "system-prompt.json", Self.conversation],
      isKnownByFolder: true
    ) { Self.id(ofFolder: $0) }
  }

  /// Folders are called `conversation:<id>` or `default:<agent>`, in base64url.
  private static func id(ofFolder name: String) -> String? {
    let base64 = String(name.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    guard
      let text = Base64.decode(base64 + padding).flatMap({ String(validating: $0, as: UTF8.self) })
    else { return nil }
    return text.hasPrefix("conversation:") ? String(text.dropFirst(13)) : text
  }

  private static func folder(of id: String) -> String {
    name(id.hasPrefix("default:") ? id : "conversation:" + id)
  }

  private static func name(_ text: String) -> String {
    String(
      Base64.encode(Array(text.utf8)).filter { $0 != "=" }.map {
        $0 == "+" ? "-" : $0 == "/" ? "_" : $0
      })
  }

  func identifier(for head: SessionHead) -> String {
    head.id.isEmpty || head.id.utf8.count > 150 || head.id.utf8.contains { $0 < 0x20 }
      ? "local-conv-" + ContentHash(Array(head.id.utf8)[...]).hex : head.id
  }

  func path(of id: String, _ head: SessionHead) -> String {
    "conversations/\(Self.folder(of: id))/messages.jsonl"
  }

  /// Replaces the folder of work in the header.
  func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap)
    -> (bytes: [UInt8], count: Int)?
  {
    guard var paths = RecordPaths(record, map: map),
      paths.root["type"]?.string?.equals("session") == true
    else { return (Array(record), 0) }
    paths.replace(paths.root["cwd"])
    return (paths.bytes, paths.count)
  }

  func resumeCommand(for id: String, home: String, workspace: String?) -> ResumeCommand? {
    ResumeCommand(
      ["letta", "--backend", "local", "--conversation", id], in: workspace,
      variable: "LETTA_LOCAL_BACKEND_DIR", home: home, usual: info.defaultLocation())
  }

  // MARK: What conversation.json says

  static func context(of file: LocatedSession) -> [String]? {
    file.described(by: conversation)?["in_context_message_ids"].map {
      $0.elements.compactMap(\.string?.string)
    }
  }

  static func describe(_ head: inout SessionHead, by file: LocatedSession) {
    guard let conversation = file.described(by: conversation) else { return }
    head.title = conversation.text("summary").flatMap { $0.isEmpty ? nil : $0 }
    head.archived = conversation["archived"]?.bool
    head.agent = conversation.text("agent_id")
    if conversation["is_subagent"]?.bool == true {
      head.parent = conversation.text("parent_agent_id").map {
        ParentLink(id: "default:" + $0, kind: .subagent)
      }
    }
  }

  static func check(_ file: LocatedSession, _ log: inout FindingLog) {
    let place = Place.file(path: file.name)
    if file.described(by: "manifest.json")?["schema_version"]?.int64 != 2 {
      log.add(
        "manifest", .error, place,
        "manifest.json is missing or of another version; Letta opens no conversation of the folder")
    }
    if file.described(by: conversation)?.text("agent_id") == nil {
      log.add(
        "conversation", .error, place, "conversation.json names no agent; Letta finds nothing")
    }
  }

  /// The agent of conversations that come from other tools.
  static let agent = "agent-local-" + NamedUUID.text("carryover letta agent")

  /// The path of an agent's file from the folder of a conversation.
  static var agentFile: String { "../../agents/\(name(agent)).json" }
}
