import JSONText
import SessionCoding
import SessionModel

/// Texts can be decoded without replacing anything.
struct TextExact: Rule {
  static let info = RuleInfo(
    id: "session.text-exact", severity: .warning,
    summary: "no text holds invalid UTF-8 or half of a surrogate pair",
    consequence: "tools show U+FFFD there, and formats that need valid text get it too")
  static let observed: EntryKinds = [.message, .checkpoint, .metric]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    var inexact = 0
    var first = ""
    func check(_ message: Message, _ whole: () -> String) {
      for (index, block) in message.blocks.enumerated() {
        block.forEachText { text in
          if text.isExact { return }
          if inexact == 0 { first = "the text in block \(index + 1) of the \(whole())" }
          inexact += 1
        }
      }
    }
    switch entry.content {
    case .message(let message) where message.blocks.allSatisfy(\.isPlainlyExact): break
    case .message(let message):
      check(message) { "message" }
    case .checkpoint(let checkpoint):
      for (index, message) in (checkpoint.messages ?? []).enumerated() {
        check(message) { "checkpoint's message \(index + 1)" }
      }
    case .metric(let metric):
      if metric.toolError?.isExact == false {
        inexact = 1
        first = "the tool's error text"
      }
    case .usage, .event, .headChange, .opaque: break
    }
    guard inexact > 0 else { return }
    let what = inexact == 1 ? first : "\(inexact) texts, first \(first),"
    report(
      Self.finding(
        "\(what) \(inexact == 1 ? "holds" : "hold") invalid UTF-8 or half of a surrogate pair",
        at: entry.place))
  }
}

extension Block {
  /// Whether this is a usual block whose texts are exact; others are looked at one by one.
  fileprivate var isPlainlyExact: Bool {
    switch self {
    case .text(let block): block.text.isExact
    case .toolCall(let block): block.id.isExact && block.name.isExact
    case .toolResult(let block):
      block.callID.isExact && (block.name?.isExact ?? true)
        && block.content.allSatisfy { $0.plainText?.isExact ?? false }
    case .thinking(let block):
      block.text.isExact && (block.signature?.isExact ?? true)
        && (block.encrypted?.isExact ?? true) && (block.id?.isExact ?? true)
    case .image, .file, .opaque: false
    }
  }

  /// Visits all texts of the block and of the blocks within.
  ///
  /// With a list of what is still to do, not recursive: hostile input nests deep.
  fileprivate func forEachText(_ body: (JSONString) -> Void) {
    visit(body)
    guard case .toolResult(let result) = self else { return }
    var rest = result.content
    while let block = rest.popLast() {
      block.visit(body)
      if case .toolResult(let result) = block { rest += result.content }
    }
  }

  /// Visits the texts of the block itself.
  private func visit(_ body: (JSONString) -> Void) {
    func visit(_ text: JSONString?) { if let text { body(text) } }
    switch self {
    case .text(let block):
      visit(block.text)
    case .thinking(let block):
      visit(block.text)
      visit(block.signature)
      visit(block.encrypted)
      visit(block.id)
    case .toolCall(let block):
      visit(block.id)
      visit(block.name)
    case .toolResult(let block):
      visit(block.callID)
      visit(block.name)
    case .image(let block):
      visit(block.mediaType)
      visit(block.base64)
      visit(block.path)
    case .file(let block):
      visit(block.name)
      visit(block.mediaType)
      visit(block.base64)
      visit(block.path)
      visit(block.text)
    case .opaque(let block):
      visit(block.type)
    }
  }
}
