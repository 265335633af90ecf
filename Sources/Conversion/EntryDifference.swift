internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Finds what a source entry says and the entries that stand for it in the target do not.
struct EntryDifference {
  /// The losses found so far.
  private(set) var losses = LossList()
  private let isCarried: Bool
  /// Losses of members, by what has them and their names, in the order in which records have them.
  private var members: [(code: String, key: String, position: Int)] = []
  /// The one that is likely to be next.
  private var nextMember = 0
  /// More are not kept here.
  private static let mostMembers = 32

  init(isCarried: Bool) { self.isCarried = isCarried }

  mutating func add(_ code: String, at place: Place?, _ detail: String) {
    losses.add(code, isCarried: isCarried) {
      Loss(
        code: code, place: place?.description ?? "session", detail: detail, isCarried: isCarried)
    }
  }

  /// Compares an entry with what reading the target back gave for it.
  mutating func compare(_ entry: Entry, with foreign: [Entry]) {
    let place = entry.place
    switch entry.content {
    case .message(let message):
      let messages =
        foreign.count == 1 ? foreign[0].content.messages : foreign.flatMap(\.content.messages)
      guard !messages.isEmpty else {
        if PermissionText.removed(from: message)?.isEmpty ?? false {
          addPermissions(at: place)
        } else if message.flags.contains(.sideChain) {
          add(
            "message.side-chain", at: place,
            "the target has no place in a session for what a helper said")
        } else if isCarried || message.saysSomething {
          add("message", at: place, "the target has no place for this message")
        } else {
          addEncrypted("", at: place)
        }
        return
      }
      compare(message, with: messages, at: place)
    case .checkpoint(let checkpoint):
      let found = foreign.lazy.compactMap { entry -> Checkpoint? in
        if case .checkpoint(let found) = entry.content { found } else { nil }
      }.first
      guard let found else {
        add("checkpoint", at: place, "the target does not mark this compaction")
        let messages = foreign.flatMap(\.content.messages)
        for message in checkpoint.messages ?? [] where !messages.contains(message) {
          add("checkpoint.message", at: place, "a compacted message is not in the target")
        }
        return
      }
      var whole = found
      // What a compaction keeps may follow it.
      whole.messages = foreign.flatMap(\.content.messages)
      compare(checkpoint, with: whole, at: place)
    case .usage(let record):
      compareWhole("usage", record, foreign.lazy.map(\.content), at: place) {
        if case .usage(let found) = $0 { found } else { nil }
      }
    case .metric(let record):
      compareWhole("metric", record, foreign.lazy.map(\.content), at: place) {
        if case .metric(let found) = $0 { found } else { nil }
      }
    case .event(let record):
      compareWhole("event", record, foreign.lazy.map(\.content), at: place) {
        if case .event(let found) = $0 { found } else { nil }
      }
    case .headChange:
      let hasHead = foreign.contains { $0.content.isHeadChange }
      if !hasHead { add("head-history", at: place, "the target keeps the last head only") }
    case .opaque(let record):
      compareWhole("record", record, foreign.lazy.map(\.content), at: place) {
        if case .opaque(let found) = $0 { found } else { nil }
      }
    }
  }

  /// Compares whether both tools use a message when they go on with the session.
  mutating func compareView(_ entry: Entry, with foreign: [Entry]) {
    guard case .message(let message) = entry.content else { return }
    guard foreign.contains(where: \.content.holdsMessages) else { return }
    let isUsed = foreign.contains { $0.content.holdsMessages && $0.isEffective }
    if entry.isEffective, !isUsed {
      let isThinking = message.blocks.allSatisfy { if case .thinking = $0 { true } else { false } }
      // Of thoughts alone, which are shown; no service takes those of another.
      add(
        isThinking ? "thinking.out-of-view" : "message.out-of-view", at: entry.place,
        isThinking
          ? "the target's tool shows this thought and does not send it"
          : "the target's tool does not use this message")
    } else if !entry.isEffective, isUsed {
      add(
        "message.in-view", at: entry.place, "the target's tool uses this message, its own did not")
    }
  }

  private mutating func compareWhole<Record: Coverable>(
    _ code: String, _ record: Record, _ foreign: some Sequence<Entry.Content>, at place: Place?,
    _ extract: (Entry.Content) -> Record?
  ) {
    let found = foreign.compactMap(extract)
    if found.isEmpty {
      add(code, at: place, "the target has no place for this record")
    } else if !found[0].covers(record) {
      add("\(code).fields", at: place, "fields of this record differ in the target")
    }
  }

  private mutating func compare(
    _ checkpoint: Checkpoint, with found: Checkpoint, at place: Place?
  ) {
    if checkpoint.tokens != nil, checkpoint.tokens != found.tokens {
      add("checkpoint.tokens", at: place, "the target does not count the compacted context")
    }
    if checkpoint.time != nil, checkpoint.time != found.time {
      add("checkpoint.time", at: place, "the target has no time for this compaction")
    }
    if checkpoint.summaryMessage != nil || checkpoint.lastMessage != nil,
      (checkpoint.summaryMessage, checkpoint.lastMessage)
        != (found.summaryMessage, found.lastMessage)
    {
      add("checkpoint.reference", at: place, "the target refers to compacted messages otherwise")
    }
    for extra in checkpoint.extras where !found.extras.contains(extra) {
      add("checkpoint.\(extra.key)", at: place, "the target has no such field")
    }
    let mine = checkpoint.messages ?? []
    var theirs = found.messages ?? []
    if mine.count > theirs.count {
      add("checkpoint.message", at: place, "a compacted message is not in the target")
    } else if let places = Self.places(of: mine, in: theirs) {
      if places != places.sorted() {
        add("checkpoint.order", at: place, "the target has compacted messages in another order")
      }
      theirs = places.map { theirs[$0] }
    }
    for (message, other) in zip(mine, theirs) { compare(message, with: [other], at: place) }
  }

  /// Where the texts of messages stand among others; nil unless each of them does.
  private static func places(of messages: [Message], in others: [Message]) -> [Int]? {
    func text(_ message: Message) -> String {
      message.blocks.compactMap { $0.plainText?.string }.joined(separator: "\n")
    }
    var free = Array(others.enumerated())
    var places: [Int] = []
    for message in messages {
      let said = text(message)
      guard let index = free.firstIndex(where: { text($0.element).hasSuffix(said) }) else {
        return nil
      }
      places.append(free.remove(at: index).offset)
    }
    return places
  }

  // MARK: Messages

  private mutating func compare(_ message: Message, with found: [Message], at place: Place?) {
    if message.id != nil, !found.contains(where: { $0.id == message.id }) {
      add("message.id", at: place, "the target gives messages identifiers of its own")
    }
    if let parent = message.parent, found[0].parent != parent {
      add("message.parent", at: place, "the target keeps messages in a line")
    }
    if !found.contains(where: { $0.role == message.role }) {
      add("message.role", at: place, "the role reads \"\(found[0].role.name)\" in the target")
    }
    if let time = message.time, !found.contains(where: { $0.time == time }) {
      let hasInstant = found.contains { $0.time?.isSameInstant(as: time) ?? false }
      add(
        hasInstant ? "message.time-zone" : "message.time", at: place,
        hasInstant ? "the target keeps the instant in another zone" : "the target has another time")
    }
    if message.duration ?? 0 != 0, !found.contains(where: { $0.duration == message.duration }) {
      add("message.duration", at: place, "the target has no durations of messages")
    }
    if message.model != nil, found[0].model != message.model {
      add("message.model", at: place, "the target has no model per message")
    }
    if let usage = message.usage, !(found[0].usage?.covers(usage) ?? false) {
      add("message.usage", at: place, "the target has no tokens per message")
    }
    if message.turn ?? 0 != 0, found[0].turn != message.turn {
      add("message.turn", at: place, "the target has no turns of messages")
    }
    if !found.reduce(MessageFlags(), { $0.union($1.flags) }).isSuperset(of: message.flags) {
      add("message.flags", at: place, "the target does not mark this kind of message")
    }
    let isOne = found.count == 1
    compare(
      message.extras, with: isOne ? found[0].extras : found.flatMap(\.extras), "message", at: place)
    let blocks = isOne ? found[0].blocks : found.flatMap(\.blocks)
    if let rest = PermissionText.removed(from: message), blocks != message.blocks {
      addPermissions(at: place)
      compare(rest, with: blocks, "", at: place)
    } else {
      compare(message.blocks, with: blocks, "", at: place)
    }
  }

  private mutating func addPermissions(at place: Place?) {
    add(
      "message.permissions", at: place,
      "what the tool told its model of permissions is not said to another tool's")
  }

  private mutating func compare(
    _ extras: [Extra], with found: [Extra], _ code: String, at place: Place?
  ) {
    for extra in extras where !found.contains(extra) { addMember(code, extra.key, at: place) }
  }

  /// Adds the loss of a member; most were lost before, and in the same order.
  private mutating func addMember(_ code: String, _ key: String, at place: Place?) {
    for _ in members.indices {
      if nextMember >= members.count { nextMember = 0 }
      let member = members[nextMember]
      nextMember += 1
      if member.key == key, member.code == code {
        losses.raise(at: member.position)
        return
      }
    }
    let whole = "\(code).\(key)"
    add(whole, at: place, "the target has no such field")
    if members.count < Self.mostMembers,
      let position = losses.position(of: whole, isCarried: isCarried)
    {
      members.append((code, key, position))
    }
  }

  private mutating func compare(
    _ blocks: [Block], with found: [Block], _ prefix: String, at place: Place?
  ) {
    var next = 0
    // Lent, not copied: most blocks are compared without a difference.
    let (blocks, found) = (blocks.span, found.span)
    for position in blocks.indices {
      let remaining = blocks.count - position
      let kind = blocks[position].kindName
      // Blocks of other kinds that only the target has come before ours.
      while next < found.count, found[next].kindName != kind, found.count - next > remaining,
        !blocks[position].isShown(as: found[next])
      {
        next += 1
      }
      guard next < found.count, found[next].kindName == kind else {
        if next < found.count, blocks[position].isShown(as: found[next]) {
          add(prefix + "block.kind", at: place, "the target has the text of this block alone")
          next += 1
          continue
        }
        if isCarried || blocks[position].saysSomething {
          add(prefix + kind, at: place, "the target has no place for this block")
        } else {
          addEncrypted(prefix, at: place)
        }
        continue
      }
      compare(blocks[position], with: found[next], prefix, at: place)
      next += 1
    }
  }

  private mutating func compare(
    _ block: Block, with other: Block, _ prefix: String, at place: Place?
  ) {
    // Made where something differs only.
    var code: String { prefix + block.kindName }
    func differs<Value: Equatable>(_ a: Value?, _ b: Value?) -> Bool { a != nil && a != b }
    switch (block, other) {
    case (.text(let a), .text(let b)):
      if a.text != b.text {
        // Such as the words by which a tool knows a summary.
        let isMarked = !a.text.isEmpty && b.text.string.hasSuffix(a.text.string)
        add(
          isMarked ? "\(code).mark" : "\(code).text", at: place,
          isMarked
            ? "the target has words of its own before the text" : "the text differs in the target")
      }
      if !a.extras.isEmpty { compare(a.extras, with: b.extras, code, at: place) }
    case (.thinking(let a), .thinking(let b)):
      if a.text != b.text { add("\(code).text", at: place, "the reasoning differs in the target") }
      if differs(a.signature, b.signature) {
        add("\(code).signature", at: place, "the target has no place for signatures")
      }
      if differs(a.encrypted, b.encrypted) { addEncrypted(prefix, at: place) }
      if differs(a.id, b.id) || differs(a.kind, b.kind) {
        add("\(code).kind", at: place, "the target does not keep identifier and kind of reasoning")
      }
      if !a.extras.isEmpty { compare(a.extras, with: b.extras, code, at: place) }
    case (.toolCall(let a), .toolCall(let b)):
      if a.id != b.id { add("\(code).id", at: place, "the identifier differs in the target") }
      if a.name != b.name { add("\(code).name", at: place, "the tool's name differs") }
      if a.arguments != b.arguments { compare(a.arguments, with: b.arguments, code, at: place) }
      if !a.extras.isEmpty { compare(a.extras, with: b.extras, code, at: place) }
    case (.toolResult(let a), .toolResult(let b)):
      if a.callID != b.callID { add("\(code).call-id", at: place, "the identifier differs") }
      if differs(a.name, b.name) { add("\(code).name", at: place, "the target has no tool name") }
      if a.isError != b.isError { add("\(code).is-error", at: place, "the error mark differs") }
      if a.content != b.content { compare(a.content, with: b.content, "\(code).", at: place) }
      if !a.extras.isEmpty { compare(a.extras, with: b.extras, code, at: place) }
    case (.image(let a), .image(let b)):
      if differs(a.mediaType, b.mediaType) || differs(a.base64, b.base64) || differs(a.path, b.path)
      {
        add("\(code).data", at: place, "the picture differs in the target")
      }
      if !a.extras.isEmpty { compare(a.extras, with: b.extras, code, at: place) }
    case (.file(let a), .file(let b)):
      if a.base64 != b.base64 || a.text != b.text || a.name != b.name || a.path != b.path
        || a.mediaType != b.mediaType || a.size != b.size
      {
        add("\(code).data", at: place, "the file differs in the target")
      }
      if !a.extras.isEmpty { compare(a.extras, with: b.extras, code, at: place) }
    case (.opaque(let a), .opaque(let b)):
      if a != b { add(code, at: place, "the block differs in the target") }
    default: break
    }
  }

  /// Adds the loss of reasoning that only the service can read which made it.
  private mutating func addEncrypted(_ prefix: String, at place: Place?) {
    add(
      "\(prefix)thinking.encrypted", at: place,
      "the target has no place for this encrypted reasoning")
  }

  /// Compares arguments of a call that differ; carried ones come back, whatever differs.
  private mutating func compare(
    _ arguments: RawJSON?, with found: RawJSON?, _ code: String, at place: Place?
  ) {
    let (mine, theirs) = (arguments ?? .null, found ?? .null)
    if isCarried || mine.hasValue(of: theirs) || mine.saysNothing && theirs.saysNothing {
      add("\(code).arguments", at: place, "the arguments are spelled differently in the target")
    } else {
      add("\(code).arguments.value", at: place, "the arguments differ in the target")
    }
  }
}

extension Block {
  /// The kind in reports.
  var kindName: String {
    switch self {
    case .text: "text"
    case .thinking: "thinking"
    case .toolCall: "tool-call"
    case .toolResult: "tool-result"
    case .image: "image"
    case .file: "file"
    case .opaque: "block"
    }
  }
}

extension Block {
  /// Whether another block is the text of this one, which is of a kind that the target does not know.
  fileprivate func isShown(as other: Block) -> Bool {
    guard case .opaque(let opaque) = self, let text = opaque.text else { return false }
    return other.plainText == text
  }

  /// Whether there is anything that a person can read, or that was done; a thought may be none.
  fileprivate var saysSomething: Bool {
    if case .thinking(let block) = self { block.text != JSONString("") } else { true }
  }
}

extension Message {
  fileprivate var saysSomething: Bool { blocks.contains(where: \.saysSomething) }
}
