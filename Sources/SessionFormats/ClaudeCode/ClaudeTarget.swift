internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A configuration or `projects` folder being written to: each session appears by rename.
final class ClaudeTarget: SessionTarget {
  private let root: String
  private let path: String
  private let options: WriteOptions
  private let isNew: Bool
  private let state = Mutex(State())
  /// The project folders that hold each name, as they were found when one was first asked for.
  private let projects = Mutex<[String: [String]]?>(nil)

  private struct State {
    var hasPublished = false
    /// The working folders of sessions that were written, by identifier.
    var workspaces: [String: String] = [:]
    var storeCarry: [UInt8]?
  }

  /// The configuration folder.
  private var configuration: String { String(root.dropLast("/projects".count)) }

  var profile: String { "2.1.329" }
  var allowsParallelWriters: Bool { true }

  init(path: String, options: WriteOptions) throws(FormatError) {
    guard options.profile.map({ $0 == "2.1.329" }) ?? true else {
      throw FormatError(
        .unsupportedVersion, "Claude Code has no profile \(options.profile ?? "")",
        advice: "use 2.1.329")
    }
    self.options = options
    self.path = path
    root = ClaudeFile.stem(path) == "projects" ? path : path + "/projects"
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
    if ClaudePlace(id: head.id)?.isWritten ?? false { return head.id }
    return DerivedUUID("carryover session \(head.id)").own.text
  }

  /// The file of a session that is there already.
  private func find(_ id: String) throws(FormatError) -> (file: ClaudeFile, status: FileStatus)? {
    guard let place = ClaudePlace(id: id) else { return nil }
    for name in place.names {
      let first = name.prefix { $0 != "/" }
      for project in try projects(holding: String(first)) {
        if let wanted = place.project, wanted != project { continue }
        let path = "\(root)/\(project)/\(name)"
        guard let status = try FileStatus(existingAt: path), status.kind != .directory else {
          continue
        }
        return (place.file(id: id, path: path, project: project), status)
      }
    }
    return nil
  }

  /// The project folders in which something has a name; each folder is listed once in a run.
  private func projects(holding name: String) throws(FormatError) -> [String] {
    if let known = projects.withLock({ $0 }) { return known[name] ?? [] }
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
    projects.withLock { $0 = found }
    return found[name] ?? []
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    guard let (file, status) = try find(id) else { return nil }
    let scan = try ClaudeScan(file, options: .unlimited)
    return ExistingSession(
      carry: scan.carry, files: file.files + [scan.carryPath].compactMap(\.self), file: status
    ) {
      () throws(FormatError) in
      try ClaudeSource.fingerprint(path: file.path, options: .unlimited)
    } reader: { () throws(FormatError) in
      try ClaudeReader(file, scan: scan, options: .unlimited)
    }
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    guard let place = ClaudePlace(id: id) else {
      throw FormatError(
        .notExpressible, "\"\(id)\" cannot be the name of a session file",
        advice: "identifiers are letters, digits, - and _")
    }
    var file: ClaudeFile
    if existing != nil, let found = try find(id) {
      file = found.file
    } else {
      let project = place.project ?? Self.project(of: head)
      let isSibling = head.extras.value("layout", of: ClaudeCode.id) != nil
      let name = place.names[isSibling ? place.names.count - 1 : 0]
      file = place.file(id: id, path: "\(root)/\(project)/\(name)", project: project)
    }
    for extra in head.extras
    where extra.format == ClaudeCode.id
      && (extra.key == "meta.json" || extra.key == "custom-title.json")
    {
      file.descriptions.append(ClaudeFile.Description(name: extra.key, value: extra.value))
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

  /// The project folder that a head asks for: the one it was in, else that of its workspace.
  private static func project(of head: SessionHead) -> String {
    if let extra = head.extras.value("project", of: ClaudeCode.id),
      let document = JSONDocument(ifValid: Array(extra.bytes)),
      let name = document.root.string?.string,
      ClaudePlace.isSafe(name)
    {
      return name
    }
    // Without a folder of its own a session would lie outside every project.
    return ClaudeProjectKey.key(for: head.workspace.flatMap { $0.isEmpty ? nil : $0 } ?? "/")
  }

  /// Notes a session that has just appeared.
  func noteSession(_ file: ClaudeFile, workspace: String?) {
    state.withLock {
      $0.hasPublished = true
      $0.workspaces[file.id] = workspace
    }
    guard let project = file.project else { return }
    let name = String(file.path.dropFirst("\(root)/\(project)/".count).prefix { $0 != "/" })
    projects.withLock { known in
      if known?[name]?.contains(project) == false || known?[name] == nil {
        known?[name, default: []].append(project)
      }
    }
  }

  func resumeCommand(for id: String) -> ResumeCommand? {
    guard let place = ClaudePlace(id: id), place.owner == nil, place.isWritten else { return nil }
    return ResumeCommand(
      ["claude", "--resume", place.stem], in: state.withLock { $0.workspaces[id] },
      variable: "CLAUDE_CONFIG_DIR", home: configuration, usual: ClaudeCode().info.defaultLocation()
    )
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, !records.isEmpty else { return }
    let bytes = StoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    guard let carry = state.withLock({ $0.storeCarry }) else { return }
    do throws(FileError) {
      guard try FileStatus(path: path) != nil else { return }
      var output = try AtomicOutput(replacing: path + "/" + StoreCarry.fileName)
      try output.write(carry)
      try output.commit(durable: options.isDurable)
    } catch {
      throw FormatError(writing: error)
    }
  }

  func discard() {
    guard isNew, !state.withLock({ $0.hasPublished }) else { return }
    Self.removeEmptyFolders(path)
  }

  /// Removes a folder when it holds nothing but empty folders, three levels down at most.
  private static func removeEmptyFolders(_ path: String, depth: Int = 0) {
    guard depth < 5, let entries = try? listDirectory(path) else { return }
    for entry in entries where entry.kind == .directory && entry.isNameExact {
      removeEmptyFolders(path + "/" + entry.name, depth: depth + 1)
    }
    discardEmptyDirectory(path)
  }
}
