internal import JSONText
internal import SessionModel

/// What the text of an answer holds: reasoning at its beginning, and calls in lines `@name(id): {…}`.
struct GPTMeText {
  private(set) var blocks: [Block] = []

  var calls: [Block.ToolCall] {
    blocks.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
  }

  init(_ text: String) {
    var rest = text[...]
    if rest.hasPrefix("<think>"), let end = rest.firstRange(of: "</think>") {
      let thought = rest[..<end.lowerBound].dropFirst("<think>".count)
      blocks.append(.thinking(Block.Thinking(JSONString(Self.trimmed(thought)))))
      rest = rest[end.upperBound...].drop { $0.isNewline }
    }
    var said = rest.startIndex
    var line = rest.startIndex
    var fence: Substring?
    while line < rest.endIndex {
      let end = rest[line...].firstIndex(where: \.isNewline) ?? rest.endIndex
      let next = end < rest.endIndex ? rest.index(after: end) : end
      let marks = rest[line..<end].drop { $0 == " " }.prefix { $0 == "`" }
      if let open = fence {
        if marks.count >= open.count { fence = nil }
      } else if marks.count >= 3 {
        fence = marks
      } else if let (call, after) = Self.call(in: rest[line...]) {
        append(rest[said..<line])
        blocks.append(.toolCall(call))
        said = after
        line = after
        continue
      }
      line = next
    }
    append(rest[said...])
  }

  private mutating func append(_ text: Substring) {
    let text = Self.trimmed(text)
    if !text.isEmpty { blocks.append(.text(Block.Text(JSONString(text)))) }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: \.isNewline)
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }

  /// The call at the beginning of a line, and what follows it; the braces of its JSON are counted outside
  /// strings.
  private static func call(in text: Substring) -> (Block.ToolCall, Substring.Index)? {
    guard text.first == "@", let open = text.prefix(while: { !$0.isNewline }).firstIndex(of: "("),
      let close = text[open...].prefix(while: { !$0.isNewline }).firstRange(of: "):")
    else { return nil }
    let name = text[text.index(after: text.startIndex)..<open]
    let id = text[text.index(after: open)..<close.lowerBound]
    let isID = id.utf8.allSatisfy {
      switch $0 {
      case 0x2D, 0x2E, 0x30...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
      default: false
      }
    }
    let json = text[close.upperBound...].drop { $0 == " " }
    guard !name.isEmpty, !id.isEmpty, isID, json.first == "{" else { return nil }
    var (depth, isInString, isEscaped) = (0, false, false)
    for index in json.utf8.indices {
      let byte = json.utf8[index]
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      default: break
      }
      guard depth == 0 else { continue }
      let end = json.utf8.index(after: index)
      let bytes = Array(json[..<end].utf8)
      guard JSONDocument(ifValid: bytes, limits: .go) != nil else { return nil }
      let call = Block.ToolCall(
        id: JSONString(String(id)), name: JSONString(String(name)),
        arguments: ChatArguments.read(bytes))
      return (call, end)
    }
    return nil
  }
}
