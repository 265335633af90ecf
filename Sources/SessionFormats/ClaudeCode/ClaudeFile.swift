internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// One session file and what its place says.
struct ClaudeFile: Sendable {
  /// The identifier we list the session under.
  var id: String
  /// Where the file is.
  var path: String
  /// The name of the project's folder, when the file lies in one.
  var project: String?
  /// The session whose side folder the file lies in, for sub-agents.
  var owner: String?
  /// Whether it is a sub-agent's file beside its session, as 2.0 wrote them.
  var isSibling = false
  /// What is wrong with such a file of a session that was given by itself.
  var problem: Finding?
  /// Small JSON files that describe the session, as extras of the head.
  var descriptions: [Description] = []

  /// A JSON file that describes a session.
  struct Description: Sendable {
    var name: String
    var value: RawJSON
  }

  init(id: String, path: String, project: String? = nil, owner: String? = nil) {
    self.id = id
    self.path = path
    self.project = project
    self.owner = owner
  }

  /// The file's name without `.jsonl`.
  var stem: String { Self.stem(path) }

  /// Whether it is a sub-agent's.
  var isAgent: Bool { stem.hasPrefix("agent-") }

  /// The folder for what belongs to the session beside its file.
  var sideFolder: String {
    owner == nil ? String(path.dropLast(6)) : Self.folder(Self.folder(path))
  }

  /// The folder of the project.
  var projectFolder: String {
    Self.folder(owner == nil ? path : sideFolder)
  }

  /// The file and those that describe it, whether these are there or not.
  var files: [String] {
    owner == nil
      ? [path, sideFolder + "/custom-title.json"]
      : [path, Self.folder(path) + "/" + stem + ".meta.json"]
  }

  /// The session that started this one; nil for sessions of their own.
  func parentSession(named first: String?) -> String? {
    if let owner { return owner }
    guard isAgent, let first, first != stem else { return nil }
    return first
  }

  static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : name
  }

  static func folder(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Reads a small JSON file beside the session into ``descriptions``.
  ///
  /// - Returns: What is wrong with a file that is there and cannot be used.
  mutating func describe(_ name: String, at path: String) -> Finding? {
    let problem: String
    do throws(FileError) {
      let bytes = try readFile(path, limit: 1 << 20)
      if let document = JSONDocument(ifValid: bytes), document.root.kind == .object,
        bytes.count == document.root.raw.count
      {
        descriptions.append(Description(name: name, value: RawJSON(bytes[...])))
        return nil
      }
      problem = "it holds something other than one JSON object"
    } catch {
      // What is no file is told by whoever looks for it.
      if [.notFound, .notDirectory, .notRegularFile].contains(error.code) { return nil }
      problem = error.description
    }
    return Finding(
      rule: "claude-code.description-readable", severity: .warning, place: .file(path: path),
      message: "the file that describes the session is left out: \(problem)")
  }
}

extension ClaudeFile {
  /// The file at a path that was given by itself.
  init(single path: String) {
    let stem = Self.stem(path)
    let folder = Self.folder(path)
    self.init(id: stem, path: path)
    if Self.stem(folder) == "subagents", stem.hasPrefix("agent-") {
      let session = Self.folder(folder)
      owner = Self.stem(session)
      project = Self.projectName(Self.folder(session))
      id = "\(Self.stem(session))/\(stem)"
      problem = describe("meta.json", at: folder + "/" + stem + ".meta.json")
    } else {
      project = Self.projectName(folder)
      if stem.hasPrefix("agent-") { becomeSibling() }
      problem = describe("custom-title.json", at: sideFolder + "/custom-title.json")
    }
  }

  private static func projectName(_ folder: String) -> String? {
    stem(Self.folder(folder)) == "projects" ? stem(folder) : nil
  }

  /// Takes the session that started it from its first records.
  mutating func becomeSibling() {
    isSibling = true
    guard var lines = try? LineReader(path: path, maximumLineLength: 64 << 20) else { return }
    for _ in 0..<20 {
      // The reader of the session meets the same failure and reports it.
      guard let next = try? lines.next(passingOver: { _ in }) else { return }
      guard case .record(let document, _) = ClaudeLine.decode(next.bytes, maximumDepth: 512).line,
        let session = document.root["sessionId"]?.string, !session.isEmpty
      else { continue }
      if session.string != stem { id = "\(session.string)/\(stem)" }
      return
    }
  }
}
