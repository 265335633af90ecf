import FileIO
import Synchronization

/// The file of a new database, which is built beside its place.
final class StagedDatabase: Sendable {
  private static let name = "staged.db"
  private let path: String
  /// The folders that were made above the place, the outermost first.
  private let folders: [String]
  /// Nil when there is nothing to publish any more.
  private let folder: Mutex<StagedDirectory?>
  /// The file that is built.
  let file: String

  /// Makes an empty file, which only its owner can read, and the folders that are missing.
  init(for path: String) throws(FileError) {
    self.path = path
    folders = try Self.makeFolders(above: path)
    let folder = try StagedDirectory(nextTo: path)
    file = folder.path(of: Self.name)
    // SQLite would let everybody read it.
    try AtomicOutput(replacing: file, permissions: 0o600).commit(durable: false)
    self.folder = Mutex(consume folder)
  }

  private static func makeFolders(above path: String) throws(FileError) -> [String] {
    var missing: [String] = []
    var folder = path
    while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
      folder = String(folder[..<slash])
      if folder.hasSuffix("/") { continue }
      if try FileStatus(path: folder) != nil { break }
      missing.append(folder)
    }
    for folder in missing.reversed() { try createDirectory(folder, intermediates: false) }
    return missing.reversed()
  }

  /// Moves the file to its place, after the one with its carries; an empty file that stands there is
  /// replaced.
  func publish(durable: Bool) throws(FileError) {
    let isReplaced = try FileStatus(path: path)?.size == 0
    try folder.withLock { folder throws(FileError) in
      if try FileStatus(path: CarryTables.file(beside: file)) != nil {
        try folder?.publishFile(
          CarryTables.file(beside: Self.name), at: CarryTables.file(beside: path),
          replacing: true, durable: durable)
      }
      try folder?.publishFile(Self.name, at: path, replacing: isReplaced, durable: durable)
      folder = nil
    }
  }

  /// Removes what is not published, with the folders that were made for it.
  func discard() {
    let isUnpublished = folder.withLock { folder in
      defer { folder = nil }
      return folder != nil
    }
    if isUnpublished { for folder in folders.reversed() { discardEmptyDirectory(folder) } }
  }

  deinit { discard() }
}
