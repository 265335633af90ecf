internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A vault folder being added to.
///
/// Everything new is prepared in a folder inside the vault; renaming that folder is the moment at
/// which the run counts. What follows is only moving files to their places, which the next run
/// completes when this one is cut off.
final class VaultWriter: Sendable {
  let path: String
  private let isDurable: Bool
  private let lock: HeldLock
  private let isNew: Bool

  /// Keeps a lock as long as it is referred to.
  private final class HeldLock: Sendable {
    let lock: FileLock
    init(_ path: String) throws(FileError) {
      lock = try FileLock(path: path, blocking: false, removingFile: true)
    }
  }

  private var prepared: String { path + "/" + VaultFolder.preparedName }
  private var pending: String { path + "/" + VaultFolder.pendingName }

  /// Opens or makes a vault, and completes what an earlier run began.
  ///
  /// - Throws: `.busy` when another run is at work, `.notWritable` when something else is there.
  init(_ path: String, isDurable: Bool) throws(FormatError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    self.isDurable = isDurable
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let parent = path.contains("/") ? String(path.dropLast(name.count)) : "./"
    do throws(FileError) {
      lock = try HeldLock(parent + ".\(name).carryover-lock")
      switch try FileStatus(path: path)?.kind {
      case nil: isNew = true
      case .directory:
        let content = try listDirectory(path).filter { $0.name != VaultFolder.preparedName }
        isNew = content.isEmpty
      default: throw FileError(.exists, path: path, operation: "opening the vault")
      }
    } catch {
      throw FormatError(writing: error)
    }
    if !isNew {
      try settle()
      guard Bundle.recognizes(path) else {
        var error = FormatError(
          .notWritable, "the folder holds something other than a vault", at: .file(path: path),
          advice: "choose another one")
        error.isAboutTarget = true
        throw error
      }
    }
    try writing { () throws(FileError) in
      try removeTree(prepared)
      try createDirectory(prepared)
    }
  }

  /// The vault as it is; nil when it is new.
  func existing() throws(FormatError) -> Bundle? {
    isNew ? nil : try Bundle(path)
  }

  /// Prepares a file.
  func add(_ name: String, _ file: PayloadFile) throws(FormatError) {
    let target = prepared + "/" + name
    try writing { () throws(FileError) in
      try createDirectory(String(target.prefix(upTo: target.lastIndex(of: "/") ?? target.endIndex)))
    }
    var output = try writing { () throws(FileError) in try AtomicOutput(replacing: target) }
    try file.forEachPiece { (piece) throws(FormatError) in
      do throws(FileError) { try output.write(piece) } catch { throw FormatError(writing: error) }
    }
    do throws(FileError) {
      try output.commit(durable: isDurable, synchronizesFolder: false)
      if let modified = file.attributes?.modified {
        try setAttributes(of: target, permissions: nil, modified: modified)
      }
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Removes a prepared folder.
  func drop(_ folder: String) {
    discardTree(prepared + "/" + folder)
  }

  /// Prepares the files that say what the vault holds.
  func stage(_ tags: [String: [UInt8]]) throws(FormatError) {
    for (name, bytes) in tags { try add(name, PayloadFile(path: name, bytes: bytes)) }
  }

  /// The vault as it will be once everything prepared is part of it.
  var staged: VaultFolder { VaultFolder(path, adding: VaultFolder.preparedName) }

  /// Makes everything prepared part of the vault.
  func publish() throws(FormatError) {
    try writing { () throws(FileError) in
      if isDurable { try Self.synchronizeFolders(prepared) }
      try renameFile(prepared, to: pending)
      if isDurable { try synchronize(path) }
    }
    try settle()
  }

  /// Ends without changing the vault.
  func discard() {
    discardTree(prepared)
    if isNew { discardEmptyDirectory(path) }
  }

  /// Moves what counts already to its place.
  private func settle() throws(FormatError) {
    try writing { () throws(FileError) in
      guard try FileStatus(path: pending, followingLinks: false)?.kind == .directory else {
        return
      }
      try move("data")
      for name in BundleLayout.tags.reversed() { try move(name) }
      if isDurable { try synchronize(path) }
      try removeTree(pending)
    }
  }

  private func move(_ name: String) throws(FileError) {
    let source = pending + "/" + name
    let target = path + "/" + name
    switch try FileStatus(path: source, followingLinks: false)?.kind {
    case nil: return
    case .directory:
      // A folder that is not there yet moves as a whole.
      if try FileStatus(path: target, followingLinks: false) == nil {
        try renameFile(source, to: target)
        return
      }
      for entry in try listDirectory(source) { try move(name + "/" + entry.name) }
      if isDurable { try synchronize(target) }
    default: try renameFile(source, to: target)
    }
  }

  private static func synchronizeFolders(_ path: String) throws(FileError) {
    for entry in try listDirectory(path) where entry.kind == .directory {
      try synchronizeFolders(path + "/" + entry.name)
    }
    try synchronize(path)
  }
}
