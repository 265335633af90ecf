internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The lines between `---` at the beginning of a file: `key: value`, values JSON or bare words.
struct FrontMatter {
  /// The keys and values in order.
  private(set) var members: [(key: String, value: JSONValue)] = []
  /// Whether the lines are closed by a second `---`.
  private(set) var isClosed = false
  /// Whether there is a first `---` at all.
  private(set) var isPresent = false

  /// Reads the beginning of a file.
  init(_ text: [UInt8]) {
    var number = 0
    var isDone = false
    ChatText.forEachLine(ChatText.withoutMark(text[...])) { line in
      if isDone { return }
      number += 1
      var line = line
      while line.last == 0x0D || line.last == 0x20 { line.removeLast() }
      let isRule = line.elementsEqual("---".utf8)
      if number == 1 {
        isPresent = isRule
        isDone = !isRule
      } else if isRule {
        isClosed = true
        isDone = true
      } else {
        add(line)
      }
    }
    if !isClosed { members = [] }
  }

  private mutating func add(_ line: ArraySlice<UInt8>) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let key = String(decoding: line[..<colon], as: UTF8.self)
    guard ChatHead.isKey(key) else { return }
    let text = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
    if let document = JSONDocument(ifValid: Array(text), limits: .go) {
      members.append((key, document.root))
    } else {
      var quoted = JSONWriter()
      quoted.string(JSONString(decodedUTF8: Array(text)))
      if let document = JSONDocument(ifValid: quoted.bytes) { members.append((key, document.root)) }
    }
  }

  /// The value of a key; the last one if it stands there twice.
  subscript(key: String) -> JSONValue? { members.last { $0.key == key }?.value }

  /// The version of chat-md; nil when this is no such file.
  var version: Int64? { self["chat-md"]?.int64 }

  /// The head that the lines state.
  func head(fallbackID: String) -> SessionHead {
    var head = ChatHead.read { self[$0] } ?? SessionHead(id: fallbackID)
    for member in members
    where member.key == "tool"
      || !ChatHead.names.contains(member.key)
        && !ChatHead.reserved.contains(member.key)
    {
      head.extras.append(
        Extra(
          format: Markdown.id, key: member.key, value: RawJSON(Array(member.value.raw)[...])))
    }
    if let count = self["messages"]?.int64 { head.messageCount = Int(exactly: count) }
    return head
  }

  /// The beginning of a file: front matter, title, and fields that have no place in either.
  static func bytes(
    _ head: SessionHead, tool: String?, isCompact: Bool
  ) -> [UInt8] {
    var encoder = ChatEncoder(isCompact: isCompact)
    encoder.line("---")
    encoder.line("chat-md: 1")
    let shown: Set<String> = [
      "session", "tool", "title", "created", "updated", "model", "workspace",
    ]
    for member in ChatHead.members(of: head, tool: tool)
    where !isCompact || shown.contains(member.name) {
      encoder.out += Array("\(member.name): ".utf8) + member.json
      encoder.newline()
    }
    let (lines, others) = ChatHead.split(head.extras)
    for extra in lines where !isCompact {
      let isBare = extra.key == "fidelity" && extra.value.string == "\"lossy\""
      encoder.line("\(extra.key): \(isBare ? "lossy" : extra.value.string)")
    }
    if isCompact { encoder.line("fidelity: lossy") }
    if let count = head.messageCount { encoder.line("messages: \(count)") }
    encoder.line("---")
    encoder.newline()
    encoder.line("# \(ChatDecoration.title(head.title ?? "Session \(head.id)"))")
    encoder.newline()
    guard !isCompact, !others.isEmpty else { return encoder.out }
    var fields = ChatFields()
    fields.text("part", "x")
    let json = ChatExtras.json(others)
    if json.count <= ChatFields.longest, ChatMarker.survives(json[...]) {
      fields.member("x", json)
      encoder.marker(.raw, &fields)
      encoder.newline()
    } else {
      encoder.append(part: "x", json)
    }
    return encoder.out
  }
}
