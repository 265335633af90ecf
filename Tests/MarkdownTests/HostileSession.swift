import JSONText
import SessionCoding
import SessionModel

/// Numbers that a seed determines (SplitMix64, after Sebastiano Vigna's public code).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Makes sessions out of everything that a transcript could be confused by.
struct HostileSession {
  private var random: SeededNumbers
  private var ids: [String] = []

  init(seed: UInt64) { random = SeededNumbers(seed: seed) }

  private static let fragments = [
    "\n", "\n\n", "```", "````", "`", "~~~", "```json\n", "\n```\n", "\n<!-- m1 -->\n",
    "<!-- m tool -->",
    "\n<!-- b text -->\n", "\\<!-- b call c1 -->", "\\\\<!-- m", "\n<!-- carryover 2\n",
    ":header\n",
    "-->", "--", "---", "-\\u002d", "\r\n", "\r", "\u{0}", "\u{FEFF}", "\u{2028}", "\u{85}",
    "\u{7F}",
    "# Heading", "\n## User\n", "## Assistant · 12:06", "### Tool", "\n## Context compacted\n",
    "\\## User", " · ", " · earlier", "#### user", "> quote", "</details>", "\n</details>\n",
    "<details>", "\n<details>\n", "<details><summary>Thinking</summary>", "<b>", "</b>",
    "</summary>",
    "\n<details><summary><b>read</b> · x</summary>\n", "\n<details><summary>Result</summary>\n",
    "\n**Result**\n", "**Error**", "word", " ", "\t", "日本語", "🙂", "e\u{301}", "\u{1B}[31m", "\"",
    "\\",
    "{", "}", "chat-md: 2", "a|b", "[x](y)", "\n![attached image](data:image/png;base64,AA==)\n",
    "[attached file: x](y)", "## Other (x)", "%2E", ".", "~",
    "\u{10FFFF}", "<!--", "&amp;", "&#x1B;", "&amp;#x0;", "&#xA;", "&", "#x", "  \n",
  ]

  private mutating func text(_ most: Int = 8) -> String {
    (0..<Int.random(in: 0...most, using: &random))
      .map { _ in Self.fragments.randomElement(using: &random) ?? "" }.joined()
  }

  private mutating func json(_ most: Int = 8) -> JSONString {
    if random.chance(4) {
      return JSONString(decodedUTF8: Array(text(most).utf8) + [0xFF, 0x80, 0x41, 0xC3])
    }
    if random.chance(3) { return JSONString(String(repeating: text(3) + "x", count: 900)) }
    return JSONString(text(most))
  }

  private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? {
    random.chance(50) ? make(&self) : nil
  }

  private mutating func raw() -> RawJSON {
    var writer = JSONWriter()
    switch Int.random(in: 0..<7, using: &random) {
    case 0: return RawJSON("{\"a\": [1.50, -0, 1e400],\n\t\"a\": null}")
    case 1: return RawJSON(" true ")
    case 2: return RawJSON("\"-\\u002d -- \\u0041\"")
    case 3: return RawJSON(Array("\"".utf8)[...] + [0xFF] + Array("\"".utf8))
    case 4: return RawJSON("{}")
    case 5:
      writer.beginArray()
      for _ in 0..<Int.random(in: 0...400, using: &random) { writer.string(text(2)) }
      writer.endArray()
    default: writer.string(json())
    }
    return RawJSON(writer.bytes[...])
  }

  private mutating func extras() -> [Extra] {
    guard random.chance(30) else { return [] }
    return (0..<Int.random(in: 1...4, using: &random)).map { _ in
      Extra(
        format: ["ggcode", "term-llm", "a.b", "", "%", "~", "markdown"]
          .randomElement(using: &random) ?? "", key: text(3), value: raw())
    }
  }

  private mutating func time() -> Timestamp {
    var time = Timestamp(
      seconds: Int64.random(in: -62_135_596_800...253_402_300_799, using: &random),
      nanoseconds: random.chance(50) ? 0 : Int32.random(in: 0..<1_000_000_000, using: &random),
      offset: [0, 7_200, -12_600, 1_173].randomElement(using: &random) ?? 0)
    if random.chance(20) { time.isSynthesised = true }
    if random.chance(20) { time.text = text(3) }
    return time
  }

  private mutating func number() -> Int64 {
    [0, 1, -1, .max, .min, 12_345].randomElement(using: &random) ?? 0
  }

  private mutating func usage() -> TokenUsage {
    TokenUsage(
      input: maybe { $0.number() }, output: maybe { $0.number() },
      cacheRead: maybe { $0.number() }, cacheWrite: maybe { $0.number() },
      promptTotal: maybe { $0.number() })
  }

  private mutating func base64() -> JSONString {
    if random.chance(20) { return json() }
    let size = random.chance(20) ? 5_000 : Int.random(in: 0...40, using: &random)
    return JSONString(
      Base64.encode((0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }))
  }

  private mutating func block(_ depth: Int) -> Block {
    switch Int.random(in: 0..<(depth > 2 ? 6 : 8), using: &random) {
    case 0, 1: return .text(Block.Text(json(), extras: extras()))
    case 2:
      return .thinking(
        Block.Thinking(
          json(), signature: maybe { $0.json() }, encrypted: maybe { $0.json() },
          id: maybe { $0.json(2) }, kind: maybe { $0.text(1) }, extras: extras()))
    case 3:
      return .toolCall(
        Block.ToolCall(id: json(2), name: json(2), arguments: maybe { $0.raw() }, extras: extras()))
    case 4:
      return .image(
        Block.Image(
          mediaType: maybe { $0.json(2) }, base64: maybe { $0.base64() },
          path: maybe { $0.json(3) }, extras: extras()))
    case 5:
      return .file(
        Block.File(
          name: maybe { $0.json(2) }, mediaType: maybe { $0.json(2) },
          base64: maybe { $0.base64() }, path: maybe { $0.json(3) }, text: maybe { $0.json() },
          size: maybe { $0.number() }, extras: extras()))
    case 6:
      return .opaque(Block.OpaqueBlock(format: text(2), type: json(2), json: raw()))
    default:
      let count = Int.random(in: 0...3, using: &random)
      return .toolResult(
        Block.ToolResult(
          callID: json(2), name: maybe { $0.json(2) },
          content: (0..<count).map { _ in block(depth + 1) }, isError: random.chance(30),
          extras: extras()))
    }
  }

  private mutating func message() -> Message {
    var message = Message(
      role: [.user, .assistant, .system, .tool, .developer, .other(text(2))]
        .randomElement(using: &random) ?? .user)
    message.id = maybe { $0.text(2) + String($0.ids.count) }
    message.parent = random.chance(30) ? ids.randomElement(using: &random) : nil
    if let id = message.id { ids.append(id) }
    message.blocks = (0..<Int.random(in: 0...4, using: &random)).map { _ in block(0) }
    message.time = maybe { $0.time() }
    message.duration = maybe { $0.number() }
    message.model = maybe { $0.text(2) }
    message.usage = maybe { $0.usage() }
    message.turn = maybe { $0.number() }
    message.flags = MessageFlags(
      rawValue: random.chance(40) ? UInt8.random(in: 0..<32, using: &random) : 0)
    message.extras = extras()
    return message
  }

  private mutating func head(_ id: String) -> SessionHead {
    var head = SessionHead(id: id)
    head.title = maybe { $0.text() }
    head.summary = maybe { $0.text() }
    head.preview = maybe { $0.text() }
    head.created = maybe { $0.time() }
    head.updated = maybe { $0.time() }
    head.workspace = maybe { $0.text(3) }
    head.gitBranch = maybe { $0.text(1) }
    head.gitCommit = maybe { $0.text(1) }
    head.provider = maybe { $0.text(2) }
    head.providerKey = maybe { $0.text(1) }
    head.endpoint = maybe { $0.text(1) }
    head.model = maybe { $0.text(1) }
    head.agent = maybe { $0.text(1) }
    head.mode = maybe { $0.text(1) }
    head.status = maybe { $0.text(1) }
    head.archived = maybe { $0.random.chance(50) }
    head.pinned = maybe { $0.random.chance(50) }
    head.tags = random.chance(50) ? [text(2), text(2)] : []
    head.parent = maybe {
      ParentLink(
        id: $0.text(2), kind: ParentLink.Kind.allCases.randomElement(using: &$0.random) ?? .branch,
        message: $0.maybe { $0.text(1) })
    }
    head.usage = maybe { $0.usage() }
    head.extras = extras().filter { $0.format != "markdown" }
    return head
  }

  private mutating func entry() -> Entry {
    let content: Entry.Content
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      content = .checkpoint(
        Checkpoint(
          messages: maybe { generator in
            (0..<Int.random(in: 0...2, using: &generator.random)).map { _ in generator.message() }
          },
          summaryMessage: maybe { $0.text(1) }, lastMessage: maybe { $0.text(1) },
          tokens: maybe { $0.number() }, time: maybe { $0.time() },
          extras: extras().filter { $0.format != "markdown" }))
    case 1:
      content = .usage(
        UsageRecord(
          time: maybe { $0.time() }, turn: maybe { $0.number() }, model: maybe { $0.text(1) },
          provider: maybe { $0.text(1) }, endpoint: maybe { $0.text(1) },
          source: maybe { $0.text(1) }, usage: usage(), extras: extras()))
    case 2:
      var metric = MetricRecord(kind: text(1), extras: extras())
      metric.time = maybe { $0.time() }
      metric.turn = maybe { $0.number() }
      metric.timeToFirstToken = maybe { $0.number() }
      metric.thinkTime = maybe { $0.number() }
      metric.duration = maybe { $0.number() }
      metric.usage = maybe { $0.usage() }
      metric.tool = maybe { $0.text(1) }
      metric.toolSuccess = maybe { $0.random.chance(50) }
      metric.toolError = maybe { $0.json() }
      metric.toolDuration = maybe { $0.number() }
      metric.model = maybe { $0.text(1) }
      metric.provider = maybe { $0.text(1) }
      metric.endpoint = maybe { $0.text(1) }
      content = .metric(metric)
    case 3:
      content = .event(
        EventRecord(
          format: text(1), kind: text(1), id: maybe { $0.text(1) }, stream: maybe { $0.text(1) },
          type: maybe { $0.text(1) }, time: maybe { $0.time() }, data: maybe { $0.raw() },
          extras: extras()))
    case 4: content = .headChange(head(text(2)))
    case 5:
      var bytes = Array(text().utf8)
      if random.chance(30) { bytes += [0xFE, 0x00] }
      content = .opaque(
        OpaqueRecord(
          format: text(1), type: maybe { $0.text(1) }, damage: maybe { $0.text(1) },
          bytes: bytes[...]))
    default: content = .message(message())
    }
    return Entry(content, isEffective: random.chance(85))
  }

  /// A session.
  mutating func make() -> (head: SessionHead, entries: [Entry]) {
    let head = head("session-\(random.next())")
    var entries: [Entry] = []
    if random.chance(50) { entries.append(Entry(.headChange(head))) }
    for _ in 0..<Int.random(in: 0...6, using: &random) { entries.append(entry()) }
    return (head, entries)
  }
}
