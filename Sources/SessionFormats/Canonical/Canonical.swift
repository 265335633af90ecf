internal import FileIO
internal import JSONText
public import SessionCoding
internal import SessionModel

/// The canonical JSON Lines format: one record per line, the hub for pipes and archives.
///
/// A file holds one session, or several one after the other, each opened by a `session` record.
/// A folder holds files named `<id>.session.jsonl`. Everything of the model has its place here.
public struct Canonical: WritableSessionFormat {
  /// The format's identifier.
  public static let id = CanonicalJSON.format
  static let suffix = ".session.jsonl"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "canonical JSON Lines",
      summary: "one .session.jsonl file, or a folder of them",
      isSingleFile: true, endings: [Self.suffix, ".jsonl"],
      carry: "records of kind `carry` at the end of the session")
  }

  /// Whether a location holds sessions of this format.
  public func recognizes(_ path: String) -> Bool {
    guard let status = FileStatus.guess(path) else { return false }
    switch status.kind {
    case .directory:
      return guessListing(path).contains {
        $0.name.hasSuffix(Self.suffix) && Self.opensSession(path + "/" + $0.name)
      }
    case .file: return Self.opensSession(path)
    default: return false
    }
  }

  private static func opensSession(_ path: String) -> Bool {
    // A guess: whoever opens it says why it cannot be read.
    guard var lines = try? LineReader(path: path, maximumLineLength: 64 << 20, for: .beginning),
      let line = try? lines.next(passingOver: { _ in }),
      let document = JSONDocument(ifValid: line.bytes, limits: .go)
    else { return false }
    return document.root["record"]?.string?.equals("session") ?? false
  }

  /// Opens a location for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try CanonicalSource(path: path, options: options)
  }

  /// Opens a location for writing, or prepares a new one.
  public func target(at path: String, options: WriteOptions) throws(FormatError)
    -> any SessionTarget
  {
    try CanonicalTarget(path: path, options: options)
  }
}
