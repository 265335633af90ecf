internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The rules of the format itself.
enum ClaudeRules {
  /// - Parameter isAlone: Whether the file was opened by itself, so that its name need not be one.
  static func findings(
    _ file: ClaudeFile, scan: ClaudeScan, isAlone: Bool, options: ReadOptions
  ) throws(FormatError) -> [Finding] {
    let reader = try ClaudeReader(file, scan: scan, options: options)
    var grants = ClaudeGrantCount()
    while let entry = try reader.next() {
      guard case .event(let event) = entry.content, let data = event.data,
        let document = JSONDocument(ifValid: Array(data.bytes))
      else { continue }
      if let kind = ClaudeGrants.kind(document.root, type: JSONString(event.kind)) {
        grants.add(kind)
      }
    }
    var findings = reader.findings
    func add(_ rule: String, _ severity: Severity, _ message: String) {
      findings.append(
        Finding(
          rule: "claude-code.\(rule)", severity: severity, place: .file(path: file.path),
          message: message, isSalvaged: true))
    }
    if !grants.isEmpty { add("grants", .warning, Self.text(grants)) }
    identity(file, scan, isAlone: isAlone, add)
    sideFiles(file, add)
    return findings
  }

  /// What a copy of such records would bring into force.
  static func text(_ grants: ClaudeGrantCount) -> String {
    "resuming the session brings \(grants.total) of its records into force: "
      + grants.description
  }

  private static func identity(
    _ file: ClaudeFile, _ scan: ClaudeScan, isAlone: Bool,
    _ add: (String, Severity, String) -> Void
  ) {
    guard !file.isAgent else { return }
    if !ClaudeID.isUUID(file.stem) {
      add(
        "session-id", isAlone ? .warning : .error,
        "the file's name is no UUID; Claude Code neither lists nor resumes the session")
    }
    if let project = file.project, let folder = scan.head.workspace,
      ClaudeProjectKey.key(for: folder) != project
    {
      add(
        "project-folder", .info,
        "the working folder \(folder) has another project folder; the session is found by its "
          + "identifier only")
    }
    if scan.index.startsAsSideChain {
      add(
        "first-record", .warning,
        "the first record belongs to a side conversation; Claude Code does not list the session")
    }
    if scan.head.title == nil {
      add("title", .warning, "the session has neither title nor prompt and is not listed")
    }
    guard let leaf = scan.chain.leaf else {
      add("resumable", .warning, "no record of a conversation is there; it cannot be resumed")
      return
    }
    if !scan.index.nodes[leaf].flags.contains(.timed) {
      add(
        "leaf-time", .warning,
        "the last record of the conversation has no time that can be parsed; it cannot be resumed")
    }
    if let session = scan.index.facts.lastSession, session != file.stem, !isAlone {
      add("session-named", .info, "records name the session \(session)")
    }
  }

  /// Files that belong to the session and are not part of its records.
  private static func sideFiles(_ file: ClaudeFile, _ add: (String, Severity, String) -> Void) {
    guard file.owner == nil else { return }
    var names: [String] = []
    // A folder that cannot be listed is an error of the store, told when it is opened.
    for entry in (try? listDirectory(file.sideFolder)) ?? [] {
      if entry.name == "subagents" || entry.name == "custom-title.json"
        || ClaudeCarry.isFileName(entry.name)
      {
        continue
      }
      if entry.kind == .directory {
        // As above; the number is for show.
        let count = (try? listDirectory(file.sideFolder + "/" + entry.name))?.count ?? 0
        names.append("\(entry.name)/ with \(count) files")
      } else {
        names.append(entry.name)
      }
    }
    guard !names.isEmpty else { return }
    add(
      "side-files", .info,
      "files beside the session are not converted: \(names.joined(separator: ", "))")
  }
}
