internal import JSONText
internal import SessionModel

/// A tool that keeps its sessions in the entries of Pi's session files.
///
/// The first line is the header; the others are entries with `id`, `parentId` and `timestamp`.
protocol PiDialect {
  /// The format's identifier.
  static var id: String { get }

  /// What findings call the tool.
  static var toolName: String { get }

  /// How entries follow each other.
  static var order: PiOrder { get }

  /// The identifiers of the messages that the tool uses, where it keeps a list of them.
  static func context(of file: LocatedSession) -> [String]?

  /// Notes in the head what files beside the session's own say of it.
  static func describe(_ head: inout SessionHead, by file: LocatedSession)

  /// Notes what is wrong with these files.
  static func check(_ file: LocatedSession, _ log: inout FindingLog)

  /// The identifier in the path of a session that a header names.
  static func sessionID(in path: String) -> String
}

extension PiDialect {
  static var order: PiOrder { .parents }

  static func context(of file: LocatedSession) -> [String]? { nil }

  static func describe(_ head: inout SessionHead, by file: LocatedSession) {}

  static func check(_ file: LocatedSession, _ log: inout FindingLog) {}

  static func sessionID(in path: String) -> String { LocatedSession.stem(path) }
}

/// How the entries of a session follow each other.
enum PiOrder {
  /// A tree: an entry follows its parent, and the last line is the current leaf.
  case parents
  /// A tree, in which an entry with an unknown parent follows the line before it.
  case parentsOrLines
  /// By their lines; messages have identifiers of their own, and a compaction has the message that the
  /// model gets.
  case lines
}
