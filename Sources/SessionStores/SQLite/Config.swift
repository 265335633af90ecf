internal import FileIO
public import SessionModel

/// Where and how sessions are kept.
///
/// Original: `Config`.
public struct Config: Sendable {
  /// Whether sessions are kept at all; see ``openStore(_:)``.
  public var isEnabled = true
  /// Opening deletes sessions not updated for so many days, unless they were put away; 0 for none.
  public var maxAgeDays = 0
  /// Opening deletes all but so many sessions, those put away not counted; 0 for none.
  public var maxCount = 0
  /// The database; empty for the tool's own place, `:memory:` for none.
  ///
  /// A leading `~/` is the home directory.
  public var path = ""
  /// Whether nothing is written: no schema, no clean-up.
  ///
  /// Works with older schemas too, as far as their columns go.
  public var isReadOnly = false
  /// Whether images in the tool's folder `uploads` are stored without their bytes.
  ///
  /// Original: `StripImageBase64`. Current databases only.
  public var stripsImageBase64 = false
  /// The folder that holds `uploads`; nil for the tool's own place.
  var dataDirectory: String?
  /// The release whose schema a new database gets.
  public var newDatabaseRelease = Release.current
  /// The clock.
  public var now: @Sendable () -> Timestamp = { .nowInLocalZone }
  /// Told what went wrong in a clean-up, which never keeps a store from opening.
  public var warn: WarnFunction = { _ in }

  /// The tool's default: enabled, no clean-up.
  ///
  /// Original: `DefaultConfig`.
  public init() {}
}

/// The folder of the tool's data: `$XDG_DATA_HOME/term-llm`, else `~/.local/share/term-llm`.
///
/// Original: `GetDataDir`.
///
/// - Throws: `.notAccessible` if there is no home directory.
public func getDataDir() throws(StoreError) -> String {
  if let folder = environmentVariable("XDG_DATA_HOME"), !folder.isEmpty {
    return cleanPath(folder + "/term-llm")
  }
  guard let home = homeDirectory() else {
    throw StoreError(.notAccessible, "failed to get home directory: $HOME is not defined")
  }
  return cleanPath(home + "/.local/share/term-llm")
}

/// The database of the tool: `sessions.db` in its data folder.
///
/// Original: `GetDBPath`.
///
/// - Throws: As ``getDataDir()``.
public func getDBPath() throws(StoreError) -> String { try getDataDir() + "/sessions.db" }

/// The store that a configuration asks for: ``NoopStore`` if it is not enabled, else
/// ``SQLiteStore``.
///
/// Original: `NewStore`.
public func openStore(_ config: Config = Config()) throws(StoreError) -> any SessionStore {
  config.isEnabled ? try SQLiteStore(config) : NoopStore()
}
