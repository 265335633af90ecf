import JSONText
import SessionModel

extension Parts {
  /// Appends the blocks of a part that is spelled as its template, as most are; false for any other.
  ///
  /// What stands between the values is compared, so the members that are empty need not be looked at
  /// one by one. The result is that of reading them all.
  static func appendUsual(_ part: JSONValue, to blocks: inout [Block]) -> Bool {
    var members = part.members.makeIterator()
    guard let type = members.next()?.value else { return false }
    let templates = PartShape.head.templates
    if type.isSpelled("\"text\"") {
      guard let text = members.next()?.value, let reasoning = members.next()?.value,
        templates.textWithReasoning.spells(part, [text, reasoning]),
        let said = text.string, let thought = reasoning.string
      else { return false }
      if !thought.isEmpty { blocks.append(.thinking(Block.Thinking(thought))) }
      if thought.isEmpty || !said.isEmpty { blocks.append(.text(Block.Text(said))) }
      return true
    }
    let isCall = type.isSpelled("\"tool_call\"")
    guard isCall || type.isSpelled("\"tool_result\"") else { return false }
    for _ in 1..<(isCall ? PartField.toolCall : PartField.toolResult) { _ = members.next() }
    guard var fields = members.next()?.value.members.makeIterator(),
      let first = fields.next()?.value, let second = fields.next()?.value,
      let third = fields.next()?.value, let id = first.string, let name = second.string
    else { return false }
    let values = [first, second, third]
    if isCall {
      guard third.kind == .object, templates.toolCall.spells(part, values) else { return false }
      blocks.append(
        .toolCall(
          Block.ToolCall(id: id, name: name, arguments: RawJSON(third.raw).withoutHTMLEscapes)))
      return true
    }
    let isError = templates.toolError.spells(part, values)
    guard isError || templates.toolResult.spells(part, values), let content = third.string
    else { return false }
    blocks.append(
      .toolResult(
        Block.ToolResult(
          callID: id, name: name, content: content.isEmpty ? [] : [.text(Block.Text(content))],
          isError: isError)))
    return true
  }
}

extension PartTemplate {
  /// Whether a part is these pieces with some of its values, given in order, between them.
  func spells(_ part: JSONValue, _ values: [JSONValue]) -> Bool {
    guard pieces.count == values.count + 1 else { return false }
    let bytes = part.document.bytes
    let text = bytes.span
    var start = part.range.lowerBound
    for (piece, value) in zip(pieces, values) {
      let range = value.range
      guard text.extracting(start..<range.lowerBound).isEqual(to: piece.span) else { return false }
      start = range.upperBound
    }
    let last = pieces[values.count]
    return text.extracting(start..<part.range.upperBound).isEqual(to: last.span)
  }
}
