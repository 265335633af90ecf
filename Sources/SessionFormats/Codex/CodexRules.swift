internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The rules of the format itself, beyond what a reader reports as damage.
struct CodexRules {
  private let file: CodexFile
  private let id: String
  private var findings: [Finding] = []
  private var line = 0
  private var hasMeta = false
  private var sawRecord = false
  private var isPaginated = false
  private var ordinal: Int64?
  private var lastHasOrdinal = true
  private var hasPrompt = false
  private var lastPlace: Place?

  init(file: CodexFile, id: String) {
    self.file = file
    self.id = id
  }

  mutating func observe(_ entry: Entry) {
    guard let origin = entry.origin, origin.format == Codex.id, !origin.bytes.isEmpty else {
      return
    }
    line += 1
    lastPlace = entry.place
    if case .opaque(let record) = entry.content {
      if record.damage == nil, record.type == nil { return }
      if !sawRecord { noFirstMeta(entry.place) }
      sawRecord = true
      if record.damage == nil, isPaginated {
        lastHasOrdinal = CodexPeek(origin.bytes.span)?.ordinal != nil
      }
      return
    }
    if !sawRecord {
      sawRecord = true
      if case .headChange = entry.content {
        checkMeta(origin.bytes, at: entry.place)
      } else {
        noFirstMeta(entry.place)
      }
    }
    switch entry.content {
    case .message(let message):
      checkOrdinal(message.extras, at: entry.place)
      checkPictures(message, at: entry.place)
      if message.extras.codex(CodexExtra.event) != nil, message.role == .user { hasPrompt = true }
    case .event(let event):
      checkOrdinal(event.extras, at: entry.place)
      if event.kind == "event_msg",
        event.type == "user_message" || event.type == "item_completed"
          || event.type == "thread_goal_updated"
      {
        if !hasPrompt, line > 200, event.type != "item_completed" {
          report(
            "codex.listed", .warning,
            "the first prompt stands after line 200, where a scan for lists does not look",
            entry.place)
        }
        hasPrompt = true
      }
    case .checkpoint(let checkpoint): checkOrdinal(checkpoint.extras, at: entry.place)
    case .usage(let usage): checkOrdinal(usage.extras, at: entry.place)
    default: break
    }
  }

  private mutating func report(
    _ rule: String, _ severity: Severity, _ message: String, _ place: Place?
  ) {
    findings.append(
      Finding(rule: rule, severity: severity, place: place, message: message, isSalvaged: true))
  }

  private mutating func noFirstMeta(_ place: Place?) {
    guard !hasMeta else { return }
    report(
      "codex.meta-first", .error, "the first record is no session_meta; Codex cannot resume it",
      place)
  }

  private static let required: [(StaticString, String)] = [
    ("id", "id"), ("timestamp", "timestamp"), ("cwd", "cwd"), ("originator", "originator"),
    ("cli_version", "cli_version"),
  ]

  private mutating func checkMeta(_ bytes: ArraySlice<UInt8>, at place: Place?) {
    hasMeta = true
    if file.name?.isDocument == true {
      report(
        "codex.layout", .warning, "the layout is of before May 2025; Codex cannot resume it", place)
      return
    }
    let line = CodexLine.decode(Array(bytes), maximumDepth: 512)
    guard case .meta(let meta) = line.kind else { return }
    guard line.isWrapped else {
      report(
        "codex.layout", .warning, "the layout is of before September 2025; Codex cannot resume it",
        place)
      return
    }
    let missing = Self.required.filter { meta[$0.0]?.string == nil }.map(\.1)
    if !missing.isEmpty {
      report(
        "codex.meta-first", .error,
        "the session_meta lacks \(missing.joined(separator: ", ")); Codex cannot resume it", place)
    }
    if let name = file.name, let thread = meta["id"]?.string?.string,
      thread.lowercased() != name.id
    {
      report(
        "codex.id-is-name", .error, "the thread \(thread) is not the one in the file's name", place)
    }
    if file.name == nil {
      report("codex.file-name", .error, "Codex does not find a file of this name", place)
    }
    if meta["model_provider"]?.string?.isEmpty ?? true {
      report(
        "codex.model-provider", .warning,
        "no model provider; Codex resumes it by identifier in the terminal only", place)
    }
    switch meta["history_mode"]?.string?.string {
    case nil, "legacy": break
    case "paginated": isPaginated = true
    default: report("codex.history-mode", .error, "the history mode is not known", place)
    }
  }

  private mutating func checkOrdinal(_ extras: [Extra], at place: Place?) {
    guard isPaginated else { return }
    guard let raw = extras.codex(CodexExtra.line + "ordinal"), let value = Int64(raw.string) else {
      lastHasOrdinal = false
      return
    }
    lastHasOrdinal = true
    if let ordinal, value != ordinal &+ 1 {
      report("codex.ordinals", .info, "the ordinal \(value) follows \(ordinal)", place)
    }
    ordinal = value
  }

  private mutating func checkPictures(_ message: Message, at place: Place?) {
    for block in message.blocks {
      guard case .image(let image) = block, image.base64 == nil, let path = image.path,
        path.string.hasPrefix("http")
      else { continue }
      report(
        "codex.picture", .warning, "Codex sends a notice instead of a picture from the net", place)
    }
  }

  consuming func finish() -> [Finding] {
    if isPaginated, !lastHasOrdinal {
      report(
        "codex.ordinals", .error, "the last line has no ordinal; Codex cannot resume the file",
        lastPlace)
    }
    if !sawRecord {
      report(
        "codex.meta-first", .error, "the file has no record; Codex cannot resume it",
        .file(path: file.path))
    }
    if !hasPrompt, sawRecord {
      report(
        "codex.listed", .info, "no prompt is shown on the screen, so no list shows the session",
        .file(path: file.path))
    }
    return findings
  }
}
