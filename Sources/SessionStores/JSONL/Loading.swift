internal import JSONText
internal import SessionModel

/// A session while its file is read, line by line.
struct Loading {
  private var session: Session
  private let profile: JSONLStore.Profile
  private var hasMeta = false
  /// Messages seen, by identifier or content: current releases keep the first of equal ones.
  private var seen: Set<String> = []

  init(id: String, profile: JSONLStore.Profile) {
    session = Session(id: id)
    self.profile = profile
  }

  mutating func add(
    _ bytes: [UInt8], line: Int, onDamage: (_ line: Int, _ reason: String) -> Void
  ) {
    switch StoredRecord(bytes, id: session.id, profile: profile) {
    case .blank, .ignored, .reference: break
    case .damaged(let reason): onDamage(line, reason)
    case .meta(let head): session.apply(head, keepingSettings: profile == .current)
    case .message(let message): add(message)
    case .checkpoint(let messages):
      // Current releases keep everything and read such a list as history only.
      guard profile == .documented else { return }
      session.messages = messages
      session.tunnelEvents = []
      session.usageHistory = []
      session.metrics = []
      session.cost = nil
    case .cost(let cost): session.cost = cost
    case .tunnelEvent(let event):
      if profile == .documented { session.tunnelEvents.append(event) }
    case .usage(let usage): session.usageHistory.append(usage)
    case .metric(let metric): session.metrics.append(metric)
    }
  }

  private mutating func add(_ message: Message) {
    if profile == .current {
      guard seen.insert(message.id.isEmpty ? message.fingerprint : message.id).inserted else {
        return
      }
    }
    session.messages.append(message)
  }

  func session(loadedAt now: Timestamp) -> Session {
    var session = session
    if session.createdAt.isGoZero { session.createdAt = now }
    if session.updatedAt.isGoZero { session.updatedAt = session.createdAt }
    if profile == .current, session.workspace.isEmpty {
      session.workspace = currentWorkspacePath()
    }
    session.rebuildEndpointStats()
    return session
  }
}

extension Message {
  /// What current releases take for the message's content when it has no identifier.
  fileprivate var fingerprint: String {
    var parts = [role]
    for block in content ?? [] {
      switch block.type {
      case "text": parts += ["text", block.text]
      case "tool_use": parts += ["tool_use", block.toolName, block.input?.string ?? ""]
      case "tool_result": parts += ["tool_result", block.toolID, block.output]
      default: parts.append(block.type)
      }
    }
    return parts.joined(separator: "\u{0}")
  }
}
