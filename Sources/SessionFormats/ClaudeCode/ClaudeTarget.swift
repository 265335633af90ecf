internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A configuration or `projects` folder being written to: each session appears by rename.
final class ClaudeTarget: SessionTarget {
  private let path: String
  /// The folder of projects.
  private let root: String
  private let options: WriteOptions
  private let isNew: Bool
  private let state = Mutex(State())

  private struct State {
    var hasPublished = false
    /// The working folders of sessions that were written, by identifier.
    var workspaces: [String: String] = [:]
    var storeCarry: [UInt8]?
    /// The project folders that hold each name, as they were found when one was first asked for.
    var projects: [String: [String]]?
  }

  static let profile = "2.1.329"
  var profile: String { Self.profile }
  var allowsParallelWriters: Bool { true }

  init(path: String, options: WriteOptions) throws(FormatError) {
    guard options.profile ?? Self.profile == Self.profile else {
      throw FormatError(
        .unsupportedVersion, "Claude Code has no profile \(options.profile ?? "")",
        advice: "use \(Self.profile)")
    }
    let whole = cleanPath(path)
    let parent = ClaudeFile.folder(whole)
    // Other folders than the program's may be called so.
    if ClaudeFile.name(parent) == "projects", ClaudeProjectKey.isUsual(ClaudeFile.name(whole)) {
      throw FormatError(
        .notWritable, "this is the folder of one project, in which no others have a place",
        at: .file(path: path), advice: "name \(ClaudeFile.folder(parent)) as the destination")
    }
    self.options = options
    self.path = path
    root = ClaudeFile.name(path) == "projects" ? path : path + "/projects"
    do throws(FileError) {
      let status = try FileStatus(path: path)
      if let status, status.kind != .directory {
        throw FileError(.exists, path: path, operation: "opening the configuration folder")
      }
      isNew = status == nil
    } catch {
      throw FormatError(writing: error)
    }
  }

  func identifier(for head: SessionHead) -> String {
    let parts = ClaudeID(head.id)
    if let parent = head.parent, parent.kind == .subagent, parts?.owner == nil,
      let owner = ClaudeID(identifier(for: SessionHead(id: parent.id)))
    {
      return "\(owner.owner ?? owner.stem)/agent-\(Self.agent(head.id))"
    }
    if parts?.isWritten ?? false { return head.id }
    return DerivedUUID("carryover session \(head.id)").own
  }

  /// The identifier of a helper among those of its session.
  private static func agent(_ id: String) -> String {
    if let parts = ClaudeID(id), parts.owner != nil { return String(parts.stem.dropFirst(6)) }
    // The program's own are `a` and 16 hexadecimal digits.
    return "a" + ContentHash(value: hash64(id.utf8)).hex
  }

  /// The helper that started a helper; nil where the session itself did.
  func starter(of head: SessionHead, in owner: String?) -> String? {
    guard let parent = head.parent, parent.kind == .subagent, parent.id != owner,
      identifier(for: SessionHead(id: parent.id)) != owner
    else { return nil }
    return Self.agent(parent.id)
  }

  // MARK: Files

  /// The file of a session at a name below its project's folder.
  private func file(_ id: String, _ parts: ClaudeID, _ project: String, _ name: String)
    -> ClaudeFile
  {
    let isSibling = parts.owner != nil && !name.contains("/")
    return ClaudeFile(
      id: id, path: "\(root)/\(project)/\(name)", project: project,
      owner: isSibling ? nil : parts.owner, isSibling: isSibling)
  }

  /// The file of a session that is there already.
  private func find(_ id: String) throws(FormatError) -> (file: ClaudeFile, status: FileStatus)? {
    guard let parts = ClaudeID(id) else { return nil }
    for name in parts.names {
      for project in try projects(holding: String(name.prefix { $0 != "/" }))
      where parts.project ?? project == project {
        let file = file(id, parts, project, name)
        if let status = try FileStatus(existingAt: file.path), status.kind != .directory {
          return (file, status)
        }
      }
    }
    return nil
  }

  /// The project folders in which something has a name; each folder is listed once in a run.
  private func projects(holding name: String) throws(FormatError) -> [String] {
    if let known = state.withLock({ $0.projects }) { return known[name] ?? [] }
    var found: [String: [String]] = [:]
    do throws(FileError) {
      guard try FileStatus(path: root) != nil else { return [] }
      for project in try listDirectory(root)
      where project.kind == .directory && project.isNameExact {
        for entry in try listDirectory(root + "/" + project.name) where entry.isNameExact {
          found[entry.name, default: []].append(project.name)
        }
      }
    } catch {
      throw FormatError(writing: error)
    }
    state.withLock { $0.projects = found }
    return found[name] ?? []
  }

  /// The project folder that a head asks for: the one it was in, else that of its workspace.
  private static func project(of head: SessionHead) -> String {
    if let extra = head.extras.value("project", of: ClaudeCode.id),
      let name = JSONDocument(ifValid: Array(extra.bytes))?.root.string?.string,
      ClaudeID.isSafe(name)
    {
      return name
    }
    // Without a folder of its own a session would lie outside every project.
    return ClaudeProjectKey.key(ofFolder: head.workspace.flatMap { $0.isEmpty ? nil : $0 } ?? "/")
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    guard let (file, status) = try find(id) else { return nil }
    let source = ClaudeSource(file: file)
    let side = try source.scanned(id).decoder.carry.path
    return try ExistingSession(
      id, in: source, files: file.files + [side].compactMap(\.self), file: status)
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    guard let parts = ClaudeID(id) else {
      throw FormatError(
        .notExpressible, "\"\(id)\" cannot be the name of a session file",
        advice: "identifiers are letters, digits, - and _")
    }
    // Before 2.1 sub-agents lay beside their session.
    let isSibling = head.extras.value("layout", of: ClaudeCode.id) != nil
    let name = parts.names[isSibling ? parts.names.count - 1 : 0]
    let found = existing == nil ? nil : try find(id)
    var file =
      found?.file ?? file(id, parts, parts.project ?? Self.project(of: head), name)
    file.descriptions = head.extras.filter {
      $0.format == ClaudeCode.id && ClaudeFile.descriptionNames.contains($0.key)
    }
    do throws(FileError) {
      try createDirectory(ClaudeFile.folder(file.path), permissions: 0o700, intermediates: true)
      return ClaudeWriter(
        target: self, file: file, head: head,
        output: try AtomicOutput(
          replacing: file.path, expecting: AtomicOutput.Expectation(existing?.file)),
        options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Notes a session that has just appeared.
  func noteSession(_ file: ClaudeFile, workspace: String?) {
    state.withLock { state in
      state.hasPublished = true
      state.workspaces[file.id] = workspace
      guard let project = file.project else { return }
      let name = String(file.path.dropFirst("\(root)/\(project)/".count).prefix { $0 != "/" })
      if !(state.projects?[name]?.contains(project) ?? false) {
        state.projects?[name, default: []].append(project)
      }
    }
  }

  func resumeCommand(for id: String) -> ResumeCommand? {
    guard let parts = ClaudeID(id), parts.owner == nil, parts.isWritten else { return nil }
    return ResumeCommand(
      ["claude", "--resume", parts.stem], in: state.withLock { $0.workspaces[id] },
      variable: "CLAUDE_CONFIG_DIR", home: String(root.dropLast("/projects".count)),
      usual: ClaudeCode().info.defaultLocation())
  }

  // MARK: The store

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, !records.isEmpty else { return }
    let bytes = StoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    let state = state.withLock { $0 }
    guard state.hasPublished || !isNew, let carry = state.storeCarry else { return }
    try StoreCarry.write(carry, in: path, durable: options.isDurable)
  }

  func discard() {
    guard isNew, !state.withLock({ $0.hasPublished }) else { return }
    Self.removeEmptyFolders(path)
  }

  /// Removes a folder when it holds nothing but empty folders, a few levels down at most.
  private static func removeEmptyFolders(_ path: String, depth: Int = 0) {
    guard depth < 5 else { return }
    for entry in guessListing(path) where entry.kind == .directory && entry.isNameExact {
      removeEmptyFolders(path + "/" + entry.name, depth: depth + 1)
    }
    discardEmptyDirectory(path)
  }
}
