internal import SessionCoding
internal import SessionModel

/// Gathers the names of what a session states.
struct StatedCapabilities {
  private(set) var names: Set<String> = []
  private var heads = 0

  init(_ reader: any SessionReader) throws(FormatError) {
    for field in HeadFields.all where field.isStated(reader.head) {
      names.insert("head: \(field.name)")
    }
    while let entry = try reader.next() { add(entry.content) }
  }

  private mutating func add(_ content: Entry.Content) {
    switch content {
    case .message(let message): add(message)
    case .checkpoint(let checkpoint):
      names.insert("compactions")
      if checkpoint.tokens != nil { names.insert("compactions: tokens") }
      if checkpoint.time != nil { names.insert("compactions: time") }
      for message in checkpoint.messages ?? [] { add(message) }
    case .usage: names.insert("token records")
    case .metric: names.insert("metrics")
    case .event: names.insert("events")
    case .headChange:
      heads += 1
      if heads > 1 { names.insert("earlier heads") }
    case .opaque: names.insert("records of unknown kinds")
    }
  }

  private mutating func add(_ message: Message) {
    names.insert("roles")
    if message.id != nil { names.insert("message ids") }
    if message.parent != nil { names.insert("branches") }
    if let time = message.time {
      names.insert("message times")
      if time.offset != 0 { names.insert("message times: zone") }
    }
    if message.duration ?? 0 != 0 { names.insert("durations of messages") }
    if message.model != nil { names.insert("model of each message") }
    if message.usage != nil { names.insert("tokens of each message") }
    if message.turn ?? 0 != 0 { names.insert("turns of messages") }
    if !message.flags.isDisjoint(with: [.hidden, .synthetic]) { names.insert("hidden messages") }
    if message.flags.contains(.sideChain) { names.insert("messages of side chains") }
    for block in message.blocks { add(block) }
  }

  private mutating func add(_ block: Block) {
    switch block {
    case .text: names.insert("text")
    case .thinking(let block):
      names.insert("thinking")
      if block.signature != nil { names.insert("thinking: signature") }
      if block.encrypted != nil { names.insert("thinking: encrypted") }
      if block.id != nil || block.kind != nil { names.insert("thinking: id and kind") }
    case .toolCall(let block):
      names.insert("tool calls")
      if block.arguments != nil { names.insert("tool calls: arguments to the byte") }
    case .toolResult(let block):
      names.insert("tool results")
      if block.isError { names.insert("tool results: error mark") }
      if block.content.contains(where: { if case .image = $0 { true } else { false } }) {
        names.insert("tool results: images")
      }
    case .image: names.insert("images")
    case .file: names.insert("files")
    case .opaque: names.insert("blocks of unknown kinds")
    }
  }
}
