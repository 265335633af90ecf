internal import FileIO
internal import JSONText
public import SessionCoding
internal import SessionModel

/// Transcripts that people read and that come back: chat-md 1.
///
/// One Markdown file per session, or a folder of them with an `index.md`. Everything of the model
/// has its place: comments that viewers do not show hold what is not text. `formats/markdown.md` §6
/// is the layout. Times of messages stand in the markers, so that headings are as in its samples; the
/// profile `times` shows them in the headings too, which readers ignore.
public struct Markdown: WritableSessionFormat {
  /// The format's identifier.
  public static let id = "markdown"
  static let times = "times"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Markdown transcript",
      summary: "one .md file (chat-md 1), or a folder of them with an index.md",
      profiles: [
        FormatProfile("1", "chat-md 1 as specified: headings with number and role"),
        FormatProfile(Self.times, "the same, the headings with times"),
      ],
      isSingleFile: true, endings: [".md", ".markdown"],
      carry: "comments before the last line, which viewers do not show")
  }

  /// Whether a location holds such files.
  public func recognizes(_ path: String) -> Bool {
    guard let status = FileStatus.guess(path) else { return false }
    switch status.kind {
    case .directory:
      return guessListing(path).lazy
        .filter { $0.name.hasSuffix(MarkdownName.suffix) && $0.kind != .directory }
        .contains {
          Self.mayBeTranscript(path + "/" + $0.name) || Self.isIndex(path + "/" + $0.name)
        }
    case .file: return Self.mayBeTranscript(path)
    default: return false
    }
  }

  private static func mayBeTranscript(_ path: String) -> Bool {
    // A guess: whoever opens it says why it cannot be read.
    (try? isTranscript(path)) ?? false
  }

  /// Whether a file has the front matter of chat-md, or its markers.
  static func isTranscript(_ path: String) throws(FileError) -> Bool {
    let start = try beginning(of: path)
    let front = FrontMatter(start)
    if front.version != nil { return true }
    guard start.first == UInt8(ascii: "<") || front.isPresent else { return false }
    var isMarked = false
    ChatText.forEachLine(start.prefix(64 << 10)[...]) { line in
      isMarked = isMarked || ChatMarker.kind(of: line) == .message
    }
    return isMarked
  }

  static func isIndex(_ path: String) -> Bool {
    // Where it cannot be read, it is taken for somebody else's.
    guard path.hasSuffix("/" + MarkdownName.index), let start = try? beginning(of: path) else {
      return false
    }
    return FrontMatter(start)["chat-md-index"] != nil
  }

  private static func beginning(of path: String) throws(FileError) -> [UInt8] {
    try RandomAccessFile(path: path).read(at: 0, count: MarkdownScan.longestFrontMatter)
  }

  /// Opens a file or folder for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try MarkdownSource(path: path, options: options)
  }

  /// A file holds one session.
  public func holdsOneSession(at path: String) -> Bool {
    // What cannot be looked at is told when it is opened for writing.
    !MarkdownTarget.isFolder(path, FileStatus.guess(path))
  }

  /// Prepares a file or folder for writing.
  public func target(at path: String, options: WriteOptions) throws(FormatError)
    -> any SessionTarget
  {
    try MarkdownTarget(path: path, options: options)
  }
}
