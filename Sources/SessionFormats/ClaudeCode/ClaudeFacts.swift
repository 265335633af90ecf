internal import JSONText
internal import SessionModel

/// What the records of a session say about it as a whole.
struct ClaudeFacts {
  var customTitle: String?
  var aiTitle: String?
  var lastPrompt: String?
  var summary: String?
  private var prompt = ClaudePrompt()
  var tag: String?
  var agent: String?
  var mode: String?
  var workspace: String?
  var gitBranch: String?
  var model: String?
  var created: Timestamp?
  var updated: Timestamp?
  var forkedFrom: (session: String, message: String?)?
  /// The session that lines say they belong to: the first and the last named.
  var firstSession: String?
  var lastSession: String?
  /// Envelope members that repeat on every line, as first seen.
  var common: [(key: String, value: RawJSON)] = []
  private var hasCommon = false
  private var usages = ClaudeUsages()
  private var looseUsage: TokenUsage?
  var usage: TokenUsage?

  /// The members of a line that are kept once, in the head, as long as they stay the same.
  static let commonKeys: [StaticString] = ["userType", "entrypoint", "version"]
  static let commonNames = commonKeys.map { "\($0)" }

  /// The title that the tool's lists show.
  var title: String? {
    customTitle ?? aiTitle ?? lastPrompt ?? summary ?? prompt.title
  }

  mutating func note(
    _ root: JSONValue, _ kind: ClaudeKind, _ type: JSONString, _ time: Timestamp?
  ) {
    func text(_ value: JSONValue?) -> String? {
      guard let text = value?.string, !text.isEmpty else { return nil }
      return text.string
    }
    if let time {
      if created == nil { created = time }
      if updated.map({ $0 < time }) ?? true { updated = time }
    }
    if let session = text(root["sessionId"]) {
      if firstSession == nil { firstSession = session }
      lastSession = session
    }
    if workspace == nil { workspace = text(root["cwd"]) }
    if let branch = text(root["gitBranch"]) { gitBranch = branch }
    guard kind.isChain else {
      noteMetadata(root, type, text)
      return
    }
    if !hasCommon, kind.isTurn {
      hasCommon = true
      for key in Self.commonKeys {
        if let value = root[key] { common.append(("\(key)", RawJSON(value.raw))) }
      }
    }
    if forkedFrom == nil, let fork = root["forkedFrom"], let session = text(fork["sessionId"]) {
      forkedFrom = (session, text(fork["messageUuid"]))
    }
    if kind == .assistant, let message = root["message"] {
      if let name = text(message["model"]), name != "<synthetic>" { model = name }
      noteUsage(message, root["requestId"])
    } else if kind == .user, !prompt.isFound, !(root["isMeta"]?.isTruthy ?? false),
      !(root["isCompactSummary"]?.isTruthy ?? false), let content = root["message"]?["content"]
    {
      prompt.note(content)
    }
  }

  private mutating func noteMetadata(
    _ root: JSONValue, _ type: JSONString, _ text: (JSONValue?) -> String?
  ) {
    if type.equals("custom-title") {
      customTitle = text(root["customTitle"])
    } else if type.equals("ai-title") {
      aiTitle = text(root["aiTitle"])
    } else if type.equals("last-prompt") {
      if let prompt = text(root["lastPrompt"]) { lastPrompt = prompt }
    } else if type.equals("summary") {
      if let title = text(root["summary"]) { summary = title }
    } else if type.equals("tag") {
      tag = text(root["tag"])
    } else if type.equals("agent-name") {
      agent = text(root["agentName"])
    } else if type.equals("mode") {
      mode = text(root["mode"])
    }
  }

  private mutating func noteUsage(_ message: JSONValue, _ request: JSONValue?) {
    guard let usage = ClaudeMessage.usage(message["usage"]) else { return }
    if let id = message["id"], id.kind == .string, id.raw.count > 2 {
      usages.set(usage, for: ClaudeIndex.usageKey(id, request))
    } else {
      looseUsage = looseUsage?.adding(usage) ?? usage
    }
  }

  mutating func finish() {
    var total = looseUsage
    for usage in usages.values { total = total?.adding(usage) ?? usage }
    usage = total
    usages = ClaudeUsages()
  }
}

/// The tokens of each response by its key; the last record of a response counts.
private struct ClaudeUsages {
  private var places: [UInt64: Int32] = [:]
  private(set) var values = ChunkedArray<TokenUsage>()

  mutating func set(_ usage: TokenUsage, for key: UInt64) {
    if let place = places[key] {
      values[Int(place)] = usage
    } else {
      places[key] = Int32(clamping: values.count)
      values.append(usage)
    }
  }
}
