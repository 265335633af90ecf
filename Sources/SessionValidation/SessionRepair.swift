public import SessionCoding
public import SessionModel

/// Applies the safe repairs to a session while it streams by; nothing is dropped.
///
/// It takes the same entries in the same order as the ``SessionValidator`` that made the plan.
///
///     var repair = SessionRepair(validator.repairs)
///     let head = repair.repaired(reader.head)
///     while let entry = try reader.next() { write(repair.repaired(entry)) }
///     report(repair.findings)
public struct SessionRepair: Sendable {
  private let plan: RepairPlan
  private var position = -1
  private var lastMain: String?
  private var lastSide: String?
  private var log = FindingLog(limit: SessionValidator.findingsPerRule)

  /// Starts before the first entry.
  public init(_ plan: RepairPlan) {
    self.plan = plan
  }

  /// Each repair made so far, as information.
  public var findings: [Finding] {
    var log = log
    log.summarise()
    return log.findings
  }

  /// The head with its last change not before its beginning.
  public mutating func repaired(_ head: SessionHead) -> SessionHead {
    guard plan.orderHeadTimes, head.isReversed else { return head }
    log.add(
      Finding(
        rule: CreatedBeforeUpdated.info.id, severity: .info,
        message: "repaired: the time of the last change is now that of the beginning"))
    return head.inTimeOrder
  }

  /// The next entry, repaired where the plan says so.
  ///
  /// A repaired entry has no origin any more, so that writers encode it anew.
  public mutating func repaired(_ entry: Entry) -> Entry {
    position += 1
    switch entry.content {
    case .message(var message):
      let isSide = message.flags.contains(.sideChain)
      let previous = isSide ? lastSide : lastMain
      if isSide { lastSide = message.id } else { lastMain = message.id }
      guard let attachment = plan.attachments[position], message.parent.stated != nil else {
        return entry
      }
      let missing = message.parent.stated?.quoted ?? ""
      message.parent = attachment == .toPrevious ? previous.stated : nil
      let parent = message.parent.map { "the message before it, \($0.quoted)" } ?? "no message"
      log.add(
        Finding(
          rule: ParentExists.info.id, severity: .info, place: entry.place,
          message: "repaired: follows \(parent), instead of \(missing), which does not exist"))
      return Entry(.message(message), isEffective: entry.isEffective, place: entry.place)
    case .headChange(let head) where position == plan.headPosition:
      return Entry(
        .headChange(head.inTimeOrder), isEffective: entry.isEffective, place: entry.place)
    default:
      return entry
    }
  }
}

extension SessionHead {
  fileprivate var inTimeOrder: SessionHead {
    guard isReversed else { return self }
    var head = self
    head.updated = created
    return head
  }
}
