public import FileIO
public import SessionModel
internal import Synchronization

/// Switches of writing.
public struct WriteOptions: Sendable {
  /// The profile after `@`; nil for the default, or for what an existing store has.
  public var profile: String?
  /// Whether to force data to disk before publishing.
  public var isDurable: Bool
  /// Whether the carry is stored.
  public var carries: Bool
  /// Whether records that change what the tool may do are left out of copies in their own format.
  public var stripsSettings: Bool
  /// Whether nothing may be written beside the file, as when it goes to standard output.
  public var isSelfContained: Bool
  /// Where links to media lead, from the file, when it will be moved; nil for beside the file.
  public var mediaFolder: String?

  /// Creates options.
  public init(
    profile: String? = nil, isDurable: Bool = true, carries: Bool = true,
    isSelfContained: Bool = false, stripsSettings: Bool = false, mediaFolder: String? = nil
  ) {
    self.profile = profile
    self.isDurable = isDurable
    self.carries = carries
    self.stripsSettings = stripsSettings
    self.isSelfContained = isSelfContained
    self.mediaFolder = mediaFolder
  }
}

/// A format whose own sessions can be written as they were, which is what coming back needs.
public protocol RestorableSessionFormat: SessionFormat {
  /// Whether a location, as it is or as it would be made, has room for one session only.
  ///
  /// What is to go there is counted first: several sessions are refused before anything is written.
  func holdsOneSession(at path: String) -> Bool

  /// Opens a store for writing, or prepares a new one; nothing is visible before it is published.
  func target(at path: String, options: WriteOptions) throws(FormatError) -> any SessionTarget
}

/// A format that sessions of other tools are written in too.
public protocol WritableSessionFormat: RestorableSessionFormat {}

extension RestorableSessionFormat {
  /// Stores and folders take any number.
  public func holdsOneSession(at path: String) -> Bool { false }
}

/// A store being written to.
///
/// All calls come from one task at a time unless ``allowsParallelWriters`` is true.
public protocol SessionTarget: AnyObject, Sendable {
  /// The profile in force, after looking at what exists; empty when the format has just one form.
  var profile: String { get }

  /// Whether writers of different sessions may work at the same time.
  var allowsParallelWriters: Bool { get }

  /// Whether a session is visible as soon as its writer publishes it, else all at the end.
  var publishesEachSession: Bool { get }

  /// The identifier to give a session here: its own where legal, else one derived from it.
  func identifier(for head: SessionHead) -> String

  /// How the tool goes on with a session that is here; nil when it cannot or is not known to.
  func resumeCommand(for id: String) -> ResumeCommand?

  /// What the store already holds under an identifier; nil if nothing.
  func existing(_ id: String) throws(FormatError) -> ExistingSession?

  /// What a session with a head would replace under an identifier, where heads say which of several
  /// files is theirs; nil if nothing.
  func existing(_ id: String, for head: SessionHead) throws(FormatError) -> ExistingSession?

  /// Starts a session under an identifier, replacing what exists only when it is published.
  ///
  /// - Parameter existing: What ``existing(_:for:)`` found under the identifier. Publishing MUST replace
  ///   that and nothing else: when something else stands there by then, it MUST fail with `.changed` and
  ///   leave all as it is.
  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter

  /// Keeps another format's store-wide records beside this store.
  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError)

  /// Restores store-wide records that are native to this format.
  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError)

  /// Makes what is still staged visible; MUST be all or nothing per session.
  func publish() throws(FormatError)

  /// Removes everything staged; the store is as it was, but for sessions already published.
  func discard()
}

extension SessionTarget {
  /// Starts a session that replaces what the store holds now under the identifier.
  public func writer(for head: SessionHead, id: String) throws(FormatError) -> any SessionWriter {
    try writer(for: head, id: id, replacing: try existing(id, for: head))
  }

  /// What the identifier alone says.
  public func existing(
    _ id: String, for head: SessionHead
  ) throws(FormatError) -> ExistingSession? {
    try existing(id)
  }

  /// None, unless a target says otherwise.
  public func resumeCommand(for id: String) -> ResumeCommand? { nil }

  /// Targets that several writers share have nothing to wait for.
  public var publishesEachSession: Bool { allowsParallelWriters }
}

/// A session that is in the target already.
public final class ExistingSession: Sendable {
  /// What is stored for its carry header, when a conversion wrote it.
  public let carry: StoredCarryHeader?
  /// The files that it lies in.
  public let files: [String]
  /// The status of the file that holds it, from before anything was read; nil for rows.
  public let file: FileStatus?
  private let readFingerprint: @Sendable () throws(FormatError) -> Fingerprint
  private let known = Mutex<Fingerprint?>(nil)
  /// Opens it, carry included, as long as nothing is staged in its place.
  public let reader: @Sendable () throws(FormatError) -> any SessionReader

  /// Creates the description.
  ///
  /// - Parameter fingerprint: Reads the whole session; called once at most.
  public init(
    carry: StoredCarryHeader?, files: [String], file: FileStatus?,
    fingerprint: @escaping @Sendable () throws(FormatError) -> Fingerprint,
    reader: @escaping @Sendable () throws(FormatError) -> any SessionReader
  ) {
    self.carry = carry
    self.files = files
    self.file = file
    readFingerprint = fingerprint
    self.reader = reader
  }

  /// Describes a session of a source that holds what stands in the target.
  public convenience init(
    _ id: String, in source: any SessionSource, files: [String], file: FileStatus?
  ) throws(FormatError) {
    self.init(carry: try source.carryHeader(of: id), files: files, file: file) {
      () throws(FormatError) in
      try source.fingerprint(of: id)
    } reader: { () throws(FormatError) in
      try source.reader(for: id)
    }
  }

  /// Its carry header, when there is one that can be read.
  public var header: CarryHeader? { carry?.header }

  /// Its fingerprint when it was first asked for, carry excluded; that reads the whole session.
  public func fingerprint() throws(FormatError) -> Fingerprint {
    if let known = known.withLock({ $0 }) { return known }
    let fingerprint = try readFingerprint()
    known.withLock { $0 = fingerprint }
    return fingerprint
  }
}

/// One session being written, staged.
public protocol SessionWriter: AnyObject {
  /// Writes an entry.
  ///
  /// An entry whose origin is of this very format MUST be written as those bytes.
  /// - Returns: how many entries reading back will give for it, in order.
  func write(_ entry: Entry) throws(FormatError) -> Int

  /// Notes a record of this very format that the session had and that does not come, because it was
  /// changed or removed elsewhere; called where it would have been written.
  ///
  /// Records that link to it MUST be written with a link to what was written in its place, or to what
  /// came before it.
  func leaveOut(_ record: ArraySlice<UInt8>)

  /// Ends the timeline; from here on the staged session can be read back.
  func finishEntries() throws(FormatError)

  /// The files that the session lies in once it is published.
  var files: [String] { get }

  /// How many entries reading back gives after those of ``write(_:)``, such as a title at the end.
  var trailingEntryCount: Int { get }

  /// What is worth knowing of what was written; complete after ``finishEntries()``.
  var findings: [Finding] { get }

  /// Reads the staged session through the format's own reader.
  func readBack() throws(FormatError) -> any SessionReader

  /// Whether what exists is a beginning of what was written, byte for byte, as when a run was killed
  /// while it appended; asked after ``finishEntries()``.
  func continuesExisting() throws(FormatError) -> Bool

  /// Appends to the stored carry; called in order, after ``finishEntries()``.
  func appendCarry(_ chunk: [UInt8]) throws(FormatError)

  /// Ends the session with its carry header: visible now, or when the target publishes.
  func publish(header: CarryHeader?) throws(FormatError)

  /// Removes everything staged of this session.
  func discard()
}

extension SessionWriter {
  /// Nothing, where records do not link to each other.
  public func leaveOut(_ record: ArraySlice<UInt8>) {}

  /// No, where nothing is appended to files.
  public func continuesExisting() throws(FormatError) -> Bool { false }

  /// None, unless a writer says otherwise.
  public var trailingEntryCount: Int { 0 }
  /// None, unless a writer says otherwise.
  public var findings: [Finding] { [] }
}
