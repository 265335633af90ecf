internal import JSONText
internal import SessionModel

/// What the records of a session say about it as a whole.
struct ClaudeFacts {
  private var customTitle = LatestText()
  private var aiTitle = LatestText()
  private var lastPrompt = LatestText()
  private var latestSummary = LatestText()
  private var prompt = ClaudePrompt()
  private var latestTag = LatestText()
  private var latestAgent = LatestText()
  private var latestMode = LatestText()
  private var branch = LatestText()
  private var latestModel = LatestText()
  private var session = LatestText()
  private(set) var workspace: String?
  private(set) var created: Timestamp?
  private(set) var updated: Timestamp?
  private(set) var forkedFrom: (session: String, message: String?)?
  /// The session that the first line with one says it belongs to.
  private(set) var firstSession: String?
  /// Envelope members that repeat on every line, as first seen.
  private(set) var common: [(key: String, value: RawJSON)] = []
  private var hasCommon = false
  private var usages: [UInt64: TokenUsage] = [:]
  private var looseUsage: TokenUsage?
  private(set) var usage: TokenUsage?

  var summary: String? { latestSummary.text }
  var tag: String? { latestTag.text }
  var agent: String? { latestAgent.text }
  var mode: String? { latestMode.text }
  var gitBranch: String? { branch.text }
  var model: String? { latestModel.text }
  /// The session that the last line with one says it belongs to.
  var lastSession: String? { session.text }

  /// The members of a line that are kept once, in the head, as long as they stay the same.
  static let commonKeys: [StaticString] = ["userType", "entrypoint", "version"]
  static let commonNames = commonKeys.map { "\($0)" }

  /// The title that the tool's lists show.
  var title: String? {
    customTitle.text ?? aiTitle.text ?? lastPrompt.text ?? summary ?? prompt.title
  }

  mutating func note(_ record: ClaudeRecord, _ time: Timestamp?) {
    let kind = record.kind
    if let time {
      if created == nil { created = time }
      if updated.map({ $0 < time }) ?? true { updated = time }
    }
    session.note(record[.session])
    if firstSession == nil { firstSession = session.text }
    if workspace == nil { workspace = Self.text(record[.workspace]) }
    branch.note(record[.gitBranch])
    guard kind.isChain else {
      noteMetadata(record.root, record.type)
      return
    }
    if !hasCommon, kind.isTurn {
      hasCommon = true
      for key in Self.commonKeys {
        if let value = record.root[key] { common.append(("\(key)", RawJSON(value.raw))) }
      }
    }
    if forkedFrom == nil, let fork = record[.fork], let session = Self.text(fork["sessionId"]) {
      forkedFrom = (session, Self.text(fork["messageUuid"]))
    }
    if kind == .assistant, let message = record.message {
      latestModel.note(message[.model]) { !$0.equals("<synthetic>") }
      noteUsage(message, record[.request])
    } else if kind == .user, !prompt.isFound, !record.isTruthy(.isMeta),
      !record.isTruthy(.isSummary), let content = record.message?[.content]
    {
      prompt.note(content)
    }
  }

  /// A text that is not empty.
  fileprivate static func text(_ value: JSONValue?) -> String? {
    guard let text = value?.string, !text.isEmpty else { return nil }
    return text.string
  }

  private mutating func noteMetadata(_ root: JSONValue, _ type: JSONString) {
    if type.equals("custom-title") {
      customTitle.replace(root["customTitle"])
    } else if type.equals("ai-title") {
      aiTitle.replace(root["aiTitle"])
    } else if type.equals("last-prompt") {
      lastPrompt.note(root["lastPrompt"])
    } else if type.equals("summary") {
      latestSummary.note(root["summary"])
    } else if type.equals("tag") {
      latestTag.replace(root["tag"])
    } else if type.equals("agent-name") {
      latestAgent.replace(root["agentName"])
    } else if type.equals("mode") {
      latestMode.replace(root["mode"])
    }
  }

  private mutating func noteUsage(
    _ message: ClaudeObject<ClaudeMessageField>, _ request: JSONValue?
  ) {
    guard let usage = ClaudeMessage.usage(message[.usage]) else { return }
    if let id = message[.id], id.kind == .string, id.range.count > 2 {
      usages[ClaudeIndex.usageKey(id, request)] = usage
    } else {
      looseUsage = looseUsage?.adding(usage) ?? usage
    }
  }

  mutating func finish() {
    var total = looseUsage
    for usage in usages.values { total = total?.adding(usage) ?? usage }
    usage = total
    usages = [:]
  }
}

/// The last text that lines state for something; most lines state the same.
private struct LatestText {
  private(set) var text: String?
  private var spelling: [UInt8] = []

  /// Notes a text, unless it is empty or not wanted.
  mutating func note(_ value: JSONValue?, where isWanted: (JSONString) -> Bool = { _ in true }) {
    guard let value, let text = value.string, !text.isEmpty else { return }
    let spelling = spelling
    if value.withBytes({ $0.isEqual(to: spelling.span) }) { return }
    guard isWanted(text) else { return }
    self.text = text.string
    self.spelling = Array(value.raw)
  }

  /// Notes a text that takes the place of the one before even when it is none.
  mutating func replace(_ value: JSONValue?) {
    text = ClaudeFacts.text(value)
  }
}
