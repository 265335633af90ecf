internal import JSONText
internal import SessionModel

extension SessionHead {
  /// The head of a session from what its records say and where its file lies.
  init(_ file: ClaudeFile, _ index: ClaudeIndex) {
    let facts = index.facts
    self.init(id: file.id)
    title = facts.title
    summary = facts.summary
    created = facts.created
    updated = facts.updated
    workspace = facts.workspace
    gitBranch = facts.gitBranch == "HEAD" ? nil : facts.gitBranch
    if facts.model?.contains("claude") ?? false {
      provider = "Anthropic"
      providerKey = "anthropic"
    }
    model = facts.model
    agent = facts.agent
    mode = facts.mode
    if let tag = facts.tag { tags = [tag] }
    if let fork = facts.forkedFrom {
      parent = ParentLink(id: fork.session, kind: .branch, message: fork.message)
    }
    if let session = file.parentSession(named: facts.firstSession) {
      parent = ParentLink(id: session, kind: .subagent)
    }
    usage = facts.usage
    messageCount = index.messageCount
    for (key, value) in facts.common {
      extras.append(Extra(format: ClaudeCode.id, key: key, value: value))
    }
    if let folder = file.project,
      workspace.map({ ClaudeProjectKey.key(for: $0) != folder }) ?? true
    {
      extras.addClaude("project") { $0.string(folder) }
    }
    if file.isSibling { extras.addClaude("layout") { $0.string("sibling") } }
    for side in file.descriptions {
      extras.append(Extra(format: ClaudeCode.id, key: side.name, value: side.value))
    }
  }
}

extension [Extra] {
  mutating func addClaude(_ key: String, _ write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter(reserving: 32)
    write(&writer)
    append(Extra(format: ClaudeCode.id, key: key, value: RawJSON(writer.bytes[...])))
  }
}

/// Names of project folders: the working folder with dashes.
enum ClaudeProjectKey {
  /// The folder's name for a working directory, as the program on Linux forms it.
  ///
  /// Every UTF-16 code unit outside `[a-zA-Z0-9]` becomes a dash; beyond 200 characters the rest is
  /// a hash in base 36 (both observed with 2.1.329).
  static func key(for path: String) -> String {
    var name: [UInt8] = []
    var hash: Int32 = 0
    for unit in path.utf16 {
      hash = hash &* 31 &+ Int32(unit)
      switch unit {
      case 48...57, 65...90, 97...122: name.append(UInt8(truncatingIfNeeded: unit))
      default: name.append(UInt8(ascii: "-"))
      }
    }
    let text = String(decoding: name, as: UTF8.self)
    guard name.count > 200 else { return text }
    return text.prefix(200) + "-" + String(hash.magnitude, radix: 36)
  }
}
