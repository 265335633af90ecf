internal import SessionCoding
internal import SessionModel

/// Puts everything in use where a compaction without messages left the tool nothing to go on with.
///
/// Some formats have no place for what is not in use, so nothing at all would be written; and nobody can
/// go on with a session of which nothing is in use.
final class WholeViewReader: SessionReader {
  private let reader: any SessionReader
  private let open: () throws(FormatError) -> any SessionReader
  /// Whether everything is put in use; nil until a message comes.
  private var isNeeded: Bool?
  private var count = 0

  /// - Parameter open: Opens the session; once, and once more if its first message is not in use.
  init(_ open: @escaping () throws(FormatError) -> any SessionReader) throws(FormatError) {
    self.open = open
    reader = try open()
  }

  var head: SessionHead { reader.head }

  var findings: [Finding] {
    guard count > 0 else { return reader.findings }
    return reader.findings + [
      Finding(
        rule: "session.view-empty", severity: .warning,
        message:
          "a compaction without messages leaves the session's own tool nothing to go on with; "
          + "at the destination everything is in use (\(count) message\(count == 1 ? "" : "s"))",
        isSalvaged: true)
    ]
  }

  func next() throws(FormatError) -> Entry? {
    guard var entry = try reader.next() else { return nil }
    if isNeeded == nil, entry.isOfView {
      isNeeded = try entry.isEffective && !entry.isEmptyCheckpoint ? false : hasEmptyView()
    }
    guard isNeeded == true, entry.isOfView else { return entry }
    if case .message = entry.content {
      if !entry.isEffective { count += 1 }
      entry.isEffective = true
    } else {
      entry.isEffective = false
    }
    return entry
  }

  func carry() throws(FormatError) -> CarryCursor? { try reader.carry() }

  private func hasEmptyView() throws(FormatError) -> Bool {
    let reader = try open()
    var isEmptied = false
    while let entry = try reader.next() {
      guard entry.isEffective, entry.isOfView else { continue }
      guard entry.isEmptyCheckpoint else { return false }
      isEmptied = true
    }
    return isEmptied
  }
}

extension Entry {
  /// Whether the entry says what the tool goes on with: a compaction, or a message of the conversation
  /// that is more than a thought.
  fileprivate var isOfView: Bool {
    switch content {
    case .message(let message):
      !message.flags.contains(.sideChain)
        && !message.blocks.allSatisfy { if case .thinking = $0 { true } else { false } }
    case .checkpoint: true
    case .usage, .metric, .event, .headChange, .opaque: false
    }
  }

  /// Whether the entry is a compaction that leaves nothing.
  fileprivate var isEmptyCheckpoint: Bool {
    if case .checkpoint(let checkpoint) = content { checkpoint.messages == [] } else { false }
  }
}
