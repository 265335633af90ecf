internal import JSONText
public import SessionModel

/// Makes sessions that hold everything the model can say, in odd combinations, from a seed.
///
/// Nothing is plausible on purpose: texts with every kind of character, all kinds of blocks nested in
/// each other, counts at the edges, extra fields named like known ones.
public struct SessionGenerator {
  private var random: SeededGenerator
  /// The longest text, in characters.
  private let longestText: Int

  /// Starts at a seed.
  public init(seed: UInt64, longestText: Int = 400) {
    random = SeededGenerator(seed: seed)
    self.longestText = longestText
  }

  /// A session: its head, and its timeline with the head first.
  public mutating func session(id: String) -> (head: SessionHead, entries: [Entry]) {
    let head = head(id: id)
    var entries = [Entry(.headChange(head))]
    for number in 0..<Int.random(in: 0...12, using: &random) {
      entries.append(entry(number: number, id: id))
    }
    return (head, entries)
  }

  /// A session with a head that says nothing and one message, event, usage or metric of few parts.
  ///
  /// What a conversion of it loses is one thing or few, so that no loss hides another.
  public mutating func smallSession(id: String) -> (head: SessionHead, entries: [Entry]) {
    let head = SessionHead(id: id)
    var content: Entry.Content
    switch Int.random(in: 0..<10, using: &random) {
    case 0: content = .usage(UsageRecord(turn: maybe { $0.integer() }, usage: tokens()))
    case 1: content = .event(event())
    case 2:
      var metric = MetricRecord(kind: pick(["llm", "tool"]))
      metric.duration = maybe { $0.integer() }
      metric.toolSuccess = maybe { $0.bool() }
      content = .metric(metric)
    default:
      var message = Message(role: pick([.user, .assistant, .tool]), blocks: [block(depth: 2)])
      switch Int.random(in: 0..<8, using: &random) {
      case 0: message.id = "m1"
      case 1: message.time = time()
      case 2: message.duration = integer()
      case 3: message.model = text()
      case 4: message.turn = integer()
      case 5: message.extras = extras()
      case 6: message.flags = pick([.hidden, .synthetic, .sideChain])
      default: break
      }
      content = .message(message)
    }
    return (head, [Entry(.headChange(head)), Entry(content)])
  }

  // MARK: Heads and entries

  private mutating func head(id: String) -> SessionHead {
    var head = SessionHead(id: id)
    head.title = maybe { $0.text() }
    head.summary = maybe { $0.text() }
    head.preview = maybe { $0.text() }
    head.created = maybe { $0.time() }
    head.updated = maybe { $0.time() }
    head.workspace = maybe { $0.text() }
    head.gitBranch = maybe { $0.text() }
    head.gitCommit = maybe { $0.text() }
    head.provider = maybe { $0.text() }
    head.providerKey = maybe { $0.text() }
    head.endpoint = maybe { $0.text() }
    head.model = maybe { $0.text() }
    head.agent = maybe { $0.text() }
    head.mode = maybe { $0.text() }
    head.status = maybe { $0.text() }
    head.archived = maybe { $0.bool() }
    head.pinned = maybe { $0.bool() }
    head.tags = list(3) { $0.text() }
    head.parent = maybe {
      ParentLink(id: $0.text(), kind: $0.pick(ParentLink.Kind.allCases), message: $0.text())
    }
    head.usage = maybe { $0.tokens() }
    head.extras = extras()
    return head
  }

  private mutating func entry(number: Int, id: String) -> Entry {
    let content: Entry.Content
    switch Int.random(in: 0..<12, using: &random) {
    case 0: content = .checkpoint(checkpoint())
    case 1: content = .usage(usage())
    case 2: content = .metric(metric())
    case 3: content = .event(event())
    case 4: content = .headChange(head(id: id))
    case 5:
      content = .opaque(
        OpaqueRecord(
          format: pick(["codex", "claude-code"]), type: maybe { $0.text() },
          damage: maybe { $0.text() }, bytes: bytes()))
    default: content = .message(message(number: number))
    }
    return Entry(content, isEffective: !random.once(in: 6))
  }

  private mutating func message(number: Int) -> Message {
    var message = Message(
      role: pick([.user, .assistant, .system, .tool, .developer, .other("event"), .other("")]))
    message.id = maybe { _ in "m\(number)" }
    message.parent = maybe { $0.text() }
    message.blocks = blocks(depth: 0)
    message.time = maybe { $0.time() }
    message.duration = maybe { $0.integer() }
    message.model = maybe { $0.text() }
    message.usage = maybe { $0.tokens() }
    message.turn = maybe { $0.integer() }
    if random.once(in: 3) {
      message.flags = MessageFlags(rawValue: UInt8.random(in: 0..<32, using: &random))
    }
    message.extras = extras()
    return message
  }

  private mutating func checkpoint() -> Checkpoint {
    Checkpoint(
      messages: maybe { generator in generator.list(3) { $0.message(number: 99) } },
      summaryMessage: maybe { $0.text() }, lastMessage: maybe { $0.text() },
      tokens: maybe { $0.integer() }, time: maybe { $0.time() }, extras: extras())
  }

  private mutating func usage() -> UsageRecord {
    UsageRecord(
      time: maybe { $0.time() }, turn: maybe { $0.integer() }, model: maybe { $0.text() },
      provider: maybe { $0.text() }, endpoint: maybe { $0.text() }, source: maybe { $0.text() },
      usage: tokens(), extras: extras())
  }

  private mutating func metric() -> MetricRecord {
    var metric = MetricRecord(kind: pick(["llm", "tool", "", "disk"]), extras: extras())
    metric.time = maybe { $0.time() }
    metric.turn = maybe { $0.integer() }
    metric.timeToFirstToken = maybe { $0.integer() }
    metric.thinkTime = maybe { $0.integer() }
    metric.duration = maybe { $0.integer() }
    metric.usage = maybe { $0.tokens() }
    metric.tool = maybe { $0.text() }
    metric.toolSuccess = maybe { $0.bool() }
    metric.toolError = maybe { $0.string() }
    metric.toolDuration = maybe { $0.integer() }
    metric.model = maybe { $0.text() }
    metric.provider = maybe { $0.text() }
    metric.endpoint = maybe { $0.text() }
    return metric
  }

  private mutating func event() -> EventRecord {
    EventRecord(
      format: pick(["ggcode", "term-llm", "codex"]),
      kind: pick(["tunnel_event", "cost", "goal", ""]), id: maybe { $0.text() },
      stream: maybe { $0.text() }, type: maybe { $0.text() }, time: maybe { $0.time() },
      data: maybe { $0.json() }, extras: extras())
  }

  // MARK: Blocks

  private mutating func blocks(depth: Int) -> [Block] { list(4) { $0.block(depth: depth) } }

  private mutating func block(depth: Int) -> Block {
    switch Int.random(in: 0..<9, using: &random) {
    case 0:
      .thinking(
        Block.Thinking(
          string(), signature: maybe { $0.string() }, encrypted: maybe { $0.string() },
          id: maybe { $0.string() }, kind: maybe { $0.text() }, extras: extras()))
    case 1:
      .toolCall(
        Block.ToolCall(
          id: string(), name: string(), arguments: maybe { $0.json() }, extras: extras()))
    case 2:
      .toolResult(
        Block.ToolResult(
          callID: string(), name: maybe { $0.string() },
          content: depth < 3 ? blocks(depth: depth + 1) : [], isError: bool(), extras: extras()))
    case 3:
      .image(
        Block.Image(
          mediaType: maybe { $0.string() }, base64: maybe { $0.string() },
          path: maybe { $0.string() }, extras: extras()))
    case 4:
      .file(
        Block.File(
          name: maybe { $0.string() }, mediaType: maybe { $0.string() },
          base64: maybe { $0.string() }, path: maybe { $0.string() }, text: maybe { $0.string() },
          size: maybe { $0.integer() }, extras: extras()))
    case 5:
      .opaque(
        Block.OpaqueBlock(
          format: pick(["ggcode", "term-llm", "codex"]), type: string(), json: json()))
    default: .text(Block.Text(string(), extras: extras()))
    }
  }

  private mutating func extras() -> [Extra] {
    guard random.once(in: 3) else { return [] }
    // In groups by format, as every record keeps them.
    var extras: [Extra] = []
    for format in ["ggcode", "term-llm", "codex"] where bool() {
      let keys = [
        "type", "TEXT", "cache", "record.title", "seq", "", "é\u{2028}", "content", "new",
      ]
      for key in keys where random.once(in: 3) {
        extras.append(Extra(format: format, key: key, value: json()))
      }
    }
    return extras
  }

  // MARK: Values

  private mutating func tokens() -> TokenUsage {
    TokenUsage(
      input: maybe { $0.integer() }, output: maybe { $0.integer() },
      cacheRead: maybe { $0.integer() }, cacheWrite: maybe { $0.integer() },
      promptTotal: maybe { $0.integer() })
  }

  private mutating func time() -> Timestamp {
    let years: ClosedRange<Int64> = pick([
      0...4_102_444_800, -62_135_596_800...253_402_300_799, 1_700_000_000...1_700_000_100,
    ])
    let nanoseconds = pick([0, 1, 500_000_000, 123_000_000, 999_999_999] as [Int32])
    let offset = pick([0, 0, 0, 3_600, -12_600, 20_700, 50_400] as [Int32])
    // Days at both ends, so that every zone's local year has four digits.
    let seconds = Int64.random(in: years, using: &random)
    let bounded = min(max(seconds, -62_135_500_000), 253_402_200_000)
    return Timestamp(seconds: bounded, nanoseconds: nanoseconds, offset: offset)
  }

  private mutating func integer() -> Int64 {
    pick([0, 1, -1, 7, 1_000_000, .max, .min, Int64.random(in: 0...99_999, using: &random)])
  }

  private mutating func bool() -> Bool { Bool.random(using: &random) }

  private mutating func text() -> String {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return ""
    case 1: return String(repeating: "long ", count: longestText / 5)
    case 2: return "[Previous conversation summary]\nshort"
    case 3: return "  \u{A0}\n "
    default: break
    }
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 1...20, using: &random) {
      switch Int.random(in: 0..<14, using: &random) {
      case 0: text.append(Unicode.Scalar(UInt8.random(in: 0..<0x20, using: &random)))
      case 1: text.append(contentsOf: "\"\\/<>&'\u{7F}".unicodeScalars)
      case 2: text.append(contentsOf: "\u{2028}\u{2029}\u{FEFF}\u{FFFD}\u{85}".unicodeScalars)
      case 3: text.append(contentsOf: "🍵👩‍👩‍👧\u{10FFFF}\u{1F1E9}\u{1F1EA}".unicodeScalars)
      case 4: text.append(contentsOf: "é e\u{301} 日本語 عربي \u{202E}".unicodeScalars)
      case 5: text.append(contentsOf: "```json\n# x\n---\n```".unicodeScalars)
      default:
        text.append(Unicode.Scalar(UInt8.random(in: 0x20..<0x7F, using: &random)))
      }
    }
    return String(text)
  }

  private mutating func string() -> JSONString { JSONString(text()) }

  private mutating func bytes() -> ArraySlice<UInt8> {
    let size = Int.random(in: 0...40, using: &random)
    return (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }[...]
  }

  private mutating func json(depth: Int = 0) -> RawJSON {
    var writer = JSONWriter()
    switch Int.random(in: 0..<(depth < 4 ? 9 : 7), using: &random) {
    case 0: return RawJSON("null")
    case 1: return RawJSON(pick(["true", "false"]))
    case 2: return RawJSON(pick(["0", "-0", "1.50", "1e3", "12345678901234567890", "-1E-7"]))
    case 3: return RawJSON(#"{"dup":1,"dup":2,"lt":"\u003c","e":"\/"}"#)
    case 4: return RawJSON(pick(["{}", "[]", "\"\""]))
    case 5, 6: writer.string(text())
    case 7:
      writer.beginArray()
      for _ in 0..<Int.random(in: 0...3, using: &random) { writer.raw(json(depth: depth + 1)) }
      writer.endArray()
    default:
      writer.beginObject()
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        writer.key(string())
        writer.raw(json(depth: depth + 1))
      }
      writer.endObject()
    }
    return RawJSON(writer.bytes[...])
  }

  // MARK: Choices

  private mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func maybe<Value>(_ make: (inout SessionGenerator) -> Value) -> Value? {
    bool() ? make(&self) : nil
  }

  private mutating func list<Value>(
    _ most: Int, _ make: (inout SessionGenerator) -> Value
  ) -> [Value] {
    (0..<Int.random(in: 0...most, using: &random)).map { _ in make(&self) }
  }
}
