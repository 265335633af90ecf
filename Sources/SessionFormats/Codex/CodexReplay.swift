internal import JSONText
internal import SessionModel

/// Works out which records are sent on resume.
///
/// The program takes the newest compaction with a list that no rollback undid, then every later
/// item in file order, minus what rollbacks removed (checked with codex-cli 0.163.0).
struct CodexReplay: Sendable {
  /// A call, among those with a text as their input or among the others.
  private struct Call: Hashable {
    var id: JSONString
    var isCustom: Bool

    /// - Parameter id: It is copied, so that it does not keep its record in memory.
    init(id: JSONString, isCustom: Bool) {
      self.id = JSONString(id.string)
      self.isCustom = isCustom
    }

    /// The call that an item is; nil for other items.
    init?(_ item: JSONValue) {
      guard let type = item.text("type"), CodexItem.callTypes.contains(type),
        let id = item["call_id"]?.string
      else { return nil }
      self.init(id: id, isCustom: type == "custom_tool_call")
    }
  }

  private enum Kind {
    /// Messages of the person, and what the program put in for context.
    case turn, context
    /// Any other item, or a compaction with a list.
    case item, list
    /// Compactions without a list, and such whose text the program takes for a prompt.
    case summary, promptSummary
    case userEvent, turnStart, rollback

    var isSummary: Bool { self == .summary || self == .promptSummary }
  }

  private struct Step {
    var line: Int
    var kind: Kind
    /// The bytes of an item, or the turns of a rollback.
    var count: Int
  }

  /// What the program keeps of earlier prompts when a compaction has no list: about 20 000 tokens.
  private static let keptBytes = 80_000

  private var steps: [Step] = []
  /// The last line of each call.
  private var calls: [Call: Int] = [:]
  /// The calls in the lists of compactions, and how many turns stand there.
  private var lists: [Int: (calls: [Call], turns: Int)] = [:]
  /// Whether the view is more than what follows the base.
  private var isIntricate = false

  // Known after the first pass.
  /// The line of the compaction that the view starts with; 0 for none.
  private(set) var baseLine = 0
  /// The lines in view, when it is not simply what follows the base.
  private var live: Set<Int>?
  /// Compactions without a list that a later one took the place of.
  private var superseded: Set<Int> = []
  /// The messages that the program puts before the summary of the last compaction without a list: they
  /// are prompts, and summaries of earlier compactions that do not read like one.
  private(set) var prompts: Set<Int> = []

  // MARK: First pass

  /// Notes a record.
  ///
  /// - Parameter isSkipped: Whether the program skips it.
  mutating func note(_ line: CodexLine, isSkipped: Bool, number: Int, byteCount: Int) {
    var (kind, count): (Kind?, Int) = (nil, byteCount)
    switch line.kind {
    case .item(let item):
      if !isSkipped, let call = Call(item) { calls[call] = number }
      kind = isSkipped ? .item : Self.kind(of: item)
    case .event(let event):
      switch line.type {
      case "user_message": kind = .userEvent
      case "task_started", "turn_started": kind = .turnStart
      case "thread_rolled_back":
        count = Int(min(max(0, event["num_turns"]?.int64 ?? 0), 1 << 31))
        (kind, isIntricate) = (.rollback, true)
      default: break
      }
    case .compacted(let payload) where !isSkipped:
      if let list = payload["replacement_history"], list.kind == .array {
        kind = .list
        lists[number] = (
          list.elements.compactMap { Call($0) },
          list.elements.count { Self.kind(of: $0) == .turn }
        )
      } else {
        let isUsual = payload.text("message")?.hasPrefix(CodexCompaction.prefix) == true
        (kind, isIntricate) = (isUsual ? .summary : .promptSummary, true)
      }
    case .meta, .compacted, .other, .unknown: break
    }
    if let kind { steps.append(Step(line: number, kind: kind, count: count)) }
  }

  private static func kind(of item: JSONValue) -> Kind {
    guard item.text("type") == "message" else { return .item }
    switch item.text("role") {
    case "developer": return .context
    case "user":
      return CodexContext.isContext(CodexContent.blocks(item["content"])) ? .context : .turn
    default: return .item
    }
  }

  /// Settles the view.
  mutating func finish() {
    findBase()
    let list = lists[baseLine]
    for call in list?.calls ?? [] where calls[call] ?? 0 < baseLine { calls[call] = baseLine }
    if isIntricate { follow(turnsInBase: list?.turns ?? 0) }
    (steps, lists) = ([], [:])
  }

  /// Goes back turn by turn; a turn that a later rollback removed takes its compaction along.
  private mutating func findBase() {
    var pending = 0
    var isUserTurn = false
    var found: Int?
    for step in steps.reversed() {
      switch step.kind {
      case .rollback: pending = min(pending + step.count, steps.count)
      case .userEvent, .turn: isUserTurn = true
      case .list: found = found ?? step.line
      case .context, .item, .summary, .promptSummary: break
      case .turnStart:
        if pending > 0 {
          if isUserTurn { pending -= 1 }
          found = nil
        }
        isUserTurn = false
        if let found {
          baseLine = found
          return
        }
      }
    }
    if let found, pending == 0 { baseLine = found }
  }

  /// The records in view while they are followed, with the places of turns among them.
  private struct View {
    var steps: [Step] = []
    var turns: [Int] = []
    /// The first record after the base.
    var first = 0

    mutating func append(_ step: Step) {
      if step.kind == .turn || step.kind.isSummary { turns.append(steps.count) }
      steps.append(step)
    }

    mutating func rollBack(_ count: Int, turnsInBase: Int) {
      guard count > 0, !turns.isEmpty || turnsInBase > 0 else { return }
      let bound = turnsInBase > 0 ? first : turns.first ?? first
      var cut = count <= turns.count ? turns[turns.count - count] : bound
      while cut > bound, steps[cut - 1].kind == .context { cut -= 1 }
      steps.removeSubrange(cut...)
      while let last = turns.last, last >= cut { turns.removeLast() }
    }

    /// A compaction without a list leaves the newest prompts of the person.
    mutating func keepPrompts() {
      var budget = keptBytes
      var kept: [Step] = []
      for step in steps.reversed() where [.turn, .promptSummary].contains(step.kind) {
        guard budget > 0 else { break }
        budget -= step.count
        kept.append(step)
      }
      self = View()
      for step in kept.reversed() { append(step) }
    }
  }

  /// Follows the records after the base.
  private mutating func follow(turnsInBase: Int) {
    var view = View()
    if baseLine > 0 {
      view.append(Step(line: baseLine, kind: .item, count: 0))
      view.first = 1
    }
    for step in steps where step.line > baseLine {
      switch step.kind {
      case .turn, .context, .item: view.append(step)
      case .rollback: view.rollBack(step.count, turnsInBase: turnsInBase)
      case .summary, .promptSummary:
        superseded.formUnion(view.steps.lazy.filter(\.kind.isSummary).map(\.line))
        view.keepPrompts()
        view.append(step)
      // A list was undone by a rollback, or it would be the base.
      case .userEvent, .turnStart, .list: break
      }
    }
    let lines = view.steps.map(\.line)
    guard let last = view.steps.lastIndex(where: \.kind.isSummary) else {
      live = Set(lines)
      return
    }
    prompts = Set(lines[..<last])
    live = Set(lines[last...])
  }

  // MARK: The view

  /// Whether an item or compaction on a line is sent on resume.
  func includes(_ line: Int) -> Bool { live?.contains(line) ?? (line >= baseLine) }

  /// Whether a compaction is one that the view starts with.
  func isInForce(_ line: Int) -> Bool { live == nil ? line == baseLine : includes(line) }

  /// Whether a compaction was undone by a rollback.
  func isUndone(_ line: Int) -> Bool {
    live != nil && line > baseLine && !includes(line) && !superseded.contains(line)
  }

  /// Whether the call that a result belongs to is sent on resume.
  func hasCall(id: JSONString, resultType: String) -> Bool {
    let isCustom = resultType == "custom_tool_call_output"
    return calls[Call(id: id, isCustom: isCustom)].map(includes) ?? false
  }
}
