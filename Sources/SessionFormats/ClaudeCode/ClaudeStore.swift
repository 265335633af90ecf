internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The folders and files of a store: a configuration folder, its `projects` folder, or one project's.
struct ClaudeStore: Sendable {
  /// The folder that places are counted from, and what stands before them.
  private let base, prefix: String
  /// Whether the base is a configuration folder, with what it holds beside `projects`.
  private let isWhole: Bool
  /// The folders with sessions; the project's name is the last part.
  let projects: [String]
  /// Symbolic links among those folders, which are not followed.
  private let links: [DirectoryEntry]
  private let linksFolder: String

  /// Folders beside `projects` with a folder for each session.
  private static let sessionFolders = ["file-history", "tasks"]

  /// Looks at a folder.
  ///
  /// - Throws: What listing it, or its folder of projects, reports.
  init(path: String) throws(FileError) {
    var (folder, entries) = (path, try listDirectory(path))
    var isWhole = entries.contains { $0.name == "projects" && $0.kind != .file }
    if isWhole { isWhole = try FileStatus(path: path + "/projects")?.kind == .directory }
    if isWhole {
      folder = path + "/projects"
      entries = try listDirectory(folder)
    } else if entries.contains(where: { $0.kind != .directory && $0.name.hasSuffix(".jsonl") }) {
      self.init(base: path, isWhole: false, projects: [path])
      return
    }
    entries = entries.filter(\.isNameExact)
    self.init(
      base: path, isWhole: isWhole,
      projects: entries.filter { $0.kind == .directory }.map { folder + "/" + $0.name },
      links: entries.filter { $0.kind == .symbolicLink }, in: folder)
  }

  /// The store around a session that was given by itself, of which nothing else is looked at.
  init(around file: ClaudeFile) {
    let base = ClaudeFile.folder(file.owner == nil ? file.path : file.sideFolder)
    // What cannot be looked at is no configuration folder either.
    let isWhole = FileStatus.guess(base + "/projects")?.kind == .directory
    self.init(base: base, isWhole: isWhole, projects: [])
  }

  private init(
    base: String, isWhole: Bool, projects: [String], links: [DirectoryEntry] = [],
    in linksFolder: String = ""
  ) {
    self.base = cleanPath(base)
    let (name, parent) = (ClaudeFile.name(self.base), ClaudeFile.folder(self.base))
    if isWhole {
      prefix = ""
    } else if name == "projects" {
      prefix = "projects/"
    } else {
      prefix = ClaudeFile.name(parent) == "projects" ? "projects/\(name)/" : ""
    }
    self.isWhole = isWhole
    self.projects = projects
    self.links = links
    self.linksFolder = linksFolder
  }

  /// Whether one of the first files is a session of this format, or its place and name say so.
  var looksLikeStore: Bool {
    // Guesses: whoever opens it says why it cannot be read.
    if projects.contains(where: { ClaudeFile.name(ClaudeFile.folder($0)) == "projects" }) {
      for project in projects.prefix(20) {
        let isNamed = guessListing(project).contains { entry in
          entry.kind == .file && entry.name.hasSuffix(".jsonl")
            && ClaudeID.isUUID(entry.name.dropLast(6))
        }
        if isNamed || hasAgents(project) { return true }
      }
    }
    var looked = 0
    for project in projects {
      for entry in guessListing(project)
      where entry.kind != .directory && entry.name.hasSuffix(".jsonl") && entry.isNameExact {
        if ClaudeLineStream.looksLikeSession(project + "/" + entry.name) { return true }
        looked += 1
        if looked == 20 { return false }
      }
    }
    return false
  }

  /// Whether sub-agents of a session are there, as when the session itself was removed.
  private func hasAgents(_ project: String) -> Bool {
    guessListing(project).contains { entry in
      entry.kind == .directory && ClaudeID.isUUID(entry.name)
        && guessListing(project + "/" + entry.name + "/subagents").contains(where: Self.isAgent)
    }
  }

  private static func isAgent(_ entry: DirectoryEntry) -> Bool {
    entry.name.hasPrefix("agent-") && entry.name.hasSuffix(".jsonl")
  }

  // MARK: Sessions

  /// What listing a store finds.
  struct Listing {
    var files: [ClaudeFile] = []
    var findings: [Finding] = []
    /// Notes what lies in the places of files and is none.
    var store = StoreFiles()

    mutating func note(_ rule: String, _ path: String, _ message: String) {
      findings.append(
        Finding(
          rule: "claude-code.\(rule)", severity: .warning, place: .file(path: path),
          message: message))
    }

    mutating func add(_ file: ClaudeFile) {
      var file = file
      if store.hasFile(at: file.descriptionPath), let problem = file.describe() {
        findings.append(problem)
      }
      files.append(file)
    }
  }

  /// All session files, ordered by identifier, and what is wrong with the store.
  func list() throws(FormatError) -> Listing {
    var listing = Listing()
    for link in links {
      listing.store.noteLinkedFolder(link, at: linksFolder + "/" + link.name)
    }
    for project in projects {
      do throws(FileError) {
        try Self.add(project, to: &listing)
      } catch  where projects.count > 1 {
        // The other projects do not depend on it.
        listing.store.noteUnreadable(project, error)
      } catch {
        throw FormatError(reading: error)
      }
    }
    Self.separate(&listing)
    listing.files.sort { ($0.id, $0.path) < ($1.id, $1.path) }
    return listing
  }

  private static func add(_ project: String, to listing: inout Listing) throws(FileError) {
    for entry in try listDirectory(project) where entry.isNameExact {
      let path = project + "/" + entry.name
      guard entry.name.hasSuffix(".jsonl") else {
        if entry.kind == .directory {
          do throws(FileError) {
            try addAgents(path, ClaudeFile.name(project), to: &listing)
          } catch {
            listing.store.noteUnreadable(path, error)
          }
        } else if entry.kind == .symbolicLink,
          FileStatus.guess(path + "/subagents")?.kind == .directory
        {
          listing.store.noteUnfollowed(path)
        }
        continue
      }
      guard listing.store.isFile(entry, at: path) else { continue }
      if entry.kind == .symbolicLink {
        listing.note(
          "symbolic-link", path, "a session file is a symbolic link; what it points to is read")
      }
      var file = ClaudeFile(id: "", path: path, project: ClaudeFile.name(project))
      file.id = file.stem
      if file.isAgent { file.becomeSibling() }
      listing.add(file)
    }
  }

  private static func addAgents(
    _ side: String, _ project: String, to listing: inout Listing
  ) throws(FileError) {
    let (folder, session) = (side + "/subagents", ClaudeFile.name(side))
    guard listing.store.hasFolder(at: folder) else { return }
    var places = [(folder, session)]
    let workflows = folder + "/workflows"
    if listing.store.hasFolder(at: workflows) {
      for run in try listDirectory(workflows) where run.isNameExact {
        listing.store.noteLinkedFolder(run, at: workflows + "/" + run.name)
        guard run.kind == .directory else { continue }
        places.append((workflows + "/" + run.name, session + "/" + run.name))
      }
    }
    for (place, prefix) in places {
      for entry in try listDirectory(place) where entry.isNameExact && isAgent(entry) {
        let path = place + "/" + entry.name
        guard listing.store.isFile(entry, at: path) else { continue }
        var file = ClaudeFile(id: "", path: path, project: project, owner: session)
        file.id = prefix + "/" + file.stem
        listing.add(file)
      }
    }
  }

  /// Gives files of one identifier distinct ones: the project's name is appended.
  private static func separate(_ listing: inout Listing) {
    let counts = Dictionary(grouping: listing.files, by: \.id).mapValues(\.count)
    var names = DistinctNames()
    for (index, file) in listing.files.enumerated() where counts[file.id] ?? 0 > 1 {
      listing.note(
        "session-id-unique", file.path,
        "another project has a session \(file.id) too; this one is listed with "
          + "its project's name appended")
      // Names of projects may look the same.
      listing.files[index].id = names.next(file.id + "@" + (file.project ?? ""))
    }
    // Projects whose names are equal as texts are told apart by numbers.
    names = DistinctNames()
    for index in listing.files.indices {
      listing.files[index].id = names.next(listing.files[index].id)
    }
  }

  // MARK: What belongs to sessions

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
      paths += [session.descriptionPath].filter { FileStatus.guess($0)?.kind == .file }
    } else {
      try Self.add(session.sideFolder, to: &paths)
      for folder in isWhole ? Self.sessionFolders : [] {
        try Self.add("\(base)/\(folder)/\(session.stem)", to: &paths)
      }
    }
    return (paths + siblings.map(\.path)).map(file)
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
  func storeFiles() throws(FileError) -> [StoreFile] {
    var files: [StoreFile] = []
    let history = base + "/history.jsonl"
    if isWhole, !projects.isEmpty, try FileStatus(path: history)?.kind == .file {
      files.append(StoreFile(file(history), merging: .lines))
    }
    for project in projects {
      let index = project + "/sessions-index.json"
      // That the project cannot be looked at is told when the store is opened.
      guard (try? FileStatus(path: index))??.kind == .file else { continue }
      files.append(StoreFile(file(index), merging: .none))
    }
    return files
  }
}
