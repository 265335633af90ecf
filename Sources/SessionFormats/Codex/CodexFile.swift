internal import FileIO
internal import SessionCoding

/// A rollout file of a store.
struct CodexFile: Sendable {
  /// The session in it; its path below the program's folder is that of the file when it is unpacked.
  var session: LocatedSession
  /// The parts of the file's name; nil for a file that was named by hand.
  var name: CodexFileName?

  var path: String { session.path }
  /// When the program made the file, as its name says.
  var time: String { name?.time ?? "" }
  /// The path below the program's folder.
  var relativePath: String { session.relativePath + (name?.isCompressed == true ? ".zst" : "") }

  /// Folders below the program's own that hold rollouts.
  static let folders = ["sessions", "archived_sessions"]
  /// How many folders of years, months and days lie in one another, and one more.
  private static let depth = 4

  /// - Parameters:
  ///   - relativePath: The path below the program's folder.
  ///   - titles: The names of threads.
  init(
    path: String, relativePath: String, name: CodexFileName?, titles: [String: String] = [:]
  ) {
    let isCompressed = name?.isCompressed ?? false
    self.name = name
    session = LocatedSession(
      id: name?.id ?? LocatedSession.stem(path), path: path,
      relativePath: isCompressed ? String(relativePath.dropLast(4)) : relativePath)
    session.titles = titles
  }

  /// The folder that holds `sessions`, for a path to it or to `sessions` itself; else nil.
  static func home(of path: String) -> String? {
    let path = path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    if folders.contains(where: { FileStatus.guess(path + "/" + $0)?.kind == .directory }) {
      return path
    }
    return folders.first { path.hasSuffix("/" + $0) }.map { String(path.dropLast($0.count + 1)) }
  }

  /// The program's folder, for a path to the sessions of a year, month or day in it; else nil.
  static func home(above path: String) -> String? {
    var parts = cleanPath(path).split(separator: "/", omittingEmptySubsequences: false)
    let days = parts.reversed().prefix { CodexFileName.isDay(String($0)) }.count
    guard (1...3).contains(days) else { return nil }
    parts.removeLast(days)
    guard let last = parts.popLast(), folders.contains(String(last)) else { return nil }
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  /// The program's folder that a rollout lies in.
  static func home(ofFile path: String) -> String? {
    folders.lazy.compactMap { path.ranges(of: "/\($0)/").last }.first.map {
      String(path[..<$0.lowerBound])
    }
  }

  /// All rollout files below the program's folder or a folder of sessions.
  ///
  /// - Parameter store: Notes what lies in the places of files and is none.
  static func list(
    _ path: String, titles: [String: String] = [:], _ store: inout StoreFiles
  ) throws(FileError) -> [CodexFile] {
    var files: [CodexFile] = []
    let holders = folders.filter { store.hasFolder(at: path + "/" + $0) }
    if holders.isEmpty {
      let folder = path.hasSuffix("archived_sessions") ? "archived_sessions" : "sessions"
      try walk(path, folder, depth, titles, &files, &store)
    }
    for folder in holders {
      try walk(path + "/" + folder, folder, depth, titles, &files, &store)
    }
    // The plain file wins over the compressed one beside it.
    let plain = Set(files.lazy.filter { $0.name?.isCompressed == false }.map(\.relativePath))
    return files.filter {
      $0.name?.isCompressed == false || !plain.contains($0.session.relativePath)
    }
  }

  private static func walk(
    _ path: String, _ relative: String, _ depth: Int, _ titles: [String: String],
    _ files: inout [CodexFile], _ store: inout StoreFiles
  ) throws(FileError) {
    for entry in try listDirectory(path) where entry.isNameExact {
      let (place, below) = (path + "/" + entry.name, relative + "/" + entry.name)
      if depth > 0, CodexFileName.isDay(entry.name) {
        store.noteLinkedFolder(entry, at: place)
        guard entry.kind == .directory else { continue }
        do throws(FileError) {
          try walk(place, below, depth - 1, titles, &files, &store)
        } catch {
          store.noteUnreadable(place, error)
        }
      } else if let name = CodexFileName(entry.name), store.isFile(entry, at: place) {
        files.append(CodexFile(path: place, relativePath: below, name: name, titles: titles))
      }
    }
  }
}
