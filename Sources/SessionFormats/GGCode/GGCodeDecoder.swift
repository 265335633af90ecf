internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the lines of one session mean.
struct GGCodeDecoder: RecordDecoder {
  private(set) var head: SessionHead
  var log = FindingLog(GGCode.id)
  /// Our own records.
  var carry: [GGCodeCarry.Line] = []
  /// Whether there is a meta that decodes.
  private(set) var hasMeta = false
  /// The session that the first record with a session identifier states.
  private(set) var statedID: String?
  private(set) var view = GGCodeEffectiveView()
  /// What current releases go on with, where that is asked for; classic ones go on with everything.
  var window: GGCodeContextWindow?
  private let id: String
  private var messageCount = 0
  private var lastMetaIsCurrent = false
  /// What the metas so far set last of what current releases keep when a later meta omits it.
  private var workspace: String?
  private var settings: [Extra] = []
  /// Whether somebody has spoken, beside the instructions at the start.
  private var hasConversation = false

  private static let kept: Set<String> = [
    "permission_mode", "sidebar_visible", "context_window", "max_tokens",
  ]

  init(_ file: LocatedSession) {
    id = file.id
    head = SessionHead(id: file.id)
  }

  var firstPrompt: String? { nil }

  /// The layout to go on with in the file.
  var layout: GGCodeLayout { lastMetaIsCurrent ? .current : .portable }

  static func id(in first: JSONValue) -> String? { nil }

  static func recognizes(_ first: JSONValue) -> Bool {
    guard let type = first["type"]?.string else { return false }
    return GGCodeRecord.Kind(rawValue: type.string) != nil
      && (first["created_at"] != nil || first["carry"] != nil)
  }

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) { note(record) }

  /// Takes note of a line of any kind.
  mutating func note(_ record: NativeRecord) {
    let line = GGCodeLine(record, id: id)
    GGCodeLineRules.check(line, record, &log)
    if statedID == nil, record.number <= 50 {
      // A field of another kind is the finding of a rule.
      statedID = (try? line.record?.text(.sessionID)) ?? nil
    }
    guard case .content(let content) = line.content else { return }
    switch content {
    case .headChange(let meta): note(meta, isCurrent: line.record?.isCurrent ?? false)
    case .message: messageCount += 1
    case .checkpoint, .usage, .metric, .event, .opaque: break
    }
    view.note(content, line: record.number)
    window?.note(content, line: record.number)
  }

  /// The last meta wins completely, but current releases keep some settings when it omits them.
  private mutating func note(_ meta: SessionHead, isCurrent: Bool) {
    head = meta
    hasMeta = true
    lastMetaIsCurrent = isCurrent
    workspace = meta.workspace ?? workspace
    let own = meta.extras.filter { Self.kept.contains($0.key) }
    settings = own + settings.filter { earlier in !own.contains { $0.key == earlier.key } }
  }

  mutating func finishScan() {
    if lastMetaIsCurrent || view.isByReference {
      head.workspace = workspace
      head.extras += settings.filter { head.extras.value($0.key, of: GGCode.id) == nil }
    }
    head.messageCount = messageCount
    view.finish()
    window?.finish()
  }

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    switch GGCodeLine(record, id: id).content {
    case .blank: return []
    case .content(let content):
      var isEffective = view.includes(content, line: record.number)
      if case .message = content, window?.includes(line: record.number) == false {
        isEffective = false
      }
      return [Entry(markingSummary(content), isEffective: isEffective)]
    case .ignored(let type): return [opaque(record, type: type)]
    case .damaged(let message, _): return [opaque(record, damage: message)]
    }
  }

  private func opaque(_ record: NativeRecord, type: String? = nil, damage: String? = nil) -> Entry {
    Entry(
      .opaque(
        OpaqueRecord(format: GGCode.id, type: type, damage: damage, bytes: record.bytes)),
      isEffective: false)
  }

  /// Marks the summary that stands where a conversation begins.
  ///
  /// Classic releases save the context that a checkpoint left, without the checkpoint.
  private mutating func markingSummary(_ content: Entry.Content) -> Entry.Content {
    guard !hasConversation, case .message(var message) = content else { return content }
    let isSummary = GGCodeEntry.isSummary(message)
    hasConversation = isSummary || message.role != .system
    guard isSummary else { return content }
    message.flags.insert(.compactionSummary)
    return .message(message)
  }
}
