internal import FileIO
public import SessionModel
internal import Synchronization

/// The session store of ggcode: a folder with one JSON Lines file per session and a list in
/// `index.json`.
///
/// Original: `JSONLStore`.
///
/// It works on the same files as the tool and at the same time as it. Calls may come from any task;
/// calls on one store run one after the other, and several processes may use one folder.
///
///     let store = try JSONLStore()
///     var session = newSession(vendor: "openai", endpoint: "coding", model: "m1")
///     try store.appendMessage(Message(role: "user", text: "Hello"), to: &session)
///
/// Where the tool loses data, this store does not; see ``Options/repeatsDataLoss``.
public final class JSONLStore: SessionStore {
  /// The release whose records are written and whose view is loaded.
  public enum Profile: Sendable, Hashable {
    /// The documented interface, v1.3.49 to v1.3.75, observed with v1.3.75.
    case documented
    /// The current layout, observed with v1.3.216: message identifiers and times, checkpoints by
    /// identifier, ``JSONLStore/save(_:)`` writes no records.
    case current
  }

  /// How a store behaves.
  public struct Options: Sendable {
    /// The release to behave like.
    public var profile: Profile = .documented
    /// Whether the tool's data losses are repeated, which serves comparisons with the tool.
    ///
    /// Without it, a torn last line is ended before a record is appended to it; saving keeps what
    /// the rewritten file would lack; broken indexes are rebuilt; sessions are removed by saving or
    /// listing only if the whole file holds no text of a person; identifiers must be file names; the
    /// lock files of current releases are taken and remain.
    public var repeatsDataLoss = false
    /// Whether what a call wrote is on the disk when it returns.
    public var isDurable = true
    /// The clock.
    public var now: @Sendable () -> Timestamp = { .nowInLocalZone }

    /// The documented release, without its losses.
    public init() {}
  }

  /// The folder.
  ///
  /// Original: `Dir`.
  public let directory: String
  let options: Options
  private let state = Mutex(State())

  /// A session's file as a call left it.
  struct LeftFile {
    var size: UInt64
    /// The messages that the session had in memory.
    var messages: Int64
  }

  /// What calls on one store share.
  struct State {
    /// Whether the index was found broken and not rewritten since.
    var isIndexDirty = false
    var maintenance: Task<MaintenanceReport, Never>?
    var isMaintaining = false
    var lastMaintenance: Timestamp?
    /// The files as this store left them, by session.
    var left: [String: LeftFile] = [:]
  }

  /// Opens the store in the tool's own place.
  ///
  /// Original: `NewDefaultStore`.
  ///
  /// - Throws: `.notWritable` if the folder is missing and cannot be made.
  public convenience init(options: Options = Options()) throws(StoreError) {
    try self.init(directory: defaultDirectory(), options: options)
  }

  /// Opens the store in a folder, which is made if it is missing.
  ///
  /// Original: `NewJSONLStore`.
  ///
  /// - Throws: `.notWritable` if it cannot be made.
  public init(directory: String, options: Options = Options()) throws(StoreError) {
    self.directory = directory
    self.options = options
    do throws(FileError) {
      try createDirectory(directory, permissions: 0o700, intermediates: true)
    } catch {
      throw StoreError(writing: error)
    }
  }

  /// Runs a block alone among the calls on this store.
  func alone<Result>(
    _ body: (inout State) throws(StoreError) -> sending Result
  ) throws(StoreError) -> Result {
    try state.withLock { state throws(StoreError) in try body(&state) }
  }

  /// The file of a session.
  ///
  /// - Throws: `.invalidIdentifier` for one that would leave the folder, or that is new and not of
  ///   the form that every release reaches.
  func path(of id: String) throws(StoreError) -> String {
    let path = directory + "/" + id + ".jsonl"
    if id.utf8.contains(UInt8(ascii: "/")) || id.utf8.contains(0) || id.utf8.count > 240 {
      throw StoreError(.invalidIdentifier, "\"\(id)\" cannot be a session's file name")
    }
    if options.repeatsDataLoss || isSafe(id) { return path }
    // An old name counts where its file is seen; else it is refused below.
    if FileStatus.guess(path)?.kind == .file { return path }
    throw StoreError(
      .invalidIdentifier,
      "\"\(id)\" is not a session identifier; use letters, digits, - and _, at most 128")
  }

  func exists(_ path: String) throws(StoreError) -> Bool {
    do throws(FileError) {
      return try FileStatus(path: path) != nil
    } catch {
      throw StoreError(reading: error)
    }
  }
}
