public import SessionModel

/// Keeps what a source's tool uses apart from what it does not, in a target that is used from some
/// place on.
///
/// What was left behind can stand before that place; behind it, it would be used again and is left
/// out. Messages with more than reasoning and compactions count, other entries do not.
public struct WrittenView: Sendable {
  /// Where an entry goes.
  public enum Place: Sendable {
    /// Behind what is written.
    case asIs
    /// Behind a mark that everything written so far is out of use; a compaction is the mark.
    case behindHistory
    /// Into the file it cannot go.
    case nowhere
  }

  private var hasHistory = false
  private var hasView = false

  /// Starts with nothing written.
  public init() {}

  /// Where an entry of another format goes.
  public func place(of entry: Entry) -> Place {
    switch entry.content {
    case .message(let message) where message.isReasoningAlone: return .asIs
    case .message:
      if entry.isEffective { return hasHistory ? .behindHistory : .asIs }
      return hasView ? .nowhere : .asIs
    case .checkpoint(let checkpoint) where checkpoint.messages == nil:
      return entry.isEffective && hasHistory && !hasView ? .behindHistory : .nowhere
    case .checkpoint: return entry.isEffective || !hasView ? .asIs : .nowhere
    case .usage, .metric, .event, .headChange, .opaque: return .asIs
    }
  }

  /// Notes an entry of another format that was written.
  public mutating func note(_ entry: Entry) {
    switch entry.content {
    case .message(let message) where message.isReasoningAlone: break
    case .message, .checkpoint:
      hasHistory = !entry.isEffective
      hasView = entry.isEffective
    case .usage, .metric, .event, .headChange, .opaque: break
    }
  }

  /// Notes an entry of the target's own format, which has its marks.
  public mutating func noteOwn(_ entry: Entry) {
    if entry.isEffective { note(entry) }
  }
}

extension Message {
  /// Whether the message is nothing but reasoning, which is shown with the conversation and whose
  /// use is each tool's own affair.
  fileprivate var isReasoningAlone: Bool {
    !blocks.isEmpty && blocks.allSatisfy { if case .thinking = $0 { true } else { false } }
  }
}
