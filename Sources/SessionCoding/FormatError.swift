public import FileIO
public import SessionModel

/// Why a session or store could not be read or written: what, where, and what to do next.
public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The value as it is stored.
    public let rawValue: String
    /// Creates it from the stored value.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The location holds no session of the format.
    public static let notRecognised = Code(rawValue: "not-recognised")
    /// The location or session does not exist.
    public static let notFound = Code(rawValue: "not-found")
    /// The source exists but cannot be read.
    public static let notReadable = Code(rawValue: "not-readable")
    /// The content breaks the format so that nothing can be kept of it.
    public static let damaged = Code(rawValue: "damaged")
    /// The source is of a version that is not read, or not written.
    public static let unsupportedVersion = Code(rawValue: "unsupported-version")
    /// A write that was cut off must be undone before the store can be read.
    public static let interruptedWrite = Code(rawValue: "interrupted-write")
    /// Another program has changed the target since it was looked at.
    public static let changed = Code(rawValue: "changed")
    /// Another program holds the store.
    public static let busy = Code(rawValue: "busy")
    /// The target cannot be written.
    public static let notWritable = Code(rawValue: "not-writable")
    /// What was written does not read back as what was meant.
    public static let readBackDiffers = Code(rawValue: "read-back-differs")
    /// A limit on hostile input was passed.
    public static let limit = Code(rawValue: "limit")
    /// The content cannot be expressed in the target.
    public static let notExpressible = Code(rawValue: "not-expressible")
    /// Several sessions were to go where there is room for one.
    public static let severalSessions = Code(rawValue: "several-sessions")
    /// The conversion was asked to stop.
    public static let interrupted = Code(rawValue: "interrupted")
  }

  /// The kind of failure.
  public var code: Code
  /// What happened, as a sentence without a final full stop.
  public var message: String
  /// Where.
  public var place: Place?
  /// What to do next.
  public var advice: String?
  /// Whether the target of a conversion is what failed, not its source.
  public var isAboutTarget = false
  /// Whether other sessions there would fail likewise, as on a full disk; else just this one.
  public var concernsAll = false

  /// Creates an error.
  public init(_ code: Code, _ message: String, at place: Place? = nil, advice: String? = nil) {
    self.code = code
    self.message = message
    self.place = place
    self.advice = advice
  }

  /// A failure of the file system while reading.
  public init(reading error: FileError) {
    let code: Code =
      switch error.code {
      case .notFound: .notFound
      case .lineTooLong: .limit
      default: .notReadable
      }
    self.init(code, error.description)
  }

  /// A failure of the file system while writing.
  public init(writing error: FileError) {
    let code: Code =
      switch error.code {
      case .locked, .inUse: .busy
      case .changed: .changed
      default: .notWritable
      }
    self.init(code, error.description)
    isAboutTarget = true
    concernsAll = error.concernsAll
  }

  /// A destination that holds one session, for which several are meant.
  public init(severalSessions count: Int, at path: String) {
    self.init(
      .severalSessions, "the destination holds one session, and \(count) are to be written",
      at: .file(path: path),
      advice: "name a folder as the destination, or one session with --session")
    isAboutTarget = true
  }

  /// The wording for people.
  public var description: String {
    var text = message
    if let place {
      // What the file system says names the file already.
      if case .file(let path) = place, text.contains(path) {} else { text = "\(place): \(text)" }
    }
    if let advice { text += "; \(advice)" }
    return text
  }
}
