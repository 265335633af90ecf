internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Droid's session store: `sessions/<folder of work>/<id>.jsonl` in Factory's folder.
///
/// Read are sessions of 0.81.0 and of version 2. Nothing is known of how the closed program takes tools that
/// others write, so nothing is written. Streams of `droid exec` are not sessions.
struct Droid: FileFormat {
  typealias Decoder = DroidDecoder

  /// The format's identifier.
  static let id = "droid"
  static let settings = ".settings.json"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Droid",
      summary: "folder with sessions/<folder>/<id>.jsonl, or one such file",
      carry: "none: the format is read only", neverCarried: ["auth.json", "auth.encrypted"],
      defaultLocation: { homeDirectory().map { $0 + "/.factory" } })
  }

  var layout: FileLayout {
    FileLayout(
      patterns: ["sessions/*/*.jsonl", "sessions/*.jsonl"],
      companions: ["sessions/*/*.settings.json", "sessions/*.settings.json"])
  }
}

/// Says what the lines of a session mean.
struct DroidDecoder: RecordDecoder {
  static func recognizes(_ first: JSONValue) -> Bool { first.text("type") == "session_start" }

  static func id(in first: JSONValue) -> String? {
    first.text("id") ?? first["session"]?.text("id")
  }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(Droid.id)
  private let file: LocatedSession
  private let content = AnthropicBlocks(format: Droid.id)
  private var hasStart = false
  private var ids: Set<String> = []

  init(_ file: LocatedSession) {
    self.file = file
    head = SessionHead(id: file.id)
    head.messageCount = 0
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    switch object.text("type") {
    case "session_start": scanStart(object)
    case "message":
      head.messageCount = (head.messageCount ?? 0) + 1
      let time = object.time("timestamp")
      head.created = head.created ?? time
      head.updated = time ?? head.updated
      head.model = object["message"]?.text("model") ?? head.model
      if let parent = object.text("parentId"), parent != head.id, !ids.contains(parent) {
        log.add(
          "parent-first", .warning, record.place, "no earlier message is the parent \(parent)")
      }
      if let id = object.text("id") { ids.insert(id) }
      guard firstPrompt == nil, object["message"]?.text("role") == "user" else { return }
      let texts = content.blocks(object["message"]?["content"]).compactMap(\.plainText?.string)
      firstPrompt = texts.first { !$0.hasPrefix("<system-reminder>") }.map {
        String($0.prefix(200))
      }
    default: break
    }
  }

  private mutating func scanStart(_ object: JSONValue) {
    hasStart = true
    let inner = object["session"]
    let title = object.text("sessionTitle") ?? object.text("title") ?? inner?.text("title")
    head.title = title.flatMap { $0.isEmpty ? nil : $0 }
    head.created =
      object.time("timestamp") ?? object.time("created_at") ?? inner?.time("created_at")
    head.workspace =
      object.text("cwd") ?? object.text("workspace_root") ?? inner?.text("workspace_root")
    head.extras = object.extras(
      of: Droid.id, except: ["type", "id", "title", "sessionTitle", "cwd", "timestamp"])
  }

  mutating func finishScan() {
    if !hasStart {
      log.add("start", .warning, .file(path: file.name), "no session_start comes first")
    }
    // The only place that states tokens; where it cannot be read, they are not known.
    let place = String(file.path.dropLast(".jsonl".utf8.count)) + Droid.settings
    guard file.path.hasSuffix(".jsonl"), let bytes = try? readFile(place, limit: 1 << 20),
      let settings = JSONDocument(ifValid: bytes)?.root
    else { return }
    head.model = head.model ?? settings.text("model")
    guard let usage = settings["tokenUsage"] else { return }
    head.usage = TokenUsage(
      input: usage["inputTokens"]?.int64, output: usage["outputTokens"]?.int64,
      cacheRead: usage["cacheReadTokens"]?.int64, cacheWrite: usage["cacheCreationTokens"]?.int64)
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    let type = object.text("type") ?? ""
    switch type {
    case "session_start": return [Entry(.headChange(head))]
    case "message":
      guard let inner = object["message"], let role = inner.text("role") else { return [] }
      var message = Message(
        role: Role(role), blocks: content.blocks(inner["content"]), time: object.time("timestamp"))
      message.id = object.text("id")
      message.parent = object.text("parentId").flatMap { ids.contains($0) ? $0 : nil }
      message.model = inner.text("model")
      message.extras =
        inner.extras(of: Droid.id, except: ["role", "content", "model"])
        + object.extras(
          of: Droid.id, except: ["type", "id", "parentId", "timestamp", "message"])
      return [Entry(.message(message))]
    case "todo_state", "compaction_state":
      return [
        Entry(
          .event(
            EventRecord(
              format: Droid.id, kind: type, id: object.text("id"), time: object.time("timestamp"),
              data: RawJSON(object.raw))))
      ]
    default: return []
    }
  }
}
