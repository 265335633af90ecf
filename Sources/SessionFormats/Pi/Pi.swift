internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Pi's store: `sessions/--<folder of work>--/<time>_<id>.jsonl` in its agent folder.
///
/// The first line is the header; the others are entries that form a tree by `parentId`, of which the
/// last line is the current leaf. Read are versions 1 to 3 and the title lines of Oh My Pi, which keeps
/// the same lines; written is version 3. Facts are from `docs/session.md` and `session-manager.ts` of
/// the public repositories badlogic/pi-mono and can1357/oh-my-pi.
struct Pi: SessionFormat {
  /// The format's identifier.
  static let id = "pi"
  static let toolName = "Pi"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Pi",
      summary: "agent folder with sessions/<folder>/<time>_<id>.jsonl, or one such file",
      liesByWorkspace: true,
      carry: "a file beside the session's own, which the tool does not look at",
      neverCarried: ["auth.json"],
      defaultLocation: { ToolFolder.path("PI_CODING_AGENT_DIR", otherwise: ".pi/agent") })
  }
}

extension Pi: WritableFileFormat, PiDialect {
  typealias Decoder = PiDecoder<Self>
  typealias Encoder = PiEncoder<Self>

  var layout: FileLayout {
    FileLayout(patterns: ["sessions/*/*.jsonl"]) { Self.idInName(of: $0) }
  }

  /// What follows the time in the name of a session's file.
  private static func idInName(of stem: String) -> String? {
    stem.split(separator: "_", maxSplits: 1).dropFirst().first.map(String.init)
  }

  static func sessionID(in path: String) -> String {
    let stem = LocatedSession.stem(path)
    return idInName(of: stem) ?? stem
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

  func identifier(for head: SessionHead) -> String {
    Self.isIdentifier(head.id) ? head.id : "session-" + ContentHash(Array(head.id.utf8)[...]).hex
  }

  /// Letters, digits and some punctuation, the first and the last of them a letter or a digit.
  private static func isIdentifier(_ id: String) -> Bool {
    func isPlain(_ byte: UInt8?) -> Bool {
      byte.map { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) }
        ?? false
    }
    return isPlain(id.utf8.first) && isPlain(id.utf8.last) && id.utf8.count <= 100
      && id.utf8.allSatisfy { isPlain($0) || "._-".utf8.contains($0) }
  }

  func path(of id: String, _ head: SessionHead) -> String {
    let time = (head.created ?? head.updated ?? Timestamp(seconds: 0)).javaScript
    let name = String(time.map { $0 == ":" || $0 == "." ? "-" : $0 })
    return "sessions/\(Self.folder(for: head.workspace))/\(name)_\(id).jsonl"
  }

  /// The folder of a folder of work: `/Users/ann/my.app` becomes `--Users-ann-my.app--`.
  static func folder(for workspace: String?) -> String {
    var path = workspace.flatMap { $0.isEmpty ? nil : $0 } ?? "/"
    if path.first == "/" || path.first == "\\" { path.removeFirst() }
    let name = String(path.map { $0 == "/" || $0 == "\\" || $0 == ":" ? "-" : $0 })
    let isSafe = name.utf8.count <= 240 && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    return "--"
      + (isSafe
        ? name
        : String(
          name.unicodeScalars.prefix(50).map {
            $0.value < 0x20 || $0.value == 0x7F ? "-" : Character($0)
          })) + "--"
  }

  func resumeCommand(for id: String, home: String, workspace: String?) -> ResumeCommand? {
    ResumeCommand(
      ["pi", "--session", id], in: workspace, variable: "PI_CODING_AGENT_DIR", home: home,
      usual: info.defaultLocation())
  }
}
