internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The folders of a store: a configuration folder, its `projects` folder, or one project's folder.
struct ClaudeStore {
  /// The folders with sessions, by path; the project's name is the last part.
  let projects: [String]
  /// Symbolic links among those folders, which are not followed.
  private let links: [(entry: DirectoryEntry, path: String)]

  /// Looks at a folder.
  ///
  /// - Throws: What listing it, or its folder of projects, reports.
  init(path: String) throws(FileError) {
    let entries = try listDirectory(path)
    if entries.contains(where: { $0.name == "projects" && $0.kind != .file }),
      try FileStatus(path: path + "/projects")?.kind == .directory
    {
      (projects, links) = Self.folders(
        try listDirectory(path + "/projects"), in: path + "/projects")
    } else if entries.contains(where: { $0.kind != .directory && $0.name.hasSuffix(".jsonl") }) {
      projects = [path]
      links = []
    } else {
      (projects, links) = Self.folders(entries, in: path)
    }
  }

  private static func folders(_ entries: [DirectoryEntry], in path: String)
    -> (folders: [String], links: [(entry: DirectoryEntry, path: String)])
  {
    let entries = entries.filter(\.isNameExact).map { (entry: $0, path: path + "/" + $0.name) }
    return (
      entries.filter { $0.entry.kind == .directory }.map(\.path),
      entries.filter { $0.entry.kind == .symbolicLink }
    )
  }

  /// Whether one of the first files is a session of this format, or its place and name say so.
  var looksLikeStore: Bool {
    var looked = 0
    if projects.contains(where: { ClaudeFile.stem(ClaudeFile.folder($0)) == "projects" }) {
      for project in projects.prefix(20) {
        for entry in guessListing(project) where entry.kind == .file {
          if entry.name.hasSuffix(".jsonl"), ClaudeID.isUUID(entry.name.dropLast(6)) { return true }
        }
        if hasAgents(project) { return true }
      }
    }
    for project in projects {
      for entry in guessListing(project)
      where entry.kind != .directory && entry.name.hasSuffix(".jsonl") && entry.isNameExact {
        if ClaudeLine.looksLikeSession(project + "/" + entry.name) { return true }
        looked += 1
        if looked == 20 { return false }
      }
    }
    return false
  }

  /// Whether sub-agents of a session are there, as when the session itself was removed.
  private func hasAgents(_ project: String) -> Bool {
    guessListing(project).contains { entry in
      entry.kind == .directory && ClaudeID.isUUID(entry.name[...])
        && guessListing(project + "/" + entry.name + "/subagents").contains {
          $0.name.hasPrefix("agent-") && $0.name.hasSuffix(".jsonl")
        }
    }
  }

  /// All session files, ordered by identifier, and what is wrong with the store.
  ///
  /// - Parameter store: Notes what lies in the places of files and is none.
  func files(
    _ store: inout StoreFiles
  ) throws(FormatError) -> (files: [ClaudeFile], findings: [Finding]) {
    var files: [ClaudeFile] = []
    var findings: [Finding] = []
    for link in links { store.noteLinkedFolder(link.entry, at: link.path) }
    for project in projects {
      do throws(FileError) {
        try add(project, to: &files, &findings, &store)
      } catch  where projects.count > 1 {
        // The other projects do not depend on it.
        store.noteUnreadable(project, error)
      } catch {
        throw FormatError(reading: error)
      }
    }
    Self.separate(&files, &findings)
    files.sort { ($0.id, $0.path) < ($1.id, $1.path) }
    return (files, findings)
  }

  private func add(
    _ project: String, to files: inout [ClaudeFile], _ findings: inout [Finding],
    _ store: inout StoreFiles
  ) throws(FileError) {
    let name = ClaudeFile.stem(project)
    for entry in try listDirectory(project) where entry.isNameExact {
      let path = project + "/" + entry.name
      guard entry.name.hasSuffix(".jsonl") else {
        if entry.kind == .directory {
          do throws(FileError) {
            try addAgents(path, project: name, to: &files, &findings, &store)
          } catch {
            store.noteUnreadable(path, error)
          }
        } else if entry.kind == .symbolicLink,
          FileStatus.guess(path + "/subagents")?.kind == .directory
        {
          store.noteUnfollowed(path)
        }
        continue
      }
      guard store.isFile(entry, at: path) else { continue }
      if entry.kind == .symbolicLink {
        findings.append(
          Finding(
            rule: "claude-code.symbolic-link", severity: .warning, place: .file(path: path),
            message: "a session file is a symbolic link; what it points to is read"))
      }
      var file = ClaudeFile(id: ClaudeFile.stem(path), path: path, project: name)
      if file.isAgent { file.becomeSibling() }
      if store.hasFile(at: file.sideFolder + "/custom-title.json") {
        note(
          file.describe("custom-title.json", at: file.sideFolder + "/custom-title.json"), &findings)
      }
      files.append(file)
    }
  }

  private func note(_ finding: Finding?, _ findings: inout [Finding]) {
    if let finding { findings.append(finding) }
  }

  private func addAgents(
    _ side: String, project: String, to files: inout [ClaudeFile],
    _ findings: inout [Finding], _ store: inout StoreFiles
  ) throws(FileError) {
    let session = ClaudeFile.stem(side)
    let folder = side + "/subagents"
    guard store.hasFolder(at: folder) else { return }
    var places = [(folder, session)]
    let workflows = folder + "/workflows"
    if store.hasFolder(at: workflows) {
      for run in try listDirectory(workflows) where run.isNameExact {
        store.noteLinkedFolder(run, at: workflows + "/" + run.name)
        guard run.kind == .directory else { continue }
        places.append((workflows + "/" + run.name, session + "/" + run.name))
      }
    }
    for (place, prefix) in places {
      for entry in try listDirectory(place)
      where entry.isNameExact && entry.name.hasPrefix("agent-") && entry.name.hasSuffix(".jsonl") {
        let path = place + "/" + entry.name
        guard store.isFile(entry, at: path) else { continue }
        var file = ClaudeFile(
          id: "\(prefix)/\(ClaudeFile.stem(path))", path: path, project: project, owner: session)
        let description = place + "/" + file.stem + ".meta.json"
        if store.hasFile(at: description) {
          note(file.describe("meta.json", at: description), &findings)
        }
        files.append(file)
      }
    }
  }

  /// Gives files of one identifier distinct ones: the project's name is appended.
  private static func separate(_ files: inout [ClaudeFile], _ findings: inout [Finding]) {
    var counts: [String: Int] = [:]
    for file in files { counts[file.id, default: 0] += 1 }
    var taken: Set<String> = []
    for index in files.indices where counts[files[index].id, default: 0] > 1 {
      findings.append(
        Finding(
          rule: "claude-code.session-id-unique", severity: .warning,
          place: .file(path: files[index].path),
          message: "another project has a session \(files[index].id) too; this one is listed with "
            + "its project's name appended"))
      let id = files[index].id + "@" + (files[index].project ?? "")
      // Names of projects may look the same.
      var number = 2
      files[index].id = id
      while !taken.insert(files[index].id).inserted {
        files[index].id = "\(id)-\(number)"
        number += 1
      }
    }
    // Projects whose names are equal as texts are told apart by numbers.
    var names = DistinctNames()
    for index in files.indices { files[index].id = names.next(files[index].id) }
  }
}
