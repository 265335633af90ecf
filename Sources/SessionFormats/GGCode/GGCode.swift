internal import FileIO
internal import JSONText
public import SessionCoding

/// ggcode's store: a flat folder with one JSON Lines file per session and an `index.json`.
///
/// Files live in `<home>/.ggcode/sessions`. Read are the layouts of v1.0.2 to v1.3.216, mixed in one
/// folder and in one file; the facts were observed by running v1.0.2, v1.3.60, v1.3.75 and v1.3.216.
/// The classic layout has no message ids and no message times.
public struct GGCode: WritableSessionFormat {
  /// The format's identifier.
  public static let id = "ggcode"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "ggcode",
      summary: "folder with one .jsonl file per session and an index.json",
      profiles: [
        FormatProfile("1.3.75", "the documented layout, readable by every release"),
        FormatProfile("1.3.216", "the current layout: message ids, times, checkpoints by id"),
      ],
      carry: "records of type `carryover` at the end of the session file, ignored by the tool",
      defaultLocation: { homeDirectory().map { $0 + "/.ggcode/sessions" } })
  }

  /// Whether a location holds sessions of this format.
  public func recognizes(_ path: String) -> Bool {
    guard let status = FileStatus.guess(path) else { return false }
    switch status.kind {
    case .directory:
      let entries = guessListing(path)
      if entries.contains(where: { $0.name == "index.json" }),
        GGCodeIndex(path: path + "/index.json").isReadable
      {
        return true
      }
      return entries.lazy.filter { Self.sessionID(fileName: $0.name) != nil }.prefix(20)
        .contains { GGCodeLineStream.looksLikeSession(path + "/" + $0.name) }
    case .file:
      return Self.sessionID(fileName: path) != nil && GGCodeLineStream.looksLikeSession(path)
    default: return false
    }
  }

  /// Opens a location for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try GGCodeSource(path: path, options: options)
  }

  /// Opens a location for writing, or prepares a new one.
  public func target(at path: String, options: WriteOptions) throws(FormatError)
    -> any SessionTarget
  {
    try GGCodeTarget(path: path, options: options)
  }

  /// The identifier in a file name or path: the name without `.jsonl`; nil for other files.
  static func sessionID(fileName: String) -> String? {
    let name = fileName.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard name.hasSuffix(".jsonl") else { return nil }
    return String(name.dropLast(6))
  }
}
