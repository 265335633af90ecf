internal import FileIO
public import SessionCoding
internal import SessionModel

/// aider's chat history: `.aider.chat.history.md` in the git root, one file for all chats.
///
/// `formats/markdown.md` §2 states the layout (Aider-AI/aider @5dc9490b). A chat begins with
/// `# aider chat started at …`; user lines are `#### …`, output of the tool `> …`, all else is the
/// model's. Read carefully (fences and empty lines are looked at, one session per chat) or, with
/// ``ReadOptions/isStrict`` or as ``readStrictly``, exactly as aider's own splitter reads the whole
/// file.
/// Written is what aider's `--restore-chat-history` takes up: user and assistant text.
public struct Aider: WritableSessionFormat {
  /// The format's identifier.
  public static let id = "aider"
  static let fileName = ".aider.chat.history.md"

  private let isStrict: Bool

  /// Creates the format, read carefully.
  public init() { self.init(isStrict: false) }

  private init(isStrict: Bool) { self.isStrict = isStrict }

  /// The format as aider's own splitter reads it.
  public var readStrictly: (any SessionFormat)? { Aider(isStrict: true) }

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "aider", summary: "file .aider.chat.history.md with all chats of a folder",
      isSingleFile: true, endings: [Self.fileName],
      carry: "lines `# carryover {…}` at the end of the chat, which aider skips",
      defaultLocation: {
        environmentVariable("AIDER_CHAT_HISTORY_FILE") ?? "./" + Self.fileName
      })
  }

  /// Whether a location holds such files.
  public func recognizes(_ path: String) -> Bool {
    guard let status = FileStatus.guess(path) else { return false }
    let file = status.kind == .directory ? path + "/" + Self.fileName : path
    return TranscriptSource.recognizes(file, AiderDialect())
  }

  /// Opens a file or folder for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    var options = options
    options.isStrict = options.isStrict || isStrict
    return try TranscriptSource(
      path: path, dialect: AiderDialect(isStrict: options.isStrict), options: options)
  }

  /// Prepares a file or folder for writing.
  public func target(at path: String, options: WriteOptions) throws(FormatError)
    -> any SessionTarget
  {
    try AiderTarget(path: path, options: options)
  }
}

/// Where aider's chats begin.
struct AiderDialect: TranscriptDialect {
  var isStrict = false
  var id: String { Aider.id }
  var ownsBlankBefore: Bool { true }

  static let start = Array("# aider chat started at ".utf8)

  func recognizes(_ beginning: [UInt8], path: String) -> Bool {
    var lines = 0
    var isFound = false
    ChatText.forEachLine(beginning[...]) { line in
      lines += line.isEmpty ? 0 : 1
      if lines <= 1, line.starts(with: Self.start) { isFound = true }
    }
    return isFound
  }

  func isCandidate(_ name: String) -> Bool { name == Aider.fileName }

  func isCarry(_ line: ArraySlice<UInt8>) -> Bool { AiderCarry.isCarry(line) }

  func session(beginningWith line: ArraySlice<UInt8>) -> String? {
    guard !isStrict, let time = Self.time(in: line) else { return nil }
    return time
  }

  /// The time of a start line: `YYYY-MM-DD HH:MM:SS`.
  static func time(in line: ArraySlice<UInt8>) -> String? {
    guard line.starts(with: start) else { return nil }
    let text = String(decoding: line.dropFirst(start.count), as: UTF8.self)
    return SpelledTime.read(text) == nil ? nil : text
  }

  func makeParser(key: String, path: String, options: ReadOptions) -> any TranscriptParser {
    options.isStrict
      ? AiderStrictParser(path: path) : AiderParser(key: key, path: path)
  }
}
