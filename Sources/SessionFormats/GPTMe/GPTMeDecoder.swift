internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the messages of a conversation mean.
struct GPTMeDecoder: RecordDecoder {
  static func recognizes(_ first: JSONValue) -> Bool {
    guard let role = first.text("role"), first["content"]?.string != nil,
      first.text("timestamp") != nil
    else { return false }
    return ["system", "user", "assistant"].contains(role)
  }

  static func id(in first: JSONValue) -> String? { nil }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(GPTMe.id)
  private let file: LocatedSession
  /// The calls of the message before, which results may answer.
  private var calls: [Block.ToolCall] = []

  init(_ file: LocatedSession) {
    self.file = file
    head = SessionHead(id: file.id)
    head.messageCount = 0
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    guard let role = object.text("role"), let content = object["content"]?.string else {
      log.add(
        "message", .error, record.place, "role or content is no text; gptme passes the line over")
      return
    }
    head.messageCount = (head.messageCount ?? 0) + 1
    if let time = Self.time(of: object) {
      head.created = head.created ?? time
      head.updated = max(head.updated ?? time, time)
    }
    head.model = object["metadata"]?.text("model") ?? head.model
    if let usage = Self.usage(object["metadata"]) {
      head.usage = head.usage?.adding(usage) ?? usage
    }
    if firstPrompt == nil, role == "user" { firstPrompt = String(content.string.prefix(200)) }
    let made = GPTMeText(content.string).calls
    if let id = object["call_id"]?.string, !calls.contains(where: { $0.id == id }) {
      log.add(
        "result-call", .warning, record.place,
        "the message before has no call \(id.string); gptme sends the result as the person's text")
    }
    if role == "assistant" { calls = made }
    if role == "user" { calls = [] }
  }

  mutating func finishScan() {
    calls = []
    let facts = file.texts[GPTMe.config].map(Self.facts) ?? [:]
    head.title = facts["name"].flatMap { $0.isEmpty ? nil : $0 }
    head.workspace = facts["workspace"]
    head.model = head.model ?? facts["model"]
  }

  /// The texts in the table `chat` of a TOML file.
  private static func facts(_ toml: [UInt8]) -> [String: String] {
    var facts: [String: String] = [:]
    var isChat = false
    for line in String(decoding: toml, as: UTF8.self).split(whereSeparator: \.isNewline) {
      if line.hasPrefix("[") { isChat = line.hasPrefix("[chat]") }
      guard isChat, let equals = line.firstIndex(of: "=") else { continue }
      let name = line[..<equals].filter { !$0.isWhitespace }
      let value = line[line.index(after: equals)...].drop(while: \.isWhitespace)
      facts[name] = JSONDocument(ifValid: Array(value.utf8))?.root.string?.string
    }
    return facts
  }

  /// Times of the program have no zone; they are taken as UTC, because nothing tells it.
  private static func time(of object: JSONValue) -> Timestamp? {
    guard let text = object.text("timestamp") else { return nil }
    return Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "Z")
  }

  private static func usage(_ metadata: JSONValue?) -> TokenUsage? {
    // Older logs have the numbers in the metadata itself.
    guard let usage = metadata?["usage"] ?? metadata, usage["output_tokens"] != nil else {
      return nil
    }
    return TokenUsage(
      input: usage["input_tokens"]?.int64, output: usage["output_tokens"]?.int64,
      cacheRead: usage["cache_read_tokens"]?.int64,
      cacheWrite: usage["cache_creation_tokens"]?.int64)
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    guard let role = object.text("role"), let content = object["content"]?.string else { return [] }
    var message = Message(role: Role(role), time: Self.time(of: object))
    message.model = object["metadata"]?.text("model")
    message.usage = Self.usage(object["metadata"])
    message.extras = object.extras(
      of: GPTMe.id, except: ["role", "content", "timestamp", "files", "call_id"])
    let files = object["files"]?.elements.compactMap { $0.string.map(Self.attachment) } ?? []
    switch role {
    case "assistant":
      message.blocks = GPTMeText(content.string).blocks + files
      calls = message.blocks.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
    case "system" where object["call_id"]?.string != nil:
      let id = object["call_id"]?.string ?? ""
      message.role = .tool
      message.blocks = [
        .toolResult(
          Block.ToolResult(
            callID: id, name: calls.first { $0.id == id }?.name,
            content: (content.isEmpty ? [] : [.text(Block.Text(content))]) + files))
      ]
    default:
      message.blocks = (content.isEmpty ? [] : [.text(Block.Text(content))]) + files
      if object["hide"]?.bool == true { message.flags.insert(.hidden) }
      if object["metadata"]?.text("compaction_artifact") != nil { message.flags.insert(.synthetic) }
    }
    // Shown, and not sent.
    return [Entry(.message(message), isEffective: object["ui_only"]?.bool != true)]
  }

  private static func attachment(_ path: JSONString) -> Block {
    let name = path.string.split(separator: "/").last.map(String.init) ?? path.string
    let ending = name.split(separator: ".").last?.lowercased() ?? ""
    guard ["png", "jpg", "jpeg", "gif", "webp"].contains(ending) else {
      return .file(Block.File(name: JSONString(name), path: path))
    }
    return .image(
      Block.Image(mediaType: JSONString("image/" + (ending == "jpg" ? "jpeg" : ending)), path: path)
    )
  }
}
