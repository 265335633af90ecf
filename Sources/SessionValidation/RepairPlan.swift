/// The safe repairs that one session needs, by the numbers of its entries.
///
/// It is made by a whole validation because whether a parent is missing is known at the end only.
public struct RepairPlan: Sendable, Hashable {
  /// What to do with a message whose parent does not exist.
  enum Attachment: Sendable, Hashable {
    /// It follows the message before it.
    case toPrevious
    /// It begins a conversation, because the message before it descends from it.
    case toNothing
  }

  let attachments: [Int: Attachment]
  /// Whether the head was changed before it was created.
  let orderHeadTimes: Bool
  /// The entry that states the head in force, if it has its times in the wrong order.
  let headPosition: Int?

  init(_ session: SessionIndex) {
    attachments = session.messages.attachments.mapValues { $0 ? .toPrevious : .toNothing }
    orderHeadTimes = session.head.isReversed
    headPosition = orderHeadTimes && session.isHeadReversed ? session.headPosition : nil
  }

  /// Whether there is nothing to repair.
  public var isEmpty: Bool { attachments.isEmpty && !orderHeadTimes }
}
