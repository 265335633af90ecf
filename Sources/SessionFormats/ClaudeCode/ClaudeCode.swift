internal import FileIO
internal import JSONText
public import SessionCoding

/// Claude Code's store: `projects/<folder key>/<session>.jsonl` in its configuration folder.
///
/// One JSON object per line; lines with a `uuid` form a graph by `parentUuid`, the others are
/// metadata of which the last one wins. Read are the layouts from 1.0 to 2.1.329, sub-agent files
/// beside and below their session included. What the program sends when it resumes a session was
/// observed by running 2.1.329; the effective view follows that.
public struct ClaudeCode: WritableSessionFormat {
  /// The format's identifier.
  public static let id = "claude-code"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Claude Code",
      summary: "configuration folder with projects/<folder>/<session>.jsonl, or one such file",
      profiles: [FormatProfile(ClaudeTarget.profile, "the current layout")],
      liesByWorkspace: true, removesOldFiles: true,
      carry: "a file in the session's own side folder, named by a record that the tool ignores",
      neverCarried: [".credentials.json"],
      defaultLocation: {
        if let folder = environmentVariable("CLAUDE_CONFIG_DIR"), !folder.isEmpty { return folder }
        return homeDirectory().map { $0 + "/.claude" }
      })
  }

  /// Whether a location is a store of this format or one of its files.
  public func recognizes(_ path: String) -> Bool {
    guard let status = FileStatus.guess(path) else { return false }
    switch status.kind {
    case .directory: return (try? ClaudeStore(path: path))?.looksLikeStore ?? false
    case .file: return path.hasSuffix(".jsonl") && ClaudeLineStream.looksLikeSession(path)
    default: return false
    }
  }

  /// Opens a store, or one file, for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try ClaudeSource(path: path, options: options)
  }

  /// Prepares a configuration folder for writing.
  public func target(at path: String, options: WriteOptions) throws(FormatError)
    -> any SessionTarget
  {
    try ClaudeTarget(path: path, options: options)
  }

  /// Replaces the working folder of a record, and those that its session moved to or came from.
  public func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap)
    -> (bytes: [UInt8], count: Int)?
  {
    let mark: [UInt8] = record.starts(with: [0xEF, 0xBB, 0xBF]) ? [0xEF, 0xBB, 0xBF] : []
    guard var paths = RecordPaths(record.dropFirst(mark.count), map: map) else {
      return (Array(record), 0)
    }
    let root = paths.root
    paths.replace(root["cwd"])
    paths.replace(root["relocatedCwd"])
    for name: StaticString in ["originalCwd", "worktreePath", "cwd"] {
      paths.replace(root["worktreeSession"]?[name])
    }
    return (mark + paths.bytes, paths.count)
  }
}
