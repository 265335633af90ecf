internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes heads and entries as chat-md 1.
struct ChatEncoder {
  /// What has been written.
  var out: [UInt8] = []
  /// Whether only what people read is written.
  let isCompact: Bool
  /// Where media go; nil to refer to them without keeping them.
  let media: (any ChatMediaStore)?
  /// Media up to this size stand in the file itself, as data links.
  let largestInline: Int
  /// Where links to larger ones lead.
  let mediaFolder: String
  /// Whether headings show when a message was written.
  let showsTimes: Bool

  /// Media up to this size are data links even where there is a place for files, in bytes.
  static let smallMedium = 4_096

  init(
    isCompact: Bool = false, media: (any ChatMediaStore)? = nil, isSelfContained: Bool = false,
    mediaFolder: String? = nil, showsTimes: Bool = false
  ) {
    self.isCompact = isCompact
    self.media = media
    self.mediaFolder = mediaFolder ?? MarkdownMedia.folder
    self.showsTimes = showsTimes || isCompact
    largestInline = isSelfContained ? .max : Self.smallMedium
  }

  /// Appends an entry.
  ///
  /// - Parameters:
  ///   - number: The position that a message's heading shows.
  ///   - branch: The message that this one follows instead of the one before it.
  /// - Returns: false when the compact form has no place for it.
  mutating func append(
    _ entry: Entry, number: Int, branch: String? = nil
  ) throws(FormatError) -> Bool {
    switch entry.content {
    case .message(let message):
      if let branch { appendBranch(from: branch) }
      try append(message, number: number, isEffective: entry.isEffective, isNested: false)
    case .checkpoint(let checkpoint):
      try append(checkpoint, isEffective: entry.isEffective)
    case .usage, .metric, .event, .headChange, .opaque:
      guard !isCompact else { return false }
      append(record: entry)
    }
    return true
  }

  private mutating func appendBranch(from id: String) {
    var fields = ChatFields()
    fields.text("from", id)
    marker(.branch, &fields)
    line("> **Branch from \(ChatDecoration.inline(id))**")
    newline()
  }

  // MARK: Messages

  private mutating func append(
    _ message: Message, number: Int, isEffective: Bool, isNested: Bool
  ) throws(FormatError) {
    var fields = ChatFields()
    fields.text("id", message.id)
    fields.text("parent", message.parent)
    fields.text("role", message.role.name)
    fields.time("time", message.time)
    if !isCompact { fields.number("duration_ns", message.duration) }
    fields.text("model", message.model)
    if !isCompact {
      fields.tokens("usage", message.usage)
      fields.number("turn", message.turn)
    }
    if message.flags.contains(.hidden) { fields.flag("hidden", true) }
    fields.names("flags", ChatFlags.names(message.flags))
    if !isEffective { fields.flag("effective", false) }
    if isNested { fields.text("of", "checkpoint") }
    if !isCompact { fields.extras(message.extras) }
    marker(.message, &fields)
    let role = ChatDecoration.heading(message.role)
    if isNested {
      line("### \(role)")
    } else if showsTimes, let time = message.time {
      line("## \(number) · \(role) · \(ChatDecoration.shown(time))")
    } else {
      line("## \(number) · \(role)")
    }
    newline()
    appendParts(fields)
    let isFolded = message.flags.contains(.hidden) || message.role == .system
    let summary = message.role == .system ? "System" : "Hidden"
    for block in message.blocks {
      try append(block, depth: 0, fold: isFolded ? summary : nil)
    }
  }

  private mutating func append(_ checkpoint: Checkpoint, isEffective: Bool) throws(FormatError) {
    var fields = ChatFields()
    let kind = checkpoint.extras.value("kind", of: Markdown.id)
    fields.raw("kind", kind ?? RawJSON("\"compaction\""))
    fields.time("time", checkpoint.time)
    fields.text("summary", checkpoint.summaryMessage)
    fields.text("last", checkpoint.lastMessage)
    fields.raw("keeps", checkpoint.extras.value("keeps", of: Markdown.id))
    fields.number("tokens", checkpoint.tokens)
    fields.number("messages", (checkpoint.messages?.count).map(Int64.init))
    if !isEffective { fields.flag("effective", false) }
    if !isCompact {
      fields.extras(
        checkpoint.extras.filter {
          $0.format != Markdown.id || !["kind", "keeps"].contains($0.key)
        })
    }
    marker(.checkpoint, &fields)
    line("> **Context compacted**")
    newline()
    appendParts(fields)
    for message in checkpoint.messages ?? [] {
      try append(message, number: 0, isEffective: true, isNested: true)
    }
  }

  // MARK: Pieces

  mutating func marker(_ kind: ChatMarker.Kind, _ fields: inout ChatFields) {
    ChatMarker.append(kind, fields.finish()[...], to: &out)
  }

  mutating func line(_ text: String) {
    out.append(contentsOf: text.utf8)
    newline()
  }

  mutating func newline() { out.append(UInt8(ascii: "\n")) }

  /// A fenced text, folded away under a summary if there is one.
  mutating func fence(_ text: ChatText.Fenced, info: StaticString, fold: String?) {
    if let fold {
      line("<details><summary>\(ChatDecoration.inline(fold))</summary>")
      newline()
    }
    text.append(to: &out, info: info)
    newline()
    if fold != nil {
      line("</details>")
      newline()
    }
  }

  /// The texts that were too long for an element's marker.
  mutating func appendParts(_ fields: ChatFields) {
    for part in fields.parts { append(part: part.name, part.bytes) }
  }

  mutating func append(part name: String, _ bytes: [UInt8]) {
    let text = ChatText.Fenced(bytes)
    var fields = ChatFields()
    fields.text("part", name)
    fields.shape(text)
    marker(.raw, &fields)
    fence(text, info: "text", fold: name)
  }
}

extension ChatFields {
  /// How a fenced text is spelled.
  mutating func shape(_ text: ChatText.Fenced) {
    if text.endsLine { flag("nl", true) }
    self.text("enc", text.encoding?.rawValue)
  }
}
