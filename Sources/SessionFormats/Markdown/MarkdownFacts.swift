internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What a transcript does not show of its messages: identifiers, exact times, models, identifiers of calls.
///
/// It stands in the carry. Each fact names its message by a hash of the bytes in the file; where somebody
/// changed these, the message gets the fact that belongs between those of its neighbours.
struct MarkdownFacts: Sendable {
  struct Fact: Sendable {
    var hash: UInt64
    /// The message; of its blocks only calls and results, with a hash of what they say as the tool's name.
    var message: Message
  }

  /// The member of a head's extra fields that takes the facts along to other tools and back.
  static let key = "messages"

  private(set) var facts: [Fact] = []

  init() {}

  /// Adds a fact.
  mutating func add(_ message: Message, hash: UInt64, role: String) {
    var fact = Fact(hash: hash, message: message)
    fact.message.role = Role(role)
    facts.append(fact)
  }

  /// What is kept of a message.
  static func shell(of message: Message) -> Message {
    Message(
      id: message.id, role: message.role,
      blocks: message.blocks.compactMap { block in
        block.call.map { .toolCall(Block.ToolCall(id: $0, name: hash(of: block))) }
      }, time: message.time, model: message.model)
  }

  /// A hash of what a call or a result says, without its identifier.
  private static func hash(of block: Block) -> JSONString {
    var bytes: [UInt8] = []
    switch block {
    case .toolCall(let call):
      call.name.appendUnrepaired(to: &bytes)
      bytes += call.arguments.map { ChatArguments.text(of: $0) } ?? []
    case .toolResult(let result):
      for part in result.content { part.plainText?.appendUnrepaired(to: &bytes) }
    default: break
    }
    return JSONString(ContentHash(bytes[...]).hex)
  }

  // MARK: Reading

  /// Which fact belongs to each message.
  ///
  /// - Parameter messages: The hashes and roles of all messages of a file.
  func places(of messages: [(hash: UInt64, role: String)]) -> [Int?] {
    var known: [UInt64: [Int]] = [:]
    for index in facts.indices.reversed() { known[facts[index].hash, default: []].append(index) }
    var places: [Int?] = messages.map { known[$0.hash]?.popLast() }
    let free = Set(known.values.joined())
    var last = -1
    var waiting: [Int] = []
    for (index, place) in (places + [facts.count]).enumerated() {
      guard let place else {
        waiting.append(index)
        continue
      }
      var next = last + 1
      for message in waiting {
        let role = Role(messages[message].role)
        let found = facts.indices[next..<max(next, place)].first {
          free.contains($0) && facts[$0].message.role == role
        }
        guard let found else { continue }
        places[message] = found
        next = found + 1
      }
      waiting = []
      last = place
    }
    return places
  }

  /// Adds a fact to the message that it belongs to.
  func apply(_ place: Int, to message: inout Message) {
    let known = facts[place].message
    message.id = known.id
    message.time = known.time ?? message.time
    message.model = known.model
    var calls = known.blocks[...]
    for index in message.blocks.indices where message.blocks[index].call != nil {
      let hash = Self.hash(of: message.blocks[index])
      // Calls that somebody removed are passed over; one that was changed is the next one.
      let found = calls.firstIndex {
        if case .toolCall(let call) = $0 { call.name == hash } else { false }
      }
      guard let place = found ?? calls.indices.first else { break }
      message.blocks[index].call = calls[place].call
      calls = calls[(place + 1)...]
    }
  }

  // MARK: Storing

  /// Reads `size:Base64`; nil when it is something else.
  init?(stored: String) {
    let parts = stored.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let size = Int(parts[0]), size <= 1 << 30,
      let packed = Base64.decode(String(parts[1])),
      let bytes = Deflate.decompress(packed[...], size: size),
      let root = JSONDocument(ifValid: bytes, limits: .go)?.root, root.kind == .array
    else { return nil }
    for value in root.elements {
      guard let hash = value["hash"]?.string.flatMap({ UInt64($0.string, radix: 16) }),
        let record = value["message"],
        case .message(let message)? = CanonicalJSON.content(from: record)?.content
      else { return nil }
      facts.append(Fact(hash: hash, message: message))
    }
  }

  /// What ``init(stored:)`` reads.
  var stored: String {
    var json = JSONWriter()
    json.beginArray()
    for fact in facts {
      json.beginObject()
      json.field("hash", ContentHash(value: fact.hash).hex)
      json.key("message")
      CanonicalJSON.write(Entry(.message(fact.message)), to: &json)
      json.endObject()
    }
    json.endArray()
    let packed = Deflate.compress(json.bytes[...], level: Deflate.fastest)
    return "\(json.bytes.count):\(Base64.encode(packed))"
  }
}

extension Block {
  /// The identifier of the call that this is, or answers.
  fileprivate var call: JSONString? {
    get {
      switch self {
      case .toolCall(let call): call.id
      case .toolResult(let result): result.callID
      default: nil
      }
    }
    set {
      switch self {
      case .toolCall(var call):
        call.id = newValue ?? call.id
        self = .toolCall(call)
      case .toolResult(var result):
        result.callID = newValue ?? result.callID
        self = .toolResult(result)
      default: break
      }
    }
  }
}

extension SessionHead {
  /// What a transcript stored of its messages, taken along.
  var markdownFacts: String? {
    get {
      extras.value(MarkdownFacts.key, of: Markdown.id).flatMap {
        JSONDocument(ifValid: Array($0.bytes))?.root.string?.string
      }
    }
    set {
      extras.removeAll { $0.format == Markdown.id && $0.key == MarkdownFacts.key }
      guard let newValue else { return }
      extras.append(
        Extra(format: Markdown.id, key: MarkdownFacts.key, value: RawJSON("\"\(newValue)\"")))
    }
  }
}
