internal import FileIO
internal import JSONText
internal import SessionModel

/// What decides which records are sent on resume: compactions, rollbacks, turns, calls.
///
/// The program takes the newest compaction with a list that no rollback undid, then every later
/// item in file order, minus what rollbacks removed (checked with codex-cli 0.163.0).
struct CodexMarks {
  /// A record that takes part.
  enum Mark {
    case message(CodexScan.LinePlace)
    case item
    case userEvent
    case turnStart
    case rollback(Int)
    case compaction(CodexScan.LinePlace, hasList: Bool)
  }

  static let callTypes: Set<String> = [
    "function_call", "custom_tool_call", "local_shell_call", "tool_search_call",
  ]
  static let conversationTypes: Set<String> = ["message", "agent_message"]
  static let messageTypes: Set<String> = [
    "reasoning", "function_call", "function_call_output", "custom_tool_call",
    "custom_tool_call_output", "local_shell_call", "web_search_call", "tool_search_call",
    "tool_search_output", "image_generation_call", "compaction", "compaction_summary",
    "context_compaction",
  ]
  /// What the program keeps of earlier prompts when a compaction has no list: about 20 000 tokens.
  private static let keptBytes = 80_000

  private var marks: [(line: Int, mark: Mark)] = []
  /// The last line of each call: of those with a text as their input, and of others.
  private var customCalls: [JSONString: Int] = [:]
  private var calls: [JSONString: Int] = [:]
  private var hasRollback = false
  private var hasCompaction = false
  private var hasSummaryOnly = false
  /// The line of the compaction that the program starts from; 0 for none.
  private(set) var baseLine = 0
  /// The lines in view, in order, when it is not simply what follows the base.
  private var live: [Int]?
  /// Compactions without a list that a later one took the place of.
  private var superseded: Set<Int> = []
  /// For compactions without a list, the messages that the program puts before the summary.
  private var prompts: [Int: [CodexScan.LinePlace]] = [:]

  var needsReplay: Bool { hasRollback || hasCompaction }

  mutating func add(_ mark: Mark, line: Int) {
    if case .rollback = mark { hasRollback = true }
    marks.append((line, mark))
  }

  mutating func addCompaction(_ payload: JSONValue, _ place: CodexScan.LinePlace) {
    guard payload["message"]?.string != nil else { return }
    let list = payload["replacement_history"]
    let hasList = list?.kind == .array
    if let list, let metadata = payload["replacement_history_metadata"], metadata.kind == .array,
      metadata.elements.count != list.elements.count
    {
      return
    }
    hasCompaction = true
    if !hasList { hasSummaryOnly = true }
    marks.append((place.line, .compaction(place, hasList: hasList)))
  }

  mutating func addCall(id: JSONString, type: String, line: Int) {
    // A copy: the identifier must not keep its record in memory.
    let id = JSONString(id.string)
    if type == "custom_tool_call" { customCalls[id] = line } else { calls[id] = line }
  }

  /// Whether an item or compaction on a line is sent on resume.
  func includes(_ line: Int) -> Bool {
    guard let live else { return line >= baseLine }
    var low = 0
    var high = live.count
    while low < high {
      let middle = low + (high - low) / 2
      if live[middle] < line { low = middle + 1 } else { high = middle }
    }
    return low < live.count && live[low] == line
  }

  /// Whether a line stands behind the compaction that the view starts with.
  func isAfterBase(_ line: Int) -> Bool { line > baseLine }

  /// Whether a compaction is one that the view starts with.
  func isInForce(_ line: Int) -> Bool {
    live == nil ? line == baseLine : includes(line)
  }

  /// Whether a compaction was undone by a rollback.
  func isUndone(_ line: Int) -> Bool {
    live != nil && line > baseLine && !includes(line) && !superseded.contains(line)
  }

  /// The messages that stay before the summary of a compaction without a list, in order.
  ///
  /// They are prompts, and summaries of earlier compactions that do not read like one.
  func prompts(before line: Int) -> [CodexScan.LinePlace] { prompts[line] ?? [] }

  /// Whether the call that a result belongs to is sent on resume.
  func hasCall(id: JSONString, resultType: String) -> Bool {
    let line = resultType == "custom_tool_call_output" ? customCalls[id] : calls[id]
    return line.map { includes($0) } ?? false
  }

  // MARK: Replay

  private enum Class {
    case turn, context, other
    /// A compaction without a list, and one whose text the program takes for a prompt.
    case summary, promptSummary

    var isSummary: Bool { self == .summary || self == .promptSummary }
  }

  /// Works out the view; `decode` reads a line again.
  mutating func replay(
    _ decode: (CodexScan.LinePlace) throws(FileError) -> CodexLine
  ) throws(FileError) {
    // Needed here only.
    defer { marks = [] }
    guard needsReplay else { return }
    var classes: [Int: Class] = [:]
    if hasRollback || hasSummaryOnly {
      for (line, mark) in marks {
        guard case .message(let place) = mark else { continue }
        let decoded = try decode(place)
        guard decoded.skipped == nil, case .item(let payload) = decoded.kind,
          CodexItem(payload).skipped == nil
        else { continue }
        classes[line] = Self.classify(payload)
      }
      for (line, mark) in marks {
        guard case .compaction(let place, hasList: false) = mark,
          case .compacted(let payload) = try decode(place).kind
        else { continue }
        let text = payload["message"]?.string?.string ?? ""
        classes[line] = text.hasPrefix(CodexCompaction.prefix) ? .summary : .promptSummary
      }
    }
    findBase(classes)
    var baseTurns = 0
    if baseLine > 0, let mark = marks.first(where: { $0.line == baseLine })?.mark,
      case .compaction(let place, _) = mark, case .compacted(let payload) = try decode(place).kind
    {
      for item in payload["replacement_history"]?.elements.map({ $0 }) ?? [] {
        if let type = item["type"]?.string?.string, let id = item["call_id"]?.string,
          Self.callTypes.contains(type)
        {
          let line = type == "custom_tool_call" ? customCalls[id] : calls[id]
          if line ?? 0 < baseLine { addCall(id: id, type: type, line: baseLine) }
        }
        if Self.classify(item) == .turn { baseTurns += 1 }
      }
    }
    if hasRollback || hasSummaryOnly { follow(classes, baseTurns) }
  }

  private static func classify(_ payload: JSONValue) -> Class {
    guard payload["type"]?.string?.equals("message") == true else { return .other }
    let role = Role(payload["role"]?.string?.string ?? "")
    switch role {
    case .developer: return .context
    case .user:
      let isContext = CodexContext.isContext(CodexContent.blocks(payload["content"]).blocks)
      return isContext ? .context : .turn
    default: return .other
    }
  }

  /// Goes back turn by turn; a turn that a later rollback removed takes its compaction along.
  private mutating func findBase(_ classes: [Int: Class]) {
    var pending = 0
    var isUserTurn = false
    var found: Int?
    for (line, mark) in marks.reversed() {
      switch mark {
      case .rollback(let count): pending = min(pending + count, marks.count)
      case .userEvent: isUserTurn = true
      case .message: if classes[line] == .turn { isUserTurn = true }
      case .compaction(_, let hasList): if hasList, found == nil { found = line }
      case .item: break
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
    var entries: [(line: Int, class: Class)] = []
    var turns: [Int] = []
    /// The first entry after the base.
    var first = 0

    mutating func append(_ line: Int, _ class: Class) {
      if `class` == .turn || `class`.isSummary { turns.append(entries.count) }
      entries.append((line, `class`))
    }
  }

  /// Follows the records after the base.
  private mutating func follow(_ classes: [Int: Class], _ baseTurns: Int) {
    var places: [Int: CodexScan.LinePlace] = [:]
    if hasSummaryOnly {
      for (line, mark) in marks {
        switch mark {
        case .message(let place), .compaction(let place, hasList: false): places[line] = place
        default: break
        }
      }
    }
    var view = View()
    if baseLine > 0 { view.append(baseLine, .other) }
    view.first = view.entries.count
    for (line, mark) in marks where line > baseLine {
      switch mark {
      case .message: view.append(line, classes[line] ?? .other)
      case .item: view.append(line, .other)
      case .userEvent, .turnStart: break
      case .rollback(let count): Self.rollBack(count, &view, baseTurns: baseTurns)
      case .compaction(_, let hasList):
        // One with a list was undone by a rollback, or it would be the base.
        if hasList { break }
        for entry in view.entries where entry.class.isSummary { superseded.insert(entry.line) }
        Self.keepPrompts(&view, places)
        view.append(line, classes[line] ?? .summary)
      }
    }
    let lines = view.entries.map(\.line)
    guard let last = view.entries.lastIndex(where: { $0.class.isSummary }) else {
      live = lines
      return
    }
    prompts[lines[last]] = lines[..<last].compactMap { places[$0] }
    live = Array(lines[last...])
  }

  private static func rollBack(_ count: Int, _ view: inout View, baseTurns: Int) {
    guard count > 0, !view.turns.isEmpty || baseTurns > 0 else { return }
    let bound = baseTurns > 0 ? view.first : view.turns.first ?? view.first
    var cut = count <= view.turns.count ? view.turns[view.turns.count - count] : bound
    while cut > bound, view.entries[cut - 1].class == .context { cut -= 1 }
    view.entries.removeSubrange(cut...)
    while let last = view.turns.last, last >= cut { view.turns.removeLast() }
  }

  /// A compaction without a list leaves the newest prompts of the person.
  private static func keepPrompts(_ view: inout View, _ places: [Int: CodexScan.LinePlace]) {
    var budget = keptBytes
    var kept: [(line: Int, class: Class)] = []
    for entry in view.entries.reversed() where [.turn, .promptSummary].contains(entry.class) {
      guard budget > 0 else { break }
      budget -= places[entry.line]?.count ?? 0
      kept.append(entry)
    }
    view = View()
    for entry in kept.reversed() { view.append(entry.line, entry.class) }
  }
}
