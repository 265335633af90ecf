internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Turns records into entries.
struct ChatDecoder {
  /// The folder that media are looked for in.
  let folder: String
  private(set) var findings: [Finding] = []
  private var elements: [ChatElement] = []
  private var next = 0

  /// Deeper tool results in tool results are read as if they stood at this depth.
  private static let deepest: Int64 = 64

  init(folder: String) { self.folder = folder }

  /// The entry of a record; nil for what a conversion noted about itself.
  mutating func entry(of record: ChatRecord) -> Entry? {
    elements = record.elements
    next = 0
    let first = elements[0]
    if first.isCarry { return nil }
    let origin = Origin(format: Markdown.id, bytes: record.bytes)
    guard first.value != nil || first.kind == nil, let entry = known(first) else {
      return Entry(
        .opaque(
          OpaqueRecord(
            format: Markdown.id, type: first.kind?.rawValue, damage: damage(of: first),
            bytes: record.bytes)), isEffective: false, origin: origin, place: first.place)
    }
    return Entry(
      entry.content, isEffective: entry.isEffective, origin: origin, place: record.place)
  }

  private func damage(of element: ChatElement) -> String? {
    if element.value == nil { return "the marker holds no valid JSON" }
    switch element.kind {
    case .block: return "the block stands outside of any message"
    case .end: return "the end marker is not the last line"
    default: return nil
    }
  }

  private mutating func known(_ first: ChatElement) -> Entry? {
    switch first.kind {
    case .message:
      let message = message(branch: nil)
      return Entry(.message(message), isEffective: Self.isEffective(first))
    case .branch:
      guard elements.count > 1, elements[1].kind == .message, elements[1].value != nil else {
        return nil
      }
      next = 1
      let message = message(branch: first.value?["from"]?.string?.string)
      return Entry(.message(message), isEffective: Self.isEffective(elements[1]))
    case .checkpoint:
      return Entry(.checkpoint(checkpoint()), isEffective: Self.isEffective(first))
    case .event, .raw:
      return event().map { Entry($0, isEffective: Self.isEffective(first)) }
    case .block, .end, nil: return nil
    }
  }

  private static func isEffective(_ element: ChatElement) -> Bool {
    element.value?["effective"]?.bool ?? true
  }

  mutating func note(_ rule: String, _ severity: Severity, at place: Place, _ message: String) {
    findings.append(
      Finding(rule: rule, severity: severity, place: place, message: message, isSalvaged: true))
  }

  // MARK: Elements

  /// Takes the next element with the parts that follow it.
  private mutating func take() -> ChatFieldReader {
    let element = elements[next]
    next += 1
    var reader = ChatFieldReader(element: element)
    while next < elements.count, let name = elements[next].partName {
      reader.parts[name] = elements[next]
      next += 1
    }
    return reader
  }

  /// The head's fields that stand behind the title.
  mutating func extrasOfHead(in record: ChatRecord) -> [Extra] {
    elements = record.elements
    next = 0
    return take().extras
  }

  private mutating func message(branch: String?) -> Message {
    let fields = take()
    var message = Message(role: Role(fields.string("role") ?? "user"))
    if fields.string("role") == nil {
      note(
        "markdown.role-present", .warning, at: fields.element.place,
        "the message has no role and is read as the user's")
    }
    message.id = fields.string("id")
    message.parent = fields.string("parent") ?? branch
    message.time = fields.time("time")
    message.duration = fields.number("duration_ns")
    message.model = fields.string("model")
    message.usage = fields.value("usage").flatMap { ChatTime.tokens($0) }
    message.turn = fields.number("turn")
    if fields.value("hidden")?.bool == true { message.flags.insert(.hidden) }
    for name in fields.value("flags").map({ $0.elements.compactMap(\.string) }) ?? [] {
      for (flag, known) in ChatFlags.all where name.equals(known) { message.flags.insert(flag) }
    }
    message.extras = fields.extras
    while next < elements.count, elements[next].kind == .block {
      message.blocks.append(block(depth: 0))
    }
    return message
  }

  private mutating func checkpoint() -> Checkpoint {
    let fields = take()
    var extras = fields.extras
    for (key, usual) in [("kind", "compaction"), ("keeps", nil)] as [(String, String?)] {
      guard let value = fields.value(key) else { continue }
      if let usual, value.string?.string == usual { continue }
      extras.append(
        Extra(format: Markdown.id, key: key, value: RawJSON(Array(value.raw)[...])))
    }
    var checkpoint = Checkpoint(
      summaryMessage: fields.string("summary"), lastMessage: fields.string("last"),
      tokens: fields.number("tokens"), time: fields.time("time"), extras: extras)
    var messages: [Message] = []
    // Blocks without a message of their own are the summary.
    if next < elements.count, elements[next].kind == .block {
      var summary = Message(role: .system, flags: .compactionSummary)
      while next < elements.count, elements[next].kind == .block {
        summary.blocks.append(block(depth: 0))
      }
      messages.append(summary)
    }
    while next < elements.count, elements[next].kind == .message {
      messages.append(message(branch: nil))
    }
    if fields.value("messages") != nil || !messages.isEmpty { checkpoint.messages = messages }
    return checkpoint
  }

  // MARK: Blocks

  private mutating func block(depth: Int64) -> Block {
    let fields = take()
    let element = fields.element
    guard element.value != nil else { return unknown(fields) }
    switch fields.string("type") {
    case "text": return .text(Block.Text(fields.body, extras: fields.extras))
    case "thinking":
      return .thinking(
        Block.Thinking(
          fields.body, signature: fields.text("signature"), encrypted: fields.text("encrypted"),
          id: fields.text("id"), kind: fields.string("kind"), extras: fields.extras))
    case "tool_call":
      let hasArguments = element.body != nil && element.value?["arguments"]?.isNull != true
      return .toolCall(
        Block.ToolCall(
          id: fields.text("id") ?? "", name: fields.text("name") ?? "",
          arguments: hasArguments ? ChatArguments.read(fields.bodyBytes) : nil,
          extras: fields.extras))
    case "tool_result":
      var content: [Block] = []
      if fields.value("parts") != nil {
        let inner = min(depth + 1, Self.deepest)
        while next < elements.count, elements[next].kind == .block, elements[next].depth > depth,
          depth < Self.deepest
        {
          content.append(block(depth: inner))
        }
      } else if element.body != nil {
        content = [.text(Block.Text(fields.body))]
      }
      return .toolResult(
        Block.ToolResult(
          callID: fields.text("id") ?? "", name: fields.text("name"), content: content,
          isError: fields.value("error")?.bool ?? false, extras: fields.extras))
    case "image": return image(fields)
    case "file":
      return .file(
        Block.File(
          name: fields.text("name"), mediaType: fields.text("mime"),
          base64: base64(fields)?.text, path: fields.text("path"), text: fields.part("text"),
          size: fields.number("size"), extras: fields.extras))
    case "opaque":
      return .opaque(
        Block.OpaqueBlock(
          format: fields.string("format") ?? "", type: fields.text("kind") ?? "",
          json: ChatArguments.read(fields.bodyBytes)))
    default: return unknown(fields)
    }
  }

  /// A block of a type of later versions, or with a broken marker: kept whole.
  private mutating func unknown(_ fields: ChatFieldReader) -> Block {
    let element = fields.element
    if element.value != nil {
      note(
        "markdown.type-known", .warning, at: element.place,
        "a block of the type \"\(fields.string("type") ?? "")\" is not known; it is kept as it is")
    }
    var json = JSONWriter()
    json.beginObject()
    if let value = element.value { json.field("marker", RawJSON(Array(value.raw)[...])) }
    json.field("text", fields.body)
    json.endObject()
    return .opaque(
      Block.OpaqueBlock(
        format: Markdown.id, type: JSONString(fields.string("type") ?? "broken"),
        json: RawJSON(json.bytes[...])))
  }

  private mutating func image(_ fields: ChatFieldReader) -> Block {
    var extras = fields.extras
    let content = base64(fields)
    if let missing = content?.missing {
      extras.append(Extra(format: Markdown.id, key: "blob", value: missing))
      if let size = fields.value("size") {
        extras.append(
          Extra(format: Markdown.id, key: "size", value: RawJSON(Array(size.raw)[...])))
      }
    }
    return .image(
      Block.Image(
        mediaType: fields.text("mime"), base64: content?.text, path: fields.text("path"),
        extras: extras))
  }

  /// The medium of an element: in its link, in a file beside, or in a part.
  private mutating func base64(_ fields: ChatFieldReader) -> (text: JSONString?, missing: RawJSON?)?
  {
    if let reference = fields.value("blob") {
      let name = reference.string?.string ?? ""
      if let hash = MarkdownMedia.hash(of: name),
        let bytes = MarkdownMedia.read(hash, besides: folder)
      {
        return (JSONString(Base64.encode(bytes)), nil)
      }
      note(
        "markdown.blob-exists", .warning, at: fields.element.place,
        "the medium \(name) is not beside the file, or not what its name says")
      return (nil, RawJSON(Array(reference.raw)[...]))
    }
    if let part = fields.part("base64") { return (part, nil) }
    guard let body = fields.element.body else { return nil }
    let text = String(decoding: body, as: UTF8.self)
    guard let start = text.firstRange(of: "](data:")?.upperBound,
      let comma = text[start...].firstRange(of: ";base64,")?.upperBound,
      let end = text[comma...].utf8.firstIndex(of: UInt8(ascii: ")"))
    else { return nil }
    return (JSONString(String(text[comma..<end])), nil)
  }

  // MARK: Other entries

  private mutating func event() -> Entry.Content? {
    let fields = take()
    if fields.element.kind == .raw {
      guard fields.string("type") == "record", fields.element.body != nil else { return nil }
      return .opaque(
        OpaqueRecord(
          format: fields.string("format") ?? Markdown.id, type: fields.string("kind"),
          damage: fields.string("damage"), bytes: fields.bodyBytes[...]))
    }
    switch fields.string("type") {
    case "usage":
      return .usage(
        UsageRecord(
          time: fields.time("time"), turn: fields.number("turn"), model: fields.string("model"),
          provider: fields.string("provider"), endpoint: fields.string("endpoint"),
          source: fields.string("source"),
          usage: fields.value("usage").flatMap { ChatTime.tokens($0) } ?? TokenUsage(),
          extras: fields.extras))
    case "metric": return .metric(metric(fields))
    case "event":
      var data = fields.value("data").map { RawJSON(Array($0.raw)[...]) }
      if let part = fields.parts["data"] {
        data = ChatArguments.read(ChatFieldReader.bytes(of: part))
      }
      return .event(
        EventRecord(
          format: fields.string("format") ?? Markdown.id, kind: fields.string("kind") ?? "",
          id: fields.string("id"), stream: fields.string("stream"), type: fields.string("event"),
          time: fields.time("time"), data: data, extras: fields.extras))
    case "head":
      guard var head = ChatHead.read({ fields.value($0) }) else { return nil }
      head.extras = fields.extras
      return .headChange(head)
    default: return nil
    }
  }

  private func metric(_ fields: ChatFieldReader) -> MetricRecord {
    var metric = MetricRecord(kind: fields.string("kind") ?? "", extras: fields.extras)
    metric.time = fields.time("time")
    metric.turn = fields.number("turn")
    metric.timeToFirstToken = fields.number("time_to_first_token_ns")
    metric.thinkTime = fields.number("think_time_ns")
    metric.duration = fields.number("duration_ns")
    metric.usage = fields.value("usage").flatMap { ChatTime.tokens($0) }
    metric.tool = fields.string("tool")
    metric.toolSuccess = fields.value("tool_success")?.bool
    metric.toolError = fields.text("tool_error")
    metric.toolDuration = fields.number("tool_duration_ns")
    metric.model = fields.string("model")
    metric.provider = fields.string("provider")
    metric.endpoint = fields.string("endpoint")
    return metric
  }
}
