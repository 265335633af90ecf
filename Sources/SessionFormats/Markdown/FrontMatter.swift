internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The lines between `---` at the beginning of a file, `key: value`, and the title below them.
struct FrontMatter {
  /// The keys and values in order, values JSON or bare words.
  private(set) var members: [(key: String, value: JSONValue)] = []
  /// How many lines there are, both `---` included; 0 when there are none.
  private(set) var lineCount = 0
  /// Whether there is a first `---` without a second one.
  private(set) var isOpen = false
  /// The title that people see, `# …`.
  private(set) var heading: [UInt8]?

  /// The longest beginning that is looked at, in bytes.
  static let longest = 1 << 20

  /// Reads the beginning of a file.
  init(_ text: [UInt8]) {
    var number = 0
    var isBelow = false
    var isDone = false
    ChatText.forEachLine(ChatText.withoutMark(text[...])) { line in
      if isDone { return }
      number += 1
      var line = line
      while line.last == 0x0D || line.last == 0x20 { line.removeLast() }
      let isRule = line.elementsEqual("---".utf8)
      if number == 1, isRule {
        isOpen = true
      } else if isOpen {
        if isRule {
          (lineCount, isOpen, isBelow) = (number, false, true)
        } else {
          add(line)
        }
      } else {
        isBelow = true
      }
      guard isBelow, !line.isEmpty, !isRule || number == 1 else { return }
      isDone = true
      if line.starts(with: "# ".utf8) { heading = Array(line.dropFirst(2)) }
    }
    if isOpen { members = [] }
  }

  private mutating func add(_ line: ArraySlice<UInt8>) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let key = String(decoding: line[..<colon], as: UTF8.self)
    let text = Array(line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 })
    var quoted = JSONWriter()
    quoted.string(JSONString(decodedUTF8: text))
    let document = JSONDocument(ifValid: text, limits: .go) ?? JSONDocument(ifValid: quoted.bytes)
    if let document { members.append((key, document.root)) }
  }

  /// The value of a key; the last one if it stands there twice.
  subscript(key: String) -> JSONValue? { members.last { $0.key == key }?.value }

  private func text(_ key: String) -> String? { self[key]?.string?.string }

  /// The version of chat-md; nil when this is no such file.
  var version: Int64? { self["chat-md"]?.int64 }

  /// The head that the lines state.
  ///
  /// - Parameter written: The title that a conversion wrote, when that is known. A person may have changed
  ///   it in either place.
  func head(fallbackID: String, titled written: String?? = nil) -> SessionHead {
    var head = SessionHead(id: text("session") ?? fallbackID)
    head.title = text("title")
    head.created = text("created").flatMap { Timestamp(rfc3339: $0) }
    head.workspace = text("workspace")
    head.model = text("model")
    if let parent = text("parent") {
      let kind = text("parent-kind").flatMap { ParentLink.Kind(rawValue: $0) }
      head.parent = ParentLink(id: parent, kind: kind ?? .unknown)
    }
    let isChanged = written.map { $0 != head.title } ?? false
    if !isChanged, let heading, heading != Self.heading(head) {
      head.title = String(decoding: CharacterReference.unescape(heading), as: UTF8.self)
    }
    return head
  }

  // MARK: Writing

  /// The title that people see.
  private static func heading(_ head: SessionHead) -> [UInt8] {
    let title = head.title.flatMap { $0.isEmpty ? nil : $0 } ?? "Session \(head.id)"
    var line = CharacterReference.line(Array(title.utf8))
    while line.last == 0x20 { line.removeLast() }
    return line
  }

  /// The lines that state a head.
  private static func members(of head: SessionHead) -> [(key: String, value: String?)] {
    let created = head.created.map { time -> String in
      var bytes: [UInt8] = []
      time.appendRFC3339(to: &bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
    return [
      ("title", head.title), ("session", head.id), ("created", created),
      ("workspace", head.workspace), ("model", head.model), ("parent", head.parent?.id),
      ("parent-kind", head.parent?.kind.rawValue),
    ]
  }

  private static func line(_ key: String, _ value: String) -> [UInt8] {
    let bytes = Array(value.utf8)
    let isBare =
      key != "title" && !value.isEmpty
      && bytes.allSatisfy { byte in
        switch byte {
        case 0x2B, 0x2D...0x3A, 0x40...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
      } && JSONDocument(ifValid: bytes) == nil
    var quoted = JSONWriter()
    quoted.string(value)
    return Array("\(key): ".utf8) + (isBare ? bytes : quoted.bytes) + [UInt8(ascii: "\n")]
  }

  /// The beginning of a file.
  ///
  /// - Parameter tool: The format that the session comes from.
  static func bytes(_ head: SessionHead, tool: String?, _ layout: MarkdownLayout) -> [UInt8] {
    var out = Array("---\nchat-md: 2\n".utf8)
    var lines = members(of: head)
    lines.insert(("tool", tool), at: 1)
    for (key, value) in lines { if let value { out += line(key, value) } }
    for line in layout.lines { out += (line + "\n").utf8 }
    out += "---\n\n# ".utf8 + heading(head) + "\n\n".utf8
    if let parent = head.parent {
      let file = MarkdownLink.destination(Array(MarkdownName.fileName(for: parent.id).utf8))
      out +=
        "\(partOf)[".utf8 + CharacterReference.inline(Array(parent.id.utf8), inLink: true)
        + "](\(file))\n\n".utf8
    }
    return out
  }

  /// How the line begins that links to the session which this one belongs to.
  static let partOf = "Part of "

  /// The beginning of a file as it was, but for what the head says otherwise by now.
  static func restated(_ bytes: ArraySlice<UInt8>, _ head: SessionHead) -> [UInt8] {
    let front = FrontMatter(Array(bytes))
    let before = front.head(fallbackID: head.id)
    let old = members(of: before)
    let changed = members(of: head).filter { new in
      new.key != "session" && new.value != old.first { $0.key == new.key }?.value
    }
    guard front.lineCount > 0, !changed.isEmpty else { return Array(bytes) }
    var out: [UInt8] = []
    for (number, text) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      if number > 0 { out.append(0x0A) }
      let key = text.prefix { $0 != UInt8(ascii: ":") }
      if number == front.lineCount - 1 {
        for (key, value) in changed { if let value { out += line(key, value) } }
      }
      if number > 0, number < front.lineCount - 1,
        changed.contains(where: { key.elementsEqual($0.key.utf8) })
      {
        // It is stated anew at the end; its line feed goes with it.
        out.removeLast()
      } else if number >= front.lineCount, text.starts(with: "# ".utf8), head.title != before.title,
        let shown = front.heading, text.dropFirst(2).starts(with: shown)
      {
        out += "# ".utf8 + heading(head)
      } else {
        out += text
      }
    }
    return out
  }
}
