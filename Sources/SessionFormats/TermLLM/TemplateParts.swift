import JSONText
import SessionModel

/// Parts that are all spelled as their templates, as most rows are.
///
/// What stands between the values is known then, so that only the values are scanned: they are put
/// together as one JSON list. Whatever is spelled otherwise is left to ``Parts/blocks(of:)``, which
/// finds the same.
struct TemplateParts {
  /// What the parts say.
  let blocks: [Block]
  /// Whether the text is valid UTF-8 without a line feed.
  let isOneLine: Bool

  /// Nil if a part is spelled otherwise, or a value is not what it should be.
  init?(_ text: [UInt8]) {
    var cutter = Cutter(text)
    guard cutter.cut(), let document = cutter.document,
      let blocks = Self.blocks(cutter.kinds, of: document)
    else { return nil }
    self.blocks = blocks
    let values = document.bytes
    isOneLine = document.firstInvalidUTF8 == nil && !values.span.contains(0x0A)
  }

  private enum Kind: CaseIterable {
    case text, toolCall, toolResult, toolError

    var template: PartTemplate {
      let templates = PartShape.head.templates
      return switch self {
      // With or without reasoning, which may be empty.
      case .text: templates.textWithReasoning
      case .toolCall: templates.toolCall
      case .toolResult: templates.toolResult
      case .toolError: templates.toolError
      }
    }
  }

  private static func blocks(_ kinds: [Kind], of document: JSONDocument) -> [Block]? {
    var values = document.root.elements.makeIterator()
    var blocks: [Block] = []
    blocks.reserveCapacity(kinds.count)
    for kind in kinds {
      guard let first = values.next()?.string, let second = values.next()?.string else {
        return nil
      }
      if kind == .text {
        if !second.isEmpty { blocks.append(.thinking(Block.Thinking(second))) }
        if second.isEmpty || !first.isEmpty { blocks.append(.text(Block.Text(first))) }
        continue
      }
      guard let third = values.next() else { return nil }
      if kind == .toolCall {
        blocks.append(
          .toolCall(
            Block.ToolCall(
              id: first, name: second, arguments: RawJSON(third.raw).withoutHTMLEscapes)))
        continue
      }
      guard let content = third.string else { return nil }
      blocks.append(
        .toolResult(
          Block.ToolResult(
            callID: first, name: second,
            content: content.isEmpty ? [] : [.text(Block.Text(content))],
            isError: kind == .toolError)))
    }
    return values.next() == nil ? blocks : nil
  }

  /// Cuts the values out of a list of parts.
  private struct Cutter {
    private let text: [UInt8]
    private var place = 0
    /// The values and the commas between them, behind an opening bracket.
    private var values: [UInt8]
    private(set) var kinds: [Kind] = []

    init(_ text: [UInt8]) {
      self.text = text
      values = [UInt8(ascii: "[")]
      values.reserveCapacity(text.count)
    }

    /// The values as one list; nil if one of them is no JSON.
    ///
    /// They stand less deep here than in a part, and no deeper than allowed there.
    var document: JSONDocument? {
      let limits = JSONLimits(maximumDepth: JSONLimits.go.maximumDepth - 2)
      return try? JSONDocument(values, limits: limits)
    }

    /// Cuts all parts; false if one of them is spelled otherwise.
    mutating func cut() -> Bool {
      guard text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else { return false }
      repeat {
        place += 1
        guard cutPart() else { return false }
      } while place < text.count && text[place] == UInt8(ascii: ",")
      values[values.count - 1] = UInt8(ascii: "]")
      return place == text.count - 1
    }

    private mutating func cutPart() -> Bool {
      let (start, count) = (place, values.count)
      for kind in Kind.allCases {
        if cutPart(kind) {
          kinds.append(kind)
          return true
        }
        place = start
        values.removeLast(values.count - count)
      }
      return false
    }

    private mutating func cutPart(_ kind: Kind) -> Bool {
      let pieces = kind.template.pieces
      for (number, piece) in pieces.enumerated() {
        guard isHere(piece) else { return false }
        place += piece.count
        guard number + 1 < pieces.count else { break }
        let isObject = kind == .toolCall && number == 2
        guard let end = isObject ? objectEnd(before: pieces[number + 1]) : stringEnd else {
          return false
        }
        values.append(contentsOf: text[place..<end])
        values.append(UInt8(ascii: ","))
        place = end
      }
      return true
    }

    private func isHere(_ piece: [UInt8]) -> Bool {
      text.span.extracting(droppingFirst: place).starts(with: piece.span)
    }

    /// The end of the object here, which the piece behind it tells: no string holds its quotes.
    private func objectEnd(before piece: [UInt8]) -> Int? {
      let text = text.span
      guard place < text.count, text[place] == UInt8(ascii: "{") else { return nil }
      return text.firstIndex(of: piece.span, in: place..<text.count)
    }

    /// The end of the string here, behind its closing quote.
    private var stringEnd: Int? {
      let text = text.span
      guard place < text.count, text[place] == UInt8(ascii: "\"") else { return nil }
      var index = place + 1
      while true {
        // A stretch is looked at faster as a whole than byte by byte.
        while index + 64 <= text.count,
          !text.extracting(index..<index + 64).contains(UInt8(ascii: "\""))
        {
          index += 64
        }
        while index < text.count, text[index] != UInt8(ascii: "\"") { index += 1 }
        guard index < text.count else { return nil }
        var before = index - 1
        while text[before] == UInt8(ascii: "\\") { before -= 1 }
        index += 1
        // Of a row of backslashes every second one is escaped itself.
        if (index - before).isMultiple(of: 2) { return index }
      }
    }
  }
}
