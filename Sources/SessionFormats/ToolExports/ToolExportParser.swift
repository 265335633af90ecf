internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What one export layout is like.
protocol ToolExportLayout {
  /// The format's identifier.
  static var id: String { get }
  /// The role of a heading of a turn; nil for other lines.
  static func role(ofHeading line: String) -> Role?
  /// Reads the lines before the first turn.
  static func readHead(_ lines: [String], into head: inout SessionHead)
  /// The messages of a turn.
  static func messages(
    _ role: Role, _ lines: [String], ids: inout ToolExportIDs, guesses: inout [String]
  ) -> [Message]
}

/// Identifiers made up for tool calls, which exports do not show.
struct ToolExportIDs {
  private var count = 0
  /// Calls that have no result yet: identifiers and names.
  private(set) var open: [(id: JSONString, name: JSONString)] = []

  mutating func call(_ name: String) -> JSONString {
    count += 1
    let id = JSONString("call-\(count)")
    open.append((id, JSONString(name)))
    return id
  }

  /// The call that a result answers: the first open one, of a name if that is known.
  mutating func result(of name: String? = nil) -> (id: JSONString, name: JSONString?) {
    let index = open.firstIndex { name == nil || $0.name.string == name }
    if let index { return open.remove(at: index) }
    count += 1
    return (JSONString("call-\(count)"), name.map { JSONString($0) })
  }

  /// Forgets calls of earlier turns.
  mutating func closeTurn() { open = [] }
}

/// Reads an export: turns are headings after a rule and an empty line.
///
/// Nothing in exports is escaped, so text that looks like this is read as a turn.
final class ToolExportParser<Layout: ToolExportLayout>: TranscriptParser {
  private(set) var head: SessionHead
  private(set) var findings: [Finding] = []
  private var buffer: TranscriptBuffer
  private var role: Role?
  private var lines: [String] = []
  private var ids = ToolExportIDs()
  private var hasHead = false

  init(path: String) {
    buffer = TranscriptBuffer(format: Layout.id, path: path)
    head = SessionHead(id: MarkdownName.identifier(ofFile: path))
  }

  func take(_ line: TranscriptLine) -> [Entry] {
    let text = String(decoding: line.text, as: UTF8.self)
    var done: [Entry] = []
    if lines.last == "", Self.isTurnEnd(lines), let next = Layout.role(ofHeading: text) {
      done = flush()
      role = next
    } else {
      lines.append(text)
    }
    buffer.append(line)
    return done
  }

  /// Whether lines end with a rule, or the heading of the conversation, and an empty line.
  private static func isTurnEnd(_ lines: [String]) -> Bool {
    guard lines.count >= 2 else { return false }
    let line = lines[lines.count - 2]
    return line == "---" || line == "## Conversation"
  }

  func finish() -> [Entry] { flush() }

  private func flush() -> [Entry] {
    var content = lines
    lines = []
    let place = buffer.place
    guard let role else {
      if hasHead { return buffer.flush([]) }
      hasHead = true
      Layout.readHead(content, into: &head)
      guess("this is an export: what it leaves out is missing", at: place)
      return buffer.isEmpty ? [] : buffer.flush([.headChange(head)])
    }
    self.role = nil
    hasHead = true
    while content.last == "" { content.removeLast() }
    if content.last == "---" { content.removeLast() }
    var guesses: [String] = []
    let messages = Layout.messages(role, content, ids: &ids, guesses: &guesses)
    for text in guesses { guess(text, at: place) }
    return buffer.flush(messages.map { .message($0) })
  }

  private func guess(_ text: String, at place: Place) {
    findings.append(
      Finding(
        rule: "\(Layout.id).guess", severity: .info, place: place, message: text, isSalvaged: true))
  }
}

/// A file with one export.
struct ToolExportDialect<Layout: ToolExportLayout>: TranscriptDialect {
  let isStart: @Sendable (_ lines: [String]) -> Bool
  var id: String { Layout.id }

  func recognizes(_ beginning: [UInt8], path: String) -> Bool {
    var lines: [String] = []
    ChatText.forEachLine(beginning.prefix(16 << 10)[...]) { line in
      if lines.count < 12 {
        lines.append(String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self))
      }
    }
    return isStart(lines)
  }

  func isCandidate(_ name: String) -> Bool { name.hasSuffix(".md") }

  func makeParser(key: String, path: String, options: ReadOptions) -> any TranscriptParser {
    ToolExportParser<Layout>(path: path)
  }
}

extension ToolExportLayout {
  /// The value of a line such as `**Name:** value`.
  static func value(_ name: String, in line: String) -> String? {
    let lead = "**\(name):** "
    return line.hasPrefix(lead) ? String(line.dropFirst(lead.count)) : nil
  }

  static func text(_ lines: ArraySlice<String>) -> String? {
    let text = ChatText.trimmed(Array(lines))
    return text.isEmpty ? nil : text
  }
}
