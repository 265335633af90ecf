internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The smallest part of a timeline that formats agree on: a block of a message, or another record.
///
/// Formats group blocks into messages differently, so messages are compared block by block.
struct TimelineUnit {
  /// What it is in reports, such as `text` or `usage`.
  var kind: String
  /// Equal for units that say the same in essence.
  var key: ContentHash
  /// The message without its blocks, with its first block only.
  var shell: Message?
  /// The block; nil for a message without any.
  var block: Block?
  /// A record that is no message.
  var record: Entry.Content?
  /// Where it stands.
  var place: String

  /// The unit as canonical JSON, without the message around it.
  func write(to writer: inout JSONWriter) {
    if let block {
      CanonicalJSON.write(block, to: &writer)
    } else if let record {
      CanonicalJSON.write(Entry(record), to: &writer)
    } else if let shell {
      CanonicalJSON.write(Entry(.message(shell)), to: &writer)
    }
  }
}

/// Reads a session unit by unit.
struct TimelineUnits {
  private let reader: any SessionReader
  private let includesAll: Bool
  private var waiting: [TimelineUnit] = []
  private var position = 0
  private var scratch = JSONWriter(reserving: 4_096)
  private var number = 0

  init(_ reader: any SessionReader, includesAll: Bool) {
    self.reader = reader
    self.includesAll = includesAll
  }

  /// The next unit; nil at the end.
  mutating func next() throws(FormatError) -> TimelineUnit? {
    while position == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      position = 0
      guard let entry = try reader.next() else { return nil }
      number += 1
      if includesAll || entry.isEffective { split(entry) }
    }
    position += 1
    return waiting[position - 1]
  }

  private mutating func split(_ entry: Entry) {
    let place = entry.place?.description ?? "record \(number)"
    switch entry.content {
    case .message(let message):
      split(message, at: place)
    case .checkpoint(var checkpoint):
      let messages = checkpoint.messages ?? []
      checkpoint.messages = nil
      add("checkpoint", .checkpoint(checkpoint), at: place)
      for message in messages { split(message, at: place) }
    case .usage: add("usage", entry.content, at: place)
    case .metric: add("metric", entry.content, at: place)
    case .event: add("event", entry.content, at: place)
    // The head in force is compared as a whole.
    case .headChange: break
    case .opaque: add("record", entry.content, at: place)
    }
  }

  private mutating func split(_ message: Message, at place: String) {
    var shell = message
    shell.blocks = []
    guard !message.blocks.isEmpty else {
      waiting.append(
        TimelineUnit(kind: "message", key: hash("message", []), shell: shell, place: place))
      return
    }
    for (index, block) in message.blocks.enumerated() {
      waiting.append(
        TimelineUnit(
          kind: block.kindName, key: key(of: block, role: message.role),
          shell: index == 0 ? shell : nil, block: block, place: place))
    }
  }

  private mutating func add(_ kind: String, _ content: Entry.Content, at place: String) {
    scratch.removeAll()
    CanonicalJSON.write(Entry(content), to: &scratch)
    waiting.append(
      TimelineUnit(
        kind: kind, key: ContentHash(scratch.bytes[...]), record: content, place: place))
  }

  private mutating func hash(_ kind: String, _ parts: [JSONString?]) -> ContentHash {
    scratch.removeAll()
    scratch.beginArray()
    scratch.string(kind)
    for part in parts {
      if let part { scratch.string(part) } else { scratch.null() }
    }
    scratch.endArray()
    return ContentHash(scratch.bytes[...])
  }

  private mutating func key(of block: Block, role: Role) -> ContentHash {
    switch block {
    case .text(let block): return hash("text", [JSONString(role.name), block.text])
    case .thinking(let block): return hash("thinking", [block.text])
    case .toolCall(let block): return hash("tool-call", [block.id, block.name])
    case .toolResult(let block): return hash("tool-result", [block.callID])
    case .image(let block): return hash("image", [block.base64, block.path])
    case .file(let block):
      return hash("file", [block.name, block.base64, block.path, block.text])
    case .opaque(let block):
      return hash(
        "block", [block.type, JSONString(decodedUTF8: Array(block.json.bytes))])
    }
  }
}
