internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The rules of the format for a session as a whole; those for records are in ``ClaudeDecoder``.
enum ClaudeRules {
  /// - Parameter isAlone: Whether the file was opened by itself, so that its name need not be one.
  static func findings(
    _ file: ClaudeFile, _ scan: ScannedRecords<ClaudeDecoder>, isAlone: Bool
  ) -> [Finding] {
    var log = FindingLog(ClaudeCode.id)
    func add(_ rule: String, _ severity: Severity, _ message: String) {
      log.add(rule, severity, .file(path: file.path), message)
    }
    let decoder = scan.decoder
    if !decoder.grants.isEmpty { add("grants", .warning, decoder.grants.warning) }
    if !file.isAgent { identity(file, scan, isAlone: isAlone, add) }
    let names = file.owner == nil ? sideFiles(in: file.sideFolder) : []
    if !names.isEmpty {
      add(
        "side-files", .info,
        "other tools have no place for files beside the session: \(names.joined(separator: ", "))")
    }
    return log.findings
  }

  private static func identity(
    _ file: ClaudeFile, _ scan: ScannedRecords<ClaudeDecoder>, isAlone: Bool,
    _ add: (String, Severity, String) -> Void
  ) {
    let decoder = scan.decoder
    if !ClaudeID.isUUID(file.stem) {
      add(
        "session-id", isAlone ? .warning : .error,
        "the file's name is no UUID; Claude Code neither lists nor resumes the session")
    }
    if let project = file.project, let folder = scan.head.workspace,
      !ClaudeProjectKey.isKey(project, of: folder)
    {
      add(
        "project-folder", .info,
        "the working folder \(folder) has another project folder; the session is found by its "
          + "identifier only")
    }
    if decoder.startsAsSideChain ?? false {
      add(
        "first-record", .warning,
        "the first record belongs to a side conversation; Claude Code does not list the session")
    }
    if scan.head.title == nil {
      add("title", .warning, "the session has neither title nor prompt and is not listed")
    }
    guard let leaf = decoder.chain?.leaf else {
      add("resumable", .warning, "no record of a conversation is there; it cannot be resumed")
      return
    }
    if decoder.graph.nodes[leaf].time == nil {
      add(
        "leaf-time", .warning,
        "the last record of the conversation has no time that can be parsed; it cannot be resumed")
    }
    if let session = decoder.facts.lastSession, session != file.stem, !isAlone {
      add("session-named", .info, "records name the session \(session)")
    }
  }

  /// What belongs to the session and is no part of its records.
  private static func sideFiles(in folder: String) -> [String] {
    // A folder that cannot be listed is an error of the store, told when it is opened.
    guessListing(folder).compactMap { entry in
      if entry.name == "subagents" || entry.name == "custom-title.json"
        || ClaudeCarry.isFileName(entry.name)
      {
        return nil
      }
      guard entry.kind == .directory else { return entry.name }
      let count = guessListing(folder + "/" + entry.name).count
      return "\(entry.name)/ with \(count) file\(count == 1 ? "" : "s")"
    }
  }
}
