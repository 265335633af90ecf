internal import FileIO
internal import SessionCoding

/// Where the files of sessions lie below the configuration folder.
struct ClaudeLayout: Sendable {
  /// The folder that the places are counted from, and what stands before them.
  private let base: String
  private let prefix: String
  /// Whether the base is a configuration folder, with what it holds beside `projects`.
  private let isWhole: Bool

  /// Folders beside `projects` with a folder for each session.
  private static let sessionFolders = ["file-history", "tasks"]

  /// - Parameter folder: A configuration folder, its `projects`, or the folder of one project.
  init(folder: String) {
    base = cleanPath(folder)
    let parent = ClaudeFile.folder(base)
    // What cannot be looked at is no configuration folder either.
    isWhole = FileStatus.guess(base + "/projects")?.kind == .directory
    let name = base.split(separator: "/").last ?? ""
    if isWhole {
      prefix = ""
    } else if name == "projects" {
      prefix = "projects/"
    } else {
      prefix = parent.split(separator: "/").last == "projects" ? "projects/\(name)/" : ""
    }
  }

  private func file(_ path: String) -> SessionFile {
    let path = cleanPath(path)
    let start = base == "." ? 0 : base.utf8.count + (base == "/" ? 0 : 1)
    let place = path[path.utf8.index(path.startIndex, offsetBy: start)...]
    return SessionFile(path: path, relativePath: prefix + place)
  }

  /// The files of a session: its own, what lies in its folders, and those of its sub-agents.
  ///
  /// - Parameter siblings: The files of sub-agents that lie beside the session; others are in its folder.
  func files(of session: ClaudeFile, siblings: [ClaudeFile]) throws(FileError) -> [SessionFile] {
    var paths = [session.path]
    if session.owner != nil {
      paths += session.files.dropFirst().filter { FileStatus.guess($0)?.kind == .file }
    } else {
      try Self.add(session.sideFolder, to: &paths)
    }
    for folder in isWhole && session.owner == nil ? Self.sessionFolders : [] {
      try Self.add("\(base)/\(folder)/\(session.stem)", to: &paths)
    }
    paths += siblings.map(\.path)
    return paths.map(file)
  }

  /// The regular files below a folder, in byte order of their names; links are not followed.
  private static func add(_ folder: String, to paths: inout [String]) throws(FileError) {
    guard try FileStatus(path: folder, followingLinks: false)?.kind == .directory else { return }
    for entry in try listDirectory(folder) where entry.isNameExact {
      let path = folder + "/" + entry.name
      switch entry.kind {
      case .directory: try add(path, to: &paths)
      case .file: paths.append(path)
      default: break
      }
    }
  }

  /// The prompts of all sessions, and the lists that some versions kept of a project's.
  func storeFiles(projects: [String]) throws(FileError) -> [StoreFile] {
    var files: [StoreFile] = []
    let history = base + "/history.jsonl"
    if isWhole, try FileStatus(path: history)?.kind == .file {
      files.append(StoreFile(file(history), merging: .lines))
    }
    for project in projects {
      let index = project + "/sessions-index.json"
      do throws(FileError) {
        guard try FileStatus(path: index)?.kind == .file else { continue }
      } catch {
        // That the project cannot be looked at is told when the store is opened.
        continue
      }
      files.append(StoreFile(file(index), merging: .none))
    }
    return files
  }
}
