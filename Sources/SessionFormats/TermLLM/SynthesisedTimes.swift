import SessionModel

/// Gives messages without a time one between their neighbours, as columns demand.
struct SynthesisedTimes {
  private var last: Timestamp
  private var step: Int64 = 1_000_000
  private var isStarted = false

  /// Spreads over the session's span when the number of messages is known.
  init(_ head: SessionHead) {
    last = head.created ?? head.updated ?? Timestamp(seconds: 0)
    guard let created = head.created, let updated = head.updated, created < updated,
      let count = head.messageCount.map(Int64.init), count > 0
    else { return }
    let span = updated.seconds.subtractingReportingOverflow(created.seconds)
    guard !span.overflow, span.partialValue < 9_000_000_000 else { return }
    let nanoseconds =
      span.partialValue * 1_000_000_000 + Int64(updated.nanoseconds)
      - Int64(created.nanoseconds)
    step = max(1, nanoseconds / (count + 1))
  }

  /// Takes the head that is written, before the first message.
  mutating func start(_ head: SessionHead) {
    if !isStarted { last = head.created ?? last }
    isStarted = true
  }

  /// The stated time, or one a step after the last.
  ///
  /// A time whose year has no four digits in UTC is as good as none: the tool cannot read it.
  mutating func next(_ stated: Timestamp?) -> Timestamp {
    if let stated, TermLLMTime.isExpressible(stated) {
      last = stated
      return stated
    }
    var nanoseconds = Int64(last.nanoseconds) + step
    last.seconds += nanoseconds / 1_000_000_000
    nanoseconds %= 1_000_000_000
    last.nanoseconds = Int32(truncatingIfNeeded: nanoseconds)
    last.isSynthesised = true
    last.text = nil
    return last
  }
}
