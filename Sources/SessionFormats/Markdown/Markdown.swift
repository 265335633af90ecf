internal import FileIO
internal import JSONText
public import SessionCoding
internal import SessionModel

/// Transcripts that people read and that come back: chat-md 2.
///
/// One Markdown file per session, or a folder of them with an `index.md`. Headings say who speaks, folds
/// hold reasoning and tools; a marker stands only where the form alone does not say what something is.
/// What people do not read is in the carry at the end. CONVERSIONS.md has the layout. Messages that were
/// changed, removed or added in an editor come back as such.
public struct Markdown: WritableSessionFormat {
  /// The format's identifier.
  public static let id = "markdown"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Markdown transcript",
      summary: "one .md file (chat-md 2), or a folder of them with an index.md",
      isSingleFile: true, endings: [".md", ".markdown"],
      carry: "a comment at the end of the file, which viewers do not show")
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

  /// Whether a file has the front matter of chat-md.
  static func isTranscript(_ path: String) throws(FileError) -> Bool {
    FrontMatter(try beginning(of: path)).version != nil
  }

  static func isIndex(_ path: String) -> Bool {
    // Where it cannot be read, it is taken for somebody else's.
    guard path.hasSuffix("/" + MarkdownName.index), let start = try? beginning(of: path) else {
      return false
    }
    return FrontMatter(start)["chat-md-index"] != nil
  }

  private static func beginning(of path: String) throws(FileError) -> [UInt8] {
    try RandomAccessFile(path: path).read(at: 0, count: FrontMatter.longest)
  }

  /// Replaces the folder that the front matter states.
  public func mappingPaths(
    of record: ArraySlice<UInt8>, _ map: PathMap
  ) -> (bytes: [UInt8], count: Int)? {
    let front = FrontMatter(Array(record))
    guard front.lineCount > 0 else { return nil }
    var head = front.head(fallbackID: "")
    guard let mapped = head.workspace.flatMap({ map($0) }) else { return (Array(record), 0) }
    head.workspace = mapped
    return (FrontMatter.restated(record, head), 1)
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
