internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// One session file and what its place says.
struct ClaudeFile: SessionHolder {
  /// The identifier we list the session under.
  var id: String
  /// Where the file is.
  var path: String
  /// The file that is read in its stead while it is being written.
  var staged: String?
  /// The file that is read.
  var readPath: String { staged ?? path }
  /// The name of the project's folder, when the file lies in one.
  var project: String?
  /// The session whose side folder the file lies in, for sub-agents.
  var owner: String?
  /// Whether it is a sub-agent's file beside its session, as 2.0 wrote them.
  var isSibling = false
  /// Small JSON files that describe the session, as extras of the head.
  var descriptions: [Extra] = []

  /// The names that such files have.
  static let descriptionNames = ["meta.json", "custom-title.json"]

  /// The file's name without `.jsonl`.
  var stem: String {
    let name = Self.name(path)
    return name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : name
  }

  /// Whether it is a sub-agent's.
  var isAgent: Bool { stem.hasPrefix("agent-") }

  /// The folder for what belongs to the session beside its file.
  var sideFolder: String {
    owner == nil ? String(path.dropLast(6)) : LocatedSession.folder(of: path, up: 2) ?? "."
  }

  /// The file that describes the session, whether it is there or not.
  var descriptionPath: String {
    owner == nil
      ? sideFolder + "/custom-title.json" : Self.folder(path) + "/" + stem + ".meta.json"
  }

  /// The file and the one that describes it.
  var files: [String] { [path, descriptionPath] }

  /// What the reader of its records needs to know of it.
  var located: LocatedSession { LocatedSession(id: id, path: path, relativePath: path) }

  /// The name of the last part of a path.
  static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? ""
  }

  static func folder(_ path: String) -> String { LocatedSession.folder(of: path) ?? "." }

  /// Adds to a head what the file's place and the files that describe it say.
  ///
  /// - Parameter first: The session that the first record says it belongs to.
  func completing(_ head: SessionHead, startedBy first: String?) -> SessionHead {
    var head = head
    func keep(_ key: String, _ text: String) {
      var json = JSONWriter(reserving: 64)
      json.string(text)
      head.extras.append(
        Extra(format: ClaudeCode.id, key: key, value: RawJSON(json.bytes[...])))
    }
    if let description = descriptions.first(where: { $0.key == Self.descriptionNames[0] }),
      let root = JSONDocument(ifValid: Array(description.value.bytes))?.root
    {
      head.title = root.text("description").flatMap { $0.isEmpty ? nil : $0 } ?? head.title
      head.agent = head.agent ?? root.text("agentType")
    }
    if let parent = starter ?? owner ?? (isAgent && first != stem ? first : nil) {
      head.parent = ParentLink(id: parent, kind: .subagent)
    }
    if let project, head.workspace.map({ !ClaudeProjectKey.isKey(project, of: $0) }) ?? true {
      keep("project", project)
    }
    if isSibling { keep("layout", "sibling") }
    head.extras += descriptions
    return head
  }

  /// The helper that started this one, where the file that describes it names one that is there.
  private var starter: String? {
    guard let owner, isAgent,
      let description = descriptions.first(where: { $0.key == Self.descriptionNames[0] }),
      let agent = JSONDocument(ifValid: Array(description.value.bytes))?.root.text("parentAgentId"),
      ClaudeID.isSafe(agent), "agent-" + agent != stem,
      FileStatus.guess("\(Self.folder(path))/agent-\(agent).jsonl")?.kind == .file
    else { return nil }
    return "\(owner)/agent-\(agent)"
  }

  /// What the program looks for beside a helper's file: the kind of helper and its task, and the helper
  /// that started it.
  static func description(agent: String?, task: String?, startedBy starter: String?) -> Extra {
    var json = JSONWriter(reserving: 128)
    json.object([:]) { json in
      json.field("agentType", agent ?? "general-purpose")
      json.field("description", task ?? "")
      if let starter { json.field("parentAgentId", starter) }
    }
    return Extra(
      format: ClaudeCode.id, key: descriptionNames[0], value: RawJSON(json.bytes[...]))
  }

  /// Reads the file that describes the session into ``descriptions``.
  ///
  /// - Returns: What is wrong with a file that is there and cannot be used.
  mutating func describe() -> Finding? {
    let problem: String
    do throws(FileError) {
      let bytes = try readFile(descriptionPath, limit: 1 << 20)
      if let document = JSONDocument(ifValid: bytes), document.root.kind == .object,
        bytes.count == document.root.raw.count
      {
        descriptions = [
          Extra(
            format: ClaudeCode.id, key: Self.descriptionNames[owner == nil ? 1 : 0],
            value: RawJSON(bytes[...]))
        ]
        return nil
      }
      problem = "it holds something other than one JSON object"
    } catch {
      // What is no file is told by whoever looks for it.
      if [.notFound, .notDirectory, .notRegularFile].contains(error.code) { return nil }
      problem = error.description
    }
    return Finding(
      rule: "claude-code.description-readable", severity: .warning,
      place: .file(path: descriptionPath),
      message: "the file that describes the session is left out: \(problem)")
  }

  /// Takes the session that started it from its first records, for a sub-agent's beside its session.
  mutating func becomeSibling() {
    isSibling = true
    let session = ClaudeLineStream.first(20, of: self) { root in
      root.text("sessionId").flatMap { $0.isEmpty ? nil : $0 }
    }
    if let session, session != stem { id = "\(session)/\(stem)" }
  }
}

extension ClaudeFile {
  /// The file at a path that was given by itself.
  init(single path: String) {
    self.init(id: "", path: path)
    id = stem
    var project = Self.folder(path)
    if Self.name(project) == "subagents", isAgent {
      let session = Self.folder(project)
      owner = Self.name(session)
      id = "\(Self.name(session))/\(stem)"
      project = Self.folder(session)
    }
    if Self.name(Self.folder(project)) == "projects" { self.project = Self.name(project) }
    if owner == nil, isAgent { becomeSibling() }
  }
}
