internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says entries of other formats in lines of this one.
struct GGCodeEncoder {
  private let head: SessionHead
  private let id: String
  private let layout: GGCodeLayout
  private var hasOpened = false
  private var view = WrittenView()

  init(_ head: SessionHead, id: String, layout: GGCodeLayout) {
    self.head = head
    self.id = id
    self.layout = layout
  }

  /// Takes note of a line of the format itself, which is written as it is.
  mutating func follow(_ entry: Entry) {
    hasOpened = true
    view.noteOwn(entry)
  }

  /// The lines that say an entry; none for what the format has no place for.
  mutating func lines(for entry: Entry) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    if !hasOpened {
      hasOpened = true
      // The tool demands a meta, and at the start.
      if case .headChange = entry.content {} else { lines += line(Entry(.headChange(head))) }
    }
    // What classic releases use begins after the last checkpoint; nothing else leaves it.
    let place = layout == .current ? .asIs : view.place(of: entry)
    switch (place, entry.content) {
    case (.nowhere, _): break
    case (.asIs, _):
      let own = line(entry)
      if !own.isEmpty { view.note(entry) }
      lines += own
    case (.behindHistory, .checkpoint(var checkpoint)):
      checkpoint.messages = []
      let hiding = Entry(.checkpoint(checkpoint))
      lines += line(hiding)
      view.note(hiding)
    case (.behindHistory, .message(let message)) where GGCodeMessage.isExpressible(message):
      lines += line(Entry(.checkpoint(Checkpoint(messages: [])))) + line(entry)
      view.note(entry)
    case (.behindHistory, _): break
    }
    return lines
  }

  private func line(_ entry: Entry) -> [[UInt8]] {
    var json = JSONWriter(reserving: 1_024)
    // A longer line would make the whole session unreadable for classic releases.
    guard json.ggcodeRecord(entry, sessionID: id, layout: layout),
      json.bytes.count < GGCodeLineRules.toolLineLimit
    else { return [] }
    json.newline()
    return [json.bytes]
  }
}
