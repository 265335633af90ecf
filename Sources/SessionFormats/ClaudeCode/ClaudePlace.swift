/// Where a session of an identifier lies below its project's folder.
///
/// `<session>`, `<session>/agent-<x>`, `<session>/<run>/agent-<x>`, each with `@<project>` behind it
/// when several projects have such a session.
struct ClaudePlace {
  /// The project's folder, when the identifier names it.
  let project: String?
  /// The session whose helper this is.
  let owner: String?
  /// Paths below the project's folder; the first is where it is written by default.
  let names: [String]
  /// The file's name without its extension.
  let stem: String

  /// Takes an identifier apart; nil when it cannot be a file's name.
  init?(id: String) {
    var rest = Substring(id)
    if let mark = rest.lastIndex(of: "@") {
      let name = String(rest[rest.index(after: mark)...])
      guard Self.isSafe(name) else { return nil }
      project = name
      rest = rest[..<mark]
    } else {
      project = nil
    }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (1...3).contains(parts.count), parts.allSatisfy(Self.isSafe) else { return nil }
    stem = parts[parts.count - 1]
    if parts.count == 1 {
      owner = nil
      names = [stem + ".jsonl"]
      return
    }
    guard stem.hasPrefix("agent-") else { return nil }
    owner = parts[0]
    let folder = "\(parts[0])/subagents/"
    names =
      parts.count == 3
      ? ["\(folder)workflows/\(parts[1])/\(stem).jsonl"]
      : ["\(folder)\(stem).jsonl", "\(stem).jsonl"]
  }

  /// Whether the tool finds a session of this name.
  var isWritten: Bool { ClaudeID.isUUID(owner ?? stem) }

  /// Whether a text can be the name of a file or folder.
  static func isSafe(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy {
        switch $0 {
        case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  func file(id: String, path: String, project: String) -> ClaudeFile {
    let isSibling = owner != nil && !path.contains("/subagents/")
    var file = ClaudeFile(
      id: id, path: path, project: project, owner: isSibling ? nil : owner)
    file.isSibling = isSibling
    return file
  }
}
