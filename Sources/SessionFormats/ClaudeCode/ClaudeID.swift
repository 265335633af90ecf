/// The identifier of a session, taken apart: it says where the file lies below its project's folder.
///
/// `<session>`, `<session>/agent-<x>`, `<session>/<run>/agent-<x>`, each followed by `@<project>`
/// when several projects have such a session.
struct ClaudeID {
  /// The project's folder, when the identifier names it.
  let project: String?
  /// The session whose helper this is.
  let owner: String?
  /// Paths below the project's folder; the first is where it is written by default.
  let names: [String]
  /// The file's name without its extension.
  let stem: String

  /// Nil for a text that cannot be a file's name.
  init?(_ text: String) {
    var rest = Substring(text)
    var project: String?
    if let mark = rest.lastIndex(of: "@") {
      project = String(rest[rest.index(after: mark)...])
      rest = rest[..<mark]
    }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard (1...3).contains(parts.count), let stem = parts.last,
      (parts + [project ?? "-"]).allSatisfy(Self.isSafe),
      parts.count == 1 || stem.hasPrefix("agent-")
    else { return nil }
    self.project = project
    self.stem = stem
    owner = parts.count == 1 ? nil : parts[0]
    let folder = "\(parts[0])/subagents/"
    switch parts.count {
    case 1: names = [stem + ".jsonl"]
    case 2: names = ["\(folder)\(stem).jsonl", "\(stem).jsonl"]
    default: names = ["\(folder)workflows/\(parts[1])/\(stem).jsonl"]
    }
  }

  /// Whether the tool finds a session of this name.
  var isWritten: Bool { Self.isUUID(owner ?? stem) }

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

  /// Whether a text is a UUID in any spelling, as the names of session files must be.
  static func isUUID(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 36
      && text.utf8.enumerated().allSatisfy { position, byte in
        switch position {
        case 8, 13, 18, 23: byte == UInt8(ascii: "-")
        default: (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
        }
      }
  }
}
