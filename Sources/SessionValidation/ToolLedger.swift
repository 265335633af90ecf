import JSONText
import SessionModel

/// Which tool calls were made and answered; about 10 bytes for each call, more while it is open.
///
/// A call whose identifier was used before starts anew: some tools number calls in each turn.
/// Messages that compaction repeats add nothing but what was not known.
struct ToolLedger: Sendable {
  /// Something about the current entry's calls and results.
  struct Observation: Sendable {
    enum Kind: Sendable { case repeatedCall, resultWithoutCall, repeatedResult }

    let kind: Kind
    /// The identifier as findings show it.
    let name: String
  }

  /// A call that has no result yet.
  struct OpenCall: Sendable {
    /// The number of its entry.
    let entry: Int
    /// How many calls were made before it.
    let order: Int
    let place: Place?
    let tool: String
    let name: String
    let isEffective: Bool
  }

  private var isAnswered: [IDKey: Bool] = [:]
  private var orphans: Set<IDKey> = []
  private var open: [IDKey: OpenCall] = [:]
  private var entry = 0
  private var callCount = 0
  /// What stands out in the current entry.
  private(set) var observations: [Observation] = []

  mutating func beginEntry(_ entry: Int) {
    self.entry = entry
    if !observations.isEmpty { observations.removeAll(keepingCapacity: true) }
  }

  mutating func add(_ message: Message, place: Place?, isEffective: Bool, isCopy: Bool) {
    for block in message.blocks {
      switch block {
      case .toolCall(let call) where !call.id.isEmpty:
        add(call, place: place, isEffective: isEffective, isCopy: isCopy)
      case .toolResult(let result) where !result.callID.isEmpty:
        add(result, isCopy: isCopy)
      default:
        break
      }
    }
  }

  private mutating func add(
    _ call: Block.ToolCall, place: Place?, isEffective: Bool, isCopy: Bool
  ) {
    let key = IDKey(call.id)
    if isAnswered[key] != nil {
      if isCopy { return }
      observations.append(Observation(kind: .repeatedCall, name: call.id.quoted))
    }
    // A result that came too early was reported as such; the call is answered all the same.
    let wasEarly = !orphans.isEmpty && orphans.remove(key) != nil
    isAnswered[key] = wasEarly
    if wasEarly { return }
    callCount += 1
    open[key] = OpenCall(
      entry: entry, order: callCount, place: place, tool: call.name.string, name: call.id.string,
      isEffective: isEffective)
  }

  private mutating func add(_ result: Block.ToolResult, isCopy: Bool) {
    let key = IDKey(result.callID)
    switch isAnswered[key] {
    case nil:
      if isCopy, orphans.contains(key) { return }
      orphans.insert(key)
      observations.append(Observation(kind: .resultWithoutCall, name: result.callID.quoted))
    case false?:
      isAnswered[key] = true
      open[key] = nil
    case true?:
      if isCopy { return }
      observations.append(Observation(kind: .repeatedResult, name: result.callID.quoted))
    }
  }

  /// Calls without a result, in the order in which they were made.
  var openCalls: [OpenCall] {
    open.values.sorted { $0.order < $1.order }
  }
}
