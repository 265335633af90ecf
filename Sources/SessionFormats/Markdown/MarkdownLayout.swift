internal import JSONText
internal import SessionModel

/// What begins a message where no heading says it; the front matter states it for the whole file.
///
/// A message without a heading is the model's, or, if it begins with a result, that of a tool.
struct MarkdownLayout: Hashable {
  /// A block by what stands in the file.
  enum Kind: Hashable {
    case text, thinking, call, result, medium

    /// The kind of a block that is written; nil for one that says nothing to people.
    init?(_ block: Block) {
      switch block {
      case .text(let block): self = .text; if block.text.isEmpty { return nil }
      case .thinking(let block): self = .thinking; if block.text.isEmpty { return nil }
      case .toolCall: self = .call
      case .toolResult: self = .result
      case .image, .file: self = .medium
      case .opaque: return nil
      }
    }
  }

  /// Whether each block is a message of its own (`blocks: apart`).
  var isApart = false
  /// The role of messages that begin with a result (`results: user`).
  var resultRole = Role.tool

  /// Whether a block begins a new message when nothing says otherwise.
  func begins(_ kind: Kind, after last: Kind) -> Bool {
    switch (kind, last) {
    case (.medium, _), (.text, .text), (.text, .medium): false
    case (.result, .result): isApart
    case (.result, _), (_, .result): true
    default: isApart
    }
  }

  /// The role of a message without a heading that begins with a block.
  func role(_ kind: Kind?) -> Role { kind == .result ? resultRole : .assistant }

  init() {}

  init(_ front: FrontMatter) {
    isApart = front["blocks"]?.string?.equals("apart") ?? false
    if let role = front["results"]?.string?.string { resultRole = Role(role) }
  }

  /// The layout by which messages need the fewest markers.
  init(fitting messages: [Message]) {
    let kinds = messages.map { $0.blocks.compactMap(Kind.init) }
    let answer = zip(messages, kinds).first { $1.first == .result }?.0
    if let role = answer?.role, MarkdownLine.isWord(role.name) { resultRole = role }
    var together = MarkdownLayout()
    var apart = MarkdownLayout()
    apart.isApart = true
    func markers(_ layout: MarkdownLayout) -> Int {
      var count = 0
      for (index, own) in kinds.enumerated() {
        count += zip(own, own.dropFirst()).count { layout.begins($1, after: $0) }
        guard index > 0, let last = kinds[index - 1].last, let first = own.first,
          messages[index].role == .assistant && messages[index - 1].role != .user
            || first == .result
        else { continue }
        count += layout.begins(first, after: last) ? 0 : 1
      }
      return count
    }
    together.resultRole = resultRole
    apart.resultRole = resultRole
    isApart = markers(apart) < markers(together)
  }

  /// The lines of the front matter.
  var lines: [String] {
    (isApart ? ["blocks: apart"] : [])
      + (resultRole == .tool ? [] : ["results: \(resultRole.name)"])
  }
}
