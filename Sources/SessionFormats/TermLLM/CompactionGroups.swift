/// Finds the rows that a compaction wrote: its summary, the acknowledgement and the retained tail.
///
/// Rows that merely look like a summary occur too: earlier versions wrote them without a boundary.
/// Only as many as the session counts compactions, the last ones, begin a group. Reader and writer
/// share these rules, so that the writer knows how its rows will be read.
struct CompactionGroups {
  /// How the text of a summary row begins.
  static let marker = "[Context Compaction]"
  /// How the summary itself begins when it was made from an earlier conversation.
  static let summaryMarker = "[Previous conversation summary]"
  /// The assistant's answer to a summary, as the tool writes it.
  static let acknowledgement =
    "I've reviewed the context summary. I'll continue from where we left off."

  private enum State {
    case outside, afterSummary, inTail
  }

  /// Whether a summary row that comes now begins a group.
  var isEnabled: Bool
  private var state = State.outside

  init(isEnabled: Bool) { self.isEnabled = isEnabled }

  /// Ends the group at hand.
  mutating func reset() { state = .outside }

  /// How the next row stands to the rows before it.
  enum Place {
    /// A message of its own.
    case message
    /// The first row of a compaction.
    case summary
    /// A further row of the compaction before it.
    case member
  }

  /// Classifies the next row of `messages`.
  mutating func place(of row: TableRow) -> Place {
    place(
      role: row["role"]?.bytes ?? [], text: row["text_content"]?.bytes ?? [],
      isTail: MessageColumns.isTail(row))
  }

  /// Classifies the next row.
  mutating func place(role: [UInt8], text: [UInt8], isTail: Bool) -> Place {
    if state != .outside, isTail {
      state = .inTail
      return .member
    }
    if state == .afterSummary, role.elementsEqual("assistant".utf8),
      text.elementsEqual(Self.acknowledgement.utf8)
    {
      state = .inTail
      return .member
    }
    if isEnabled, !isTail, role.elementsEqual("user".utf8), Self.isSummary(text) {
      state = .afterSummary
      return .summary
    }
    state = .outside
    return .message
  }

  /// Whether a row of `messages` marks a compaction.
  static func isSummary(_ row: TableRow) -> Bool {
    row["role"]?.string == "user" && !MessageColumns.isTail(row)
      && isSummary(row["text_content"]?.bytes ?? [])
  }

  /// Whether a user row's text marks a compaction.
  static func isSummary(_ text: [UInt8]) -> Bool {
    text.drop { (9...13).contains($0) || $0 == 0x20 }.starts(with: marker.utf8)
  }
}

/// From where on the tool uses a session's rows.
struct CompactionBoundary: Sendable {
  /// The first sequence in use; nil when all rows are.
  var sequence: Int64?
  /// How many compactions wrote rows, as counted.
  let compactions: Int64

  /// Reads what a row of `sessions` says of it.
  init(_ session: TableRow) {
    let sequence = session["compaction_seq"]?.int64
    let count = session["compaction_count"]?.int64
    let isInForce = (sequence ?? -1) >= 0 && ((count ?? 0) > 0 || (sequence ?? 0) > 0)
    self.sequence = isInForce ? sequence : nil
    compactions = max(count ?? 0, 0)
  }
}
