import SessionCoding
import SessionModel

/// Entries come in the order of their records in the file.
///
/// Rows are not checked: a table's row numbers need not follow the order of the session.
struct SequenceOrder: Rule {
  static let info = RuleInfo(
    id: "session.sequence-order", severity: .warning,
    summary: "entries come in the order of their records in the file",
    consequence: "the copy has them in another order than the original")

  /// Where the last entry from each file stands; that of the current file apart.
  private var offsets: [String: UInt64] = [:]
  private var current: (path: String, byte: UInt64)?

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .line(let path, _, let byte) = entry.place else { return }
    if let current, current.path != path {
      offsets[current.path] = current.byte
      self.current = nil
    }
    if let last = current?.byte ?? offsets[path], byte < last {
      report(Self.finding("comes after an entry that stands later in the file", at: entry.place))
    }
    current = (path, byte)
  }
}
