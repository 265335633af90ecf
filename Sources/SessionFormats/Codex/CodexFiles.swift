internal import FileIO
internal import SessionCoding

/// A rollout file of a store.
struct CodexFile: Hashable {
  /// Where it lies.
  var path: String
  /// Its path below the program's folder.
  var relativePath: String
  /// The parts of its name; nil for a file that was named by hand.
  var name: CodexFileName?
  /// Whether it lies among the archived ones.
  var isArchived: Bool
}

/// Finds the rollout files of a store.
enum CodexFiles {
  /// Folders below the program's own that hold rollouts.
  static let folders = ["sessions", "archived_sessions"]

  /// Whether a folder is the program's own or a folder of sessions.
  static func hasRollouts(in path: String) -> Bool {
    for folder in folders where isDirectory(path + "/" + folder) {
      if hasRollout(path + "/" + folder, depth: 4) { return true }
    }
    return hasRollout(path, depth: 4)
  }

  private static func isDirectory(_ path: String) -> Bool {
    FileStatus.guess(path)?.kind == .directory
  }

  private static func hasRollout(_ path: String, depth: Int) -> Bool {
    let entries = guessListing(path)
    if entries.contains(where: { $0.kind != .directory && CodexFileName($0.name) != nil }) {
      return true
    }
    guard depth > 0 else { return false }
    return entries.contains {
      $0.kind == .directory && isNumber($0.name)
        && hasRollout(path + "/" + $0.name, depth: depth - 1)
    }
  }

  private static func isNumber(_ name: String) -> Bool {
    (1...4).contains(name.utf8.count) && name.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// The folder that holds `sessions`, for a path to it or to `sessions` itself; else nil.
  static func home(of path: String) -> String? {
    if folders.contains(where: { isDirectory(path + "/" + $0) }) { return path }
    var trimmed = path
    while trimmed.hasSuffix("/"), trimmed.utf8.count > 1 { trimmed.removeLast() }
    for folder in folders where trimmed.hasSuffix("/" + folder) {
      return String(trimmed.dropLast(folder.utf8.count + 1))
    }
    return nil
  }

  /// All rollout files below a folder, in the order of their paths.
  ///
  /// - Parameter store: Notes what lies in the places of files and is none.
  static func list(_ path: String, _ store: inout StoreFiles) throws(FileError) -> [CodexFile] {
    var files: [CodexFile] = []
    let holders = folders.filter { store.hasFolder(at: path + "/" + $0) }
    if holders.isEmpty {
      let isArchive = path.hasSuffix("archived_sessions")
      try walk(path, isArchive ? "archived_sessions" : "sessions", isArchive, 4, &files, &store)
    }
    for folder in holders {
      try walk(path + "/" + folder, folder, folder == "archived_sessions", 4, &files, &store)
    }
    // The plain file wins over the compressed one beside it.
    let plain = Set(files.lazy.filter { $0.name?.isCompressed == false }.map(\.relativePath))
    return files.filter {
      !($0.name?.isCompressed ?? false) || !plain.contains(String($0.relativePath.dropLast(4)))
    }
  }

  private static func walk(
    _ path: String, _ relative: String, _ isArchived: Bool, _ depth: Int,
    _ files: inout [CodexFile], _ store: inout StoreFiles
  ) throws(FileError) {
    for entry in try listDirectory(path) where entry.isNameExact {
      let place = path + "/" + entry.name
      if depth > 0, isNumber(entry.name) {
        store.noteLinkedFolder(entry, at: place)
        guard entry.kind == .directory else { continue }
        do throws(FileError) {
          try walk(place, relative + "/" + entry.name, isArchived, depth - 1, &files, &store)
        } catch {
          store.noteUnreadable(place, error)
        }
      } else if let name = CodexFileName(entry.name) {
        guard store.isFile(entry, at: place) else { continue }
        files.append(
          CodexFile(
            path: place, relativePath: relative + "/" + entry.name, name: name,
            isArchived: isArchived))
      }
    }
  }
}
