public import FileIO
public import SessionModel

/// A variant of a format that a writer can produce, such as the schema of one release.
public struct FormatProfile: Sendable, Hashable {
  /// The name after `@` on the command line.
  public var name: String
  /// What it is for, one line.
  public var summary: String

  /// Creates a profile.
  public init(_ name: String, _ summary: String) {
    self.name = name
    self.summary = summary
  }
}

/// What a format says of itself; help, tables and documents are made from it.
public struct FormatInfo: Sendable {
  /// The stable kebab-case identifier.
  public var id: String
  /// The name people use.
  public var name: String
  /// Where the sessions live and how, one line.
  public var summary: String
  /// Profiles that are written, the default first; empty when there is just one form.
  public var profiles: [FormatProfile]
  /// Whether a location is one file that may hold standard input or output.
  public var isSingleFile: Bool
  /// Whether sessions are rows of a database.
  public var holdsRows: Bool
  /// How the names of its files end, the usual one first; empty where names do not tell.
  ///
  /// A destination named so is such a file, any other one a folder.
  public var endings: [String]
  /// Whether a session's file lies in a folder that is named after its working folder.
  public var liesByWorkspace: Bool
  /// Whether the tool removes sessions whose files did not change for some weeks.
  public var removesOldFiles: Bool
  /// How the original of a foreign session is kept beside what is written.
  public var carry: String
  /// Tables and files of the tool that grant access, which no command reads or hands on.
  public var neverCarried: [String]
  /// The tool's own default place on this machine, honouring its environment variables.
  public var defaultLocation: @Sendable () -> String?

  /// Creates a description.
  public init(
    id: String, name: String, summary: String, profiles: [FormatProfile] = [],
    isSingleFile: Bool = false, holdsRows: Bool = false, endings: [String] = [],
    liesByWorkspace: Bool = false, removesOldFiles: Bool = false,
    carry: String,
    neverCarried: [String] = [],
    defaultLocation: @escaping @Sendable () -> String? = { nil }
  ) {
    self.id = id
    self.name = name
    self.summary = summary
    self.profiles = profiles
    self.isSingleFile = isSingleFile
    self.holdsRows = holdsRows
    self.endings = endings
    self.liesByWorkspace = liesByWorkspace
    self.removesOldFiles = removesOldFiles
    self.carry = carry
    self.neverCarried = neverCarried
    self.defaultLocation = defaultLocation
  }
}

/// Limits and switches of reading.
public struct ReadOptions: Sendable {
  /// The longest record that is read, in bytes: a line, a value of a row, a single document.
  ///
  /// Longer ones are left out, see ``SessionSource/leftOut(of:)``. Records are held in memory while
  /// they are handled, so this also bounds memory.
  public var maximumRecordLength: Int
  /// The deepest JSON nesting that is decoded; deeper records are kept verbatim.
  public var maximumDepth: Int
  /// Whether ambiguous text is read exactly as its own tool reads it, mistakes included.
  public var isStrict: Bool
  /// Whether the location is written to while it is read, as when a store is changed in place: a database
  /// is then read from a private copy, whose locks are in nobody's way.
  public var isWrittenTo = false

  /// Creates options; the defaults read everything the reference tools usually write.
  public init(
    maximumRecordLength: Int = 256 << 20, maximumDepth: Int = 10_000, isStrict: Bool = false
  ) {
    self.maximumRecordLength = maximumRecordLength
    self.maximumDepth = maximumDepth
    self.isStrict = isStrict
  }

  /// The longest part of what a conversion stored for the way back; parts of usual length always count.
  public var maximumCarryLength: Int { max(maximumRecordLength, Self.leastCarryLength) }

  /// The length up to which parts of a carry count whatever the limit.
  public static let leastCarryLength = 1 << 20

  /// The options for what this program wrote itself and for what is at a target: nothing is left out,
  /// because what is compared or replaced must be known whole.
  public static let unlimited = ReadOptions(maximumRecordLength: .max)
}

/// A session as a list shows it, without its content.
public struct SessionSummary: Sendable, Hashable {
  /// The identifier to open it with.
  public var id: String
  /// The file it lies in, when it has one of its own, else the store.
  public var path: String
  /// The title that the tool shows.
  public var title: String?
  /// When it began and last changed.
  public var created: Timestamp?
  /// When it last changed.
  public var updated: Timestamp?
  /// The folder it works in.
  public var workspace: String?
  /// The number of messages, when cheap to know.
  public var messageCount: Int?
  /// The size of its content in bytes, for progress; 0 when not known.
  public var byteCount: UInt64
  /// Whether the tool has it put away.
  public var isArchived: Bool

  /// Creates a summary.
  public init(
    id: String, path: String, title: String? = nil, created: Timestamp? = nil,
    updated: Timestamp? = nil, workspace: String? = nil, messageCount: Int? = nil,
    byteCount: UInt64 = 0, isArchived: Bool = false
  ) {
    self.id = id
    self.path = path
    self.title = title
    self.created = created
    self.updated = updated
    self.workspace = workspace
    self.messageCount = messageCount
    self.byteCount = byteCount
    self.isArchived = isArchived
  }
}

/// A format that can be read.
///
/// A conforming type MUST be a stateless value: everything that is open belongs to the source.
public protocol SessionFormat: Sendable {
  /// What the format says of itself.
  var info: FormatInfo { get }

  /// Whether a location holds sessions of this format.
  ///
  /// MUST NOT claim what another registered format writes, and MUST NOT throw for other content.
  func recognizes(_ path: String) -> Bool

  /// Opens a store or file for reading; MUST NOT change it.
  func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource

  /// Replaces folders of work in a record of this format, nothing that was said.
  ///
  /// - Returns: The record and how many paths were replaced; nil, the default, when records of this
  ///   format state no such folder beside the head.
  func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap) -> (bytes: [UInt8], count: Int)?

  /// The table or file that a record of the store is of; nil, the default, when it needs no name.
  ///
  /// By it ``StoreRecords`` tells what grants access and says what it left out.
  func storeRecordName(_ record: [UInt8]) -> String?

  /// The same format, read with ``ReadOptions/isStrict``; nil when that makes no difference.
  var readStrictly: (any SessionFormat)? { get }
}

extension SessionFormat {
  /// None, unless a format says otherwise.
  public var readStrictly: (any SessionFormat)? { nil }

  /// None, unless a format says otherwise.
  public func storeRecordName(_ record: [UInt8]) -> String? { nil }
}

/// A store or file opened for reading.
public protocol SessionSource: AnyObject, Sendable {
  /// The identifiers of all sessions with their files, by their names alone where names tell them.
  func list() throws(FormatError) -> [ListedSession]

  /// The sessions, in a stable order (by identifier unless the store has an order of its own).
  ///
  /// - Parameter wanted: The identifiers of those to look at; nil for all.
  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary]

  /// Opens one session.
  func reader(for id: String) throws(FormatError) -> any SessionReader

  /// A fingerprint over everything of the session that its tool owns, carry and what is left out
  /// excluded.
  ///
  /// MUST change when any record of the session changes and MUST NOT when other sessions do.
  func fingerprint(of id: String) throws(FormatError) -> Fingerprint

  /// Everything that the format's own rules find in one session; may read it more than once.
  ///
  /// MUST include what a reader reports as damage and what is left out.
  func findings(of id: String) throws(FormatError) -> [Finding]

  /// The records of one session that are longer than ``ReadOptions/maximumRecordLength``.
  ///
  /// Readers MUST leave exactly these out, read on after them and report them as findings;
  /// ``fingerprint(of:)`` MUST leave them out too. Cheap once the session was read.
  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords

  /// What opening the store found to be wrong, without further reading.
  var openingFindings: [Finding] { get }

  /// What is wrong with the store as a whole, by the format's own rules; may read all of it.
  func storeFindings() throws(FormatError) -> [Finding]

  /// Native records that belong to no session.
  func storeRecords() throws(FormatError) -> StoreRecords

  /// Every file that belongs to a session, its main file first, by their names where these tell.
  ///
  /// A file may belong to several sessions, such as that of a sub-agent or a history of many chats.
  /// Whoever takes them leaves out what ``FormatInfo/grantsAccess(file:)`` tells. Nil for rows of a database: a
  /// backup then keeps the origins of the session's entries.
  func files(of id: String) throws(FormatError) -> [SessionFile]?

  /// The files of the store that list or name its sessions and belong to none of them.
  func storeFiles() throws(FormatError) -> [StoreFile]

  /// The profile of the format in which the store is written, when it can be told.
  var profile: String? { get }

  /// Records of another format's store that were carried here, with that format's identifier.
  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)?

  /// What is stored for the carry header of one session; nil when no conversion left a carry. Cheap.
  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader?
}

extension SessionSource {
  /// All sessions, in a stable order.
  public func sessions() throws(FormatError) -> [SessionSummary] { try sessions(nil) }

  /// None, unless a source says otherwise.
  public func leftOut(of id: String) throws(FormatError) -> LeftOutRecords { LeftOutRecords() }
  /// None, unless a source says otherwise.
  public var openingFindings: [Finding] { [] }
  /// None, unless a source says otherwise.
  public func storeFindings() throws(FormatError) -> [Finding] { [] }
  /// None, unless a source says otherwise.
  public func storeRecords() throws(FormatError) -> StoreRecords { StoreRecords() }
  /// None, unless a source says otherwise.
  public func carriedStoreRecords() throws(FormatError)
    -> (format: String, records: StoreRecords)?
  { nil }

  /// The fingerprint over the origins of all entries.
  public func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    let reader = try reader(for: id)
    var fingerprint = Fingerprint()
    while let entry = try reader.next() {
      if let origin = entry.origin { fingerprint.update(origin.bytes) }
    }
    return fingerprint
  }
}

/// One session being read: the head first, then its timeline.
public protocol SessionReader: AnyObject {
  /// The head as the tool would show it after loading.
  var head: SessionHead { get }

  /// The next entry; nil at the end, and nil from then on.
  ///
  /// Each entry MUST carry its origin; the origins in order MUST be everything of the session
  /// that its tool owns. Damage becomes an opaque entry and a finding, not an error.
  func next() throws(FormatError) -> Entry?

  /// What was found to be damaged so far.
  var findings: [Finding] { get }

  /// The carry stored with the session, when there is one.
  func carry() throws(FormatError) -> CarryCursor?
}
