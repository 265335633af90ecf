internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says messages of other tools in lines of version 3.
///
/// What the source tool uses becomes one path that ends at the last line; what it does not use stands
/// beside that path, or in front of a compaction on it.
struct PiEncoder<Dialect: PiDialect>: LineEncoder {
  private let head: SessionHead
  private let id: String
  private var hasHeader = false
  /// Whether there are lines of the format itself, which are gone on with.
  private var isGoneOn = false
  private var number = 0
  private var taken: Set<String> = []
  /// The last entries of the path, of what stands beside it, and of the file; and the first entry.
  private(set) var leaf: String?
  private var side, last, root: String?

  /// What no entry is called: a compaction that keeps none of the entries before it.
  static var keepsNothing: String { "none" }

  static var links: Relinker? {
    Relinker(id: "id", links: ["parentId", "firstKeptEntryId", "targetId"])
  }
  private var time: Timestamp
  private var title: String?
  /// The messages that the tool uses, by their own identifiers, with the entries that hold them.
  private(set) var context: [(entry: String, message: String)] = []
  private var messageIDs: Set<String> = []
  /// The messages of the format's own lines that the tool used; nil for those that the lines tell.
  var listed: Set<String>?
  /// The time in the last message.
  private var milliseconds = Int64.min
  /// The model that the last line of the path states.
  private var model: String?

  init(_ head: SessionHead, id: String) {
    self.head = head
    self.id = id
    time = head.created ?? head.updated ?? Timestamp(seconds: 0)
    title = head.title
  }

  mutating func follow(_ object: JSONValue) {
    // After entries of its own the file gets no header that it does not have.
    (hasHeader, isGoneOn) = (true, true)
    guard object.text("type") != "session", let id = object.text("id") else { return }
    taken.insert(id)
    if Dialect.order == .lines { followMessage(object, id) }
    // A record of its own says where the tool is in the tree.
    let target = object.text("type") == "leaf" ? object.text("targetId") : id
    (leaf, last, side, root) = (target, id, nil, root ?? id)
    time = object.time("timestamp") ?? time
    if object.text("type") == "session_info" { title = object.text("name") }
  }

  /// Takes note of the message of an entry, and of what a compaction keeps.
  private mutating func followMessage(_ object: JSONValue, _ entry: String) {
    guard let message = object["message"], let id = message.text("id") else { return }
    messageIDs.insert(id)
    milliseconds = max(milliseconds, message["timestamp"]?.int64 ?? .min)
    if let listed {
      guard listed.contains(id) else { return }
      context.insert((entry, id), at: object.text("type") == "compaction" ? 0 : context.count)
    } else if object.text("type") == "compaction" {
      let kept = object.text("firstKeptEntryId")
      let first = context.firstIndex { $0.entry == kept }
      context = [(entry, id)] + (first.map { Array(context[$0...]) } ?? [])
    } else {
      context.append((entry, id))
    }
  }

  mutating func write(_ entry: Entry, to json: inout JSONWriter) -> Int {
    let opened = open(&json)
    switch entry.content {
    case .message(let message):
      return opened + write(message, isEffective: entry.isEffective, &json)
    case .checkpoint(let checkpoint) where entry.isEffective:
      return opened + write(checkpoint, &json)
    case .headChange(let changed):
      // Of a session that is written anew only the last title is stated, at the end.
      guard isGoneOn, Dialect.order != .lines, let new = changed.title, new != title else {
        return opened
      }
      return opened + write(title: new, &json)
    case .checkpoint, .usage, .metric, .event, .opaque: return opened
    }
  }

  mutating func finish(to json: inout JSONWriter) -> Int {
    guard !isGoneOn else { return 0 }
    if Dialect.order == .lines { return open(&json) }
    let opened = open(&json) + writeModel(&json)
    if let title = head.title, !title.isEmpty { return opened + write(title: title, &json) }
    guard leaf != nil, last != leaf else { return opened }
    // The last line is where the tool goes on.
    entry("custom", parent: leaf, &json) { $0.field("customType", "carryover.leaf") }
    return opened + 1
  }

  // MARK: Lines

  private mutating func open(_ json: inout JSONWriter) -> Int {
    guard !hasHeader else { return 0 }
    hasHeader = true
    json.beginObject()
    json.field("type", "session")
    json.field("version", 3)
    json.field("id", id)
    json.field("timestamp", time.javaScript)
    json.field("cwd", head.workspace ?? "/")
    json.extras(
      head.extras.filter { !Descriptions.isOne($0) }, of: Dialect.id,
      except: ["type", "version", "id", "timestamp", "cwd", "path"])
    json.endObject()
    json.newline()
    return 1 + writeModel(&json)
  }

  /// States the session's model, unless that is the one in use at the end of the path.
  private mutating func writeModel(_ json: inout JSONWriter) -> Int {
    guard Dialect.order != .lines, let wanted = head.model, wanted != model else { return 0 }
    let provider = ModelProvider.name(for: wanted, head)
    entry("model_change", parent: leaf, &json) { json in
      json.field("provider", provider)
      json.field("modelId", wanted)
    }
    (leaf, model) = (last, wanted)
    return 1
  }

  /// Writes an entry and makes it the last one.
  private mutating func entry(
    _ type: String, id wanted: String? = nil, parent: String?, time stated: Timestamp? = nil,
    _ json: inout JSONWriter, _ write: (inout JSONWriter) -> Void
  ) {
    time = stated ?? time
    let own = identifier(wanted)
    json.beginObject()
    json.field("type", type)
    json.field("id", own)
    json.key("parentId")
    if let parent { json.string(parent) } else { json.null() }
    json.field("timestamp", time.javaScript)
    write(&json)
    json.endObject()
    json.newline()
    (root, last) = (root ?? own, own)
  }

  /// Eight hexadecimal digits that no entry has: those wanted, or some made from the session's.
  private mutating func identifier(_ wanted: String?) -> String {
    if let wanted, wanted.utf8.count == 8,
      wanted.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
      taken.insert(wanted).inserted
    {
      return wanted
    }
    while true {
      number += 1
      let made = String(ContentHash(Array("\(id) \(number)".utf8)[...]).hex.prefix(8))
      if taken.insert(made).inserted { return made }
    }
  }

  private mutating func write(title new: String, _ json: inout JSONWriter) -> Int {
    title = new
    entry("session_info", parent: leaf ?? last, &json) { $0.field("name", new) }
    leaf = last
    return 1
  }

  // MARK: Messages

  private mutating func write(
    _ message: Message, isEffective: Bool, _ json: inout JSONWriter
  ) -> Int {
    if case .other = message.role { return 0 }
    var count = 0
    for run in message.runs {
      let (head, time) = (head, message.time ?? time)
      guard var content = PiMessage(run, head, time, of: Dialect.id, Dialect.order) else {
        continue
      }
      var parent = isEffective ? leaf : side ?? leaf ?? root
      if Dialect.order == .lines {
        parent = last
        content.own = nextMessage(run.id, time)
      }
      entry(content.type, id: run.id, parent: parent, time: message.time, &json) {
        content.write(to: &$0)
      }
      if isEffective {
        leaf = last
        if let last, let own = content.own { context.append((last, own.id)) }
        if run.role == .assistant { model = run.model ?? head.model }
      } else {
        side = last
      }
      count += 1
    }
    return count
  }

  /// An identifier for a message and its time, which is later than those before.
  private mutating func nextMessage(_ wanted: String?, _ time: Timestamp) -> (
    id: String, time: Int64
  ) {
    milliseconds = max(time.milliseconds, milliseconds == .max ? .max : milliseconds + 1)
    if let wanted, wanted.hasPrefix("ui-msg-"), messageIDs.insert(wanted).inserted {
      return (wanted, milliseconds)
    }
    var number = messageIDs.count
    var made: String
    repeat {
      number += 1
      made = "ui-msg-\(number)"
    } while !messageIDs.insert(made).inserted
    return (made, milliseconds)
  }

  /// Writes a compaction, which all that was written comes before, and what it keeps after it.
  private mutating func write(_ checkpoint: Checkpoint, _ json: inout JSONWriter) -> Int {
    guard let messages = checkpoint.messages else { return 0 }
    let summaries = messages.prefix(1).filter { $0.flags.contains(.compactionSummary) }
    let texts = summaries.flatMap(\.blocks).compactMap(\.plainText).map(\.string)
    let time = checkpoint.time ?? time
    let own = Dialect.order == .lines ? nextMessage(nil, time) : nil
    let parent = Dialect.order == .lines ? last : side ?? leaf
    entry("compaction", parent: parent, time: checkpoint.time, &json) { json in
      json.field("summary", texts.joined(separator: "\n\n"))
      if let own {
        json.key("firstKeptEntryId")
        json.null()
        json.piSummary(texts.joined(separator: "\n\n"), own.id, own.time)
      } else {
        json.field("firstKeptEntryId", Self.keepsNothing)
      }
      json.field(
        "tokensBefore",
        checkpoint.extras.value("tokensBefore", of: Dialect.id)
          ?? RawJSON("\(checkpoint.tokens ?? 0)"))
      json.extras(
        checkpoint.extras, of: Dialect.id,
        except: [
          "id", "message", "firstKeptEntryId", "firstKeptEntryIndex", "tokensBefore",
          "retainedTail",
        ])
    }
    if let last, let own { context = [(last, own.id)] }
    (leaf, side) = (last, nil)
    return messages.dropFirst(summaries.count).reduce(1) { count, message in
      var copy = message
      copy.id = nil
      return count + write(copy, isEffective: true, &json)
    }
  }
}
