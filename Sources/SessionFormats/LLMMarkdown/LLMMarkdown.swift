internal import FileIO
public import SessionCoding
internal import SessionModel

/// What `llm logs` prints: one turn after the other, several conversations in one text.
///
/// `formats/markdown.md` §4 states the layout (observed with llm 0.36). Headings inside answers are
/// not escaped, so what they begin is a guess; `llm logs --json` says more.
public struct LLMMarkdown: SessionFormat {
  /// The format's identifier.
  public static let id = "llm-markdown"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "llm logs (Markdown)", summary: "output of `llm logs`, one .md file",
      carry: "none: the format is read only")
  }

  /// Whether a location holds such files.
  public func recognizes(_ path: String) -> Bool {
    TranscriptFiles.recognizes(path, LLMMarkdownDialect())
  }

  /// Opens a file or folder for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try TranscriptSource(path: path, dialect: LLMMarkdownDialect(), options: options)
  }
}

/// A line `# TIME    conversation: CID id: ID`, which begins a turn.
struct LLMTurnHeading {
  var time: Timestamp
  var conversation: String?
  var id: String?

  init?(_ line: ArraySlice<UInt8>) {
    guard line.starts(with: "# ".utf8) else { return nil }
    let text = String(decoding: line.dropFirst(2), as: UTF8.self)
    let parts = text.split(separator: " ")
    guard let first = parts.first, first.utf8.count == 19, first.contains("T"),
      let time = SpelledTime.read(String(first))
    else { return nil }
    self.time = time
    if parts.count == 1 { return }
    guard parts.count >= 3, parts[1] == "conversation:" else { return nil }
    conversation = String(parts[2])
    if parts.count >= 5, parts[3] == "id:" { id = String(parts[4]) }
  }
}

/// Where turns begin.
struct LLMMarkdownDialect: TranscriptDialect {
  var id: String { LLMMarkdown.id }
  var resumesSessions: Bool { true }

  func recognizes(_ beginning: [UInt8], path: String) -> Bool {
    var isFirst = true
    var isHeading = false
    var hasModel = false
    ChatText.forEachLine(ChatText.withoutMark(beginning[...])) { line in
      var line = line
      if line.last == 0x0D { line.removeLast() }
      guard !line.isEmpty else { return }
      if isFirst { isHeading = LLMTurnHeading(line)?.conversation != nil }
      isFirst = false
      hasModel = hasModel || line.starts(with: "Model: **".utf8)
    }
    return isHeading && hasModel
  }

  func isCandidate(_ name: String) -> Bool { name.hasSuffix(".md") }

  func session(beginningWith line: ArraySlice<UInt8>) -> String? {
    LLMTurnHeading(line)?.conversation
  }

  func makeParser(key: String, path: String, options: ReadOptions) -> any TranscriptParser {
    LLMMarkdownParser(key: key, path: path)
  }
}
