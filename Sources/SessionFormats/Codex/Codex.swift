internal import FileIO
internal import JSONText
public import SessionCoding

/// Codex CLI's rollouts: `CODEX_HOME/sessions/YYYY/MM/DD/rollout-<time>-<uuid>.jsonl`.
///
/// Read are wrapped rollouts in both modes, the bare ones of May to September 2025, the single
/// documents before, compressed files, archived sessions and the names in `session_index.jsonl`.
/// Written are legacy-mode rollouts, which the program resumes, shows and appends to. The facts were
/// checked with codex-cli 0.163.0. Responses (what the model sees) are the messages; events (what
/// the screen shows) that repeat them are kept as events.
public struct Codex: WritableSessionFormat, FileFormat {
  typealias Decoder = CodexDecoder

  /// The format's identifier.
  public static let id = "codex"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Codex CLI",
      summary: "CODEX_HOME folder with sessions/YYYY/MM/DD/rollout-*.jsonl, or one such file",
      carry: "lines of type `carryover` at the end of the rollout, skipped by the tool",
      neverCarried: ["auth.json"],
      defaultLocation: {
        if let home = environmentVariable("CODEX_HOME"), !home.isEmpty { return home }
        return homeDirectory().map { $0 + "/.codex" }
      })
  }

  var layout: FileLayout { FileLayout(patterns: [], carriesInLines: true) }

  /// The first program kept a thread in a single document.
  func elements(of path: String) -> String? { path.hasSuffix(".json") ? "items" : nil }

  func withoutSettings(
    _ record: ArraySlice<UInt8>, _ settings: inout StrippedSettings
  ) -> ArraySlice<UInt8>? {
    CodexGrants.stripped(record, &settings)
  }

  /// Whether a location holds sessions of this format.
  public func recognizes(_ path: String) -> Bool {
    switch FileStatus.guess(path)?.kind {
    case .directory:
      var store = StoreFiles()
      // A guess: whoever opens it says why it cannot be read.
      let files = (try? CodexFile.list(path, &store)) ?? []
      // Tools that take any name may have sessions named like these.
      return files.prefix(20).contains { file in
        firstObject(file.path).map { CodexDecoder.recognizes($0) } ?? true
      }
    case .file where path.hasSuffix(".zst"): return CodexFileName(ofPath: path) != nil
    case .file where path.hasSuffix(".json") && CodexFileName(ofPath: path) == nil: return false
    case .file: return firstObject(path).map { CodexDecoder.recognizes($0) } ?? false
    default: return false
    }
  }

  /// The first record of a file that is an object, among the first twenty.
  func firstObject(_ path: String) -> JSONValue? {
    // A guess: whoever opens it says why it cannot be read.
    guard !path.hasSuffix(".zst"),
      let stream = try? stream(path, name: path, options: ReadOptions())
    else { return nil }
    for _ in 0..<20 {
      // A guess, as above.
      guard let record = (try? stream.next()) ?? nil else { return nil }
      if case .object(let object) = record.content { return object }
    }
    return nil
  }

  /// Opens a location for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try CodexSource(path: path, options: options)
  }

  /// A rollout holds one session.
  public func holdsOneSession(at path: String) -> Bool {
    // What cannot be looked at is told when it is opened for writing.
    CodexTarget.isOneFile(path, FileStatus.guess(path))
  }

  /// Opens a location for writing, or prepares a new one.
  public func target(at path: String, options: WriteOptions) throws(FormatError)
    -> any SessionTarget
  {
    try CodexTarget(path: path, options: options)
  }

  /// Replaces the folders that records state: of the session, of turns, of commands and settings.
  ///
  /// What was said to the model stays, also where it names folders.
  public func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap)
    -> (bytes: [UInt8], count: Int)?
  {
    guard var paths = RecordPaths(record, map: map), let payload = paths.root["payload"] else {
      return (Array(record), 0)
    }
    let places: [JSONValue?]
    switch paths.root["type"]?.string?.string {
    case "session_meta", "turn_context": places = [payload]
    case "event_msg":
      switch payload["type"]?.string?.string {
      case "thread_settings_applied": places = [payload["thread_settings"]]
      case "exec_command_begin", "exec_command_end": places = [payload]
      case "item_completed": places = [payload["item"]]
      default: places = []
      }
    default: places = []
    }
    for case let place? in places {
      paths.replace(place["cwd"])
      paths.replace(place["runtime_workspace_roots"])
      paths.replace(place["sandbox_policy"]?["writable_roots"])
    }
    return (paths.bytes, paths.count)
  }
}
