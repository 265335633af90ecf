internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The rules of the format itself, beyond what is told as damage.
struct CodexRules: Sendable {
  private(set) var log = FindingLog(Codex.id)
  private let file: LocatedSession
  private let name: CodexFileName?
  private var sawRecord = false
  private var isPaginated = false
  private var ordinal: Int64?
  private var lastHasOrdinal = true
  private var hasPrompt = false
  private var lastPlace: Place?

  init(_ file: LocatedSession) {
    self.file = file
    name = CodexFileName(ofPath: file.name)
  }

  /// Notes a record.
  ///
  /// - Parameter line: Nil for a line that is damaged.
  mutating func note(_ line: CodexLine?, _ record: NativeRecord) {
    let place = record.place
    lastPlace = place
    if !sawRecord {
      sawRecord = true
      if let line, case .meta(let meta) = line.kind { return check(meta, line, at: place) }
      log.add(
        "meta-first", .error, place,
        "the first record is no session_meta; Codex cannot resume it")
    }
    guard let line else { return }
    if isPaginated { checkOrdinal(line, at: place) }
    switch line.kind {
    case .item(let item):
      let hasRemote = item["content"]?.elements.contains {
        $0["image_url"]?.string?.string.hasPrefix("http") == true
      }
      if hasRemote == true {
        log.add(
          "picture", .warning, place, "Codex sends a notice instead of a picture from the net")
      }
    case .event: notePrompt(line.type, record)
    case .meta, .compacted, .other, .unknown: break
    }
  }

  private mutating func notePrompt(_ type: String, _ record: NativeRecord) {
    guard ["user_message", "item_completed", "thread_goal_updated"].contains(type) else { return }
    if !hasPrompt, record.number > 200, type != "item_completed" {
      log.add(
        "listed", .warning, record.place,
        "the first prompt stands after line 200, where a scan for lists does not look")
    }
    hasPrompt = true
  }

  private mutating func check(_ meta: JSONValue, _ line: CodexLine, at place: Place) {
    guard line.isWrapped else {
      let month = name?.isDocument == true ? "May" : "September"
      log.add(
        "layout", .warning, place, "the layout is of before \(month) 2025; Codex cannot resume it")
      return
    }
    let missing = ["id", "timestamp", "cwd", "originator", "cli_version"].filter {
      meta[name: $0]?.string == nil
    }
    if !missing.isEmpty {
      log.add(
        "meta-first", .error, place,
        "the session_meta lacks \(missing.joined(separator: ", ")); Codex cannot resume it")
    }
    if let thread = meta.text("id"), let name, thread.lowercased() != name.id {
      log.add(
        "id-is-name", .error, place, "the thread \(thread) is not the one in the file's name")
    }
    if name == nil {
      log.add("file-name", .error, place, "Codex does not find a file of this name")
    }
    if meta["model_provider"]?.string?.isEmpty ?? true {
      log.add(
        "model-provider", .warning, place,
        "no model provider; Codex resumes it by identifier in the terminal only")
    }
    switch meta.text("history_mode") {
    case nil, "legacy": break
    case "paginated": isPaginated = true
    default: log.add("history-mode", .error, place, "the history mode is not known")
    }
  }

  private mutating func checkOrdinal(_ line: CodexLine, at place: Place) {
    let value = line.root["ordinal"]?.int64
    lastHasOrdinal = value != nil
    // Records that are not known do not count.
    guard let value, line.isKnown else { return }
    if let ordinal, value != ordinal &+ 1 {
      log.add("ordinals", .info, place, "the ordinal \(value) follows \(ordinal)")
    }
    ordinal = value
  }

  /// Settles what only the whole file tells.
  mutating func finish() {
    if isPaginated, !lastHasOrdinal, let lastPlace {
      log.add(
        "ordinals", .error, lastPlace,
        "the last line has no ordinal; Codex cannot resume the file")
    }
    if !sawRecord {
      log.add(
        "meta-first", .error, .file(path: file.name),
        "the file has no record; Codex cannot resume it")
    } else if !hasPrompt {
      log.add(
        "listed", .info, .file(path: file.name),
        "no prompt is shown on the screen, so no list shows the session")
    }
  }
}
