internal import JSONText
internal import SessionModel

/// What the records of a session say about it as a whole.
struct ClaudeFacts: Sendable {
  private var customTitle, aiTitle, lastPrompt, summary: String?
  private var prompt = ClaudePrompt()
  private var tag, agent, mode, gitBranch, model, workspace: String?
  private var created, updated: Timestamp?
  private var forkedFrom: ParentLink?
  /// The sessions that the first and the last line with one say they belong to.
  private(set) var firstSession, lastSession: String?
  /// Envelope members that repeat on every line, as first seen.
  private var common: [Extra]?
  /// The tokens of each response as its last record states them, and those of no response.
  private var usages: [UInt64: TokenUsage] = [:]
  private var looseUsage: TokenUsage?

  /// The members of a line that are kept once, in the head, as long as they stay the same.
  static let commonNames: [StaticString] = ["userType", "entrypoint", "version"]

  mutating func note(_ record: ClaudeRecord) {
    func text(_ name: StaticString) -> String? {
      record.root.text(name).flatMap { $0.isEmpty ? nil : $0 }
    }
    if let time = record.time {
      created = created ?? time
      if updated.map({ $0 < time }) ?? true { updated = time }
    }
    lastSession = text("sessionId") ?? lastSession
    firstSession = firstSession ?? lastSession
    workspace = workspace ?? text("cwd")
    gitBranch = text("gitBranch") ?? gitBranch
    switch record.type {
    case "custom-title": customTitle = text("customTitle")
    case "ai-title": aiTitle = text("aiTitle")
    case "last-prompt": lastPrompt = text("lastPrompt") ?? lastPrompt
    case "summary": summary = text("summary") ?? summary
    case "tag": tag = text("tag")
    case "agent-name": agent = text("agentName")
    case "mode": mode = text("mode")
    default: if record.kind.isChain { noteChain(record) }
    }
  }

  private mutating func noteChain(_ record: ClaudeRecord) {
    if common == nil, record.kind.isTurn {
      common = Self.commonNames.compactMap { name in
        record[name].map {
          Extra(format: ClaudeCode.id, key: "\(name)", value: RawJSON($0.raw))
        }
      }
    }
    if forkedFrom == nil, let fork = record["forkedFrom"], let session = fork.text("sessionId"),
      !session.isEmpty
    {
      forkedFrom = ParentLink(
        id: session, kind: .branch,
        message: fork.text("messageUuid").flatMap { $0.isEmpty ? nil : $0 })
    }
    guard let message = record.message else { return }
    if record.kind == .assistant {
      if let name = message.text("model"), !name.isEmpty, name != "<synthetic>" { model = name }
      guard let usage = ClaudeBlocks.usage(message["usage"]) else { return }
      if let id = message["id"], !(id.string?.isEmpty ?? true) {
        usages[ClaudeGraph.responseKey(id, record["requestId"])] = usage
      } else {
        looseUsage = looseUsage?.adding(usage) ?? usage
      }
    } else if record.kind == .user, !record.isTruthy("isMeta"),
      !record.isTruthy("isCompactSummary"), let content = record.content
    {
      prompt.note(content)
    }
  }

  /// The head of the session; its title is the one that the tool's lists show.
  func head(id: String) -> SessionHead {
    var head = SessionHead(id: id)
    head.title = customTitle ?? aiTitle ?? lastPrompt ?? summary ?? prompt.title
    head.summary = summary
    (head.created, head.updated) = (created, updated)
    head.workspace = workspace
    head.gitBranch = gitBranch == "HEAD" ? nil : gitBranch
    if model?.contains("claude") ?? false {
      (head.provider, head.providerKey) = ("Anthropic", "anthropic")
    }
    (head.model, head.agent, head.mode) = (model, agent, mode)
    head.tags = tag.map { [$0] } ?? head.tags
    head.parent = forkedFrom
    head.usage = usages.values.reduce(looseUsage) { $0?.adding($1) ?? $1 }
    head.extras = common ?? []
    return head
  }
}
