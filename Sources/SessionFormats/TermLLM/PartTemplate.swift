import JSONText
import SessionModel

/// A part with nothing unusual in it, as the text between its values.
///
/// Most of a part's fields are always empty, and writing them one by one takes longer than writing
/// what the part says.
struct PartTemplate: Sendable {
  /// The pieces before, between and behind the values.
  let pieces: [[UInt8]]

  /// Takes the pieces from a block whose values are ``mark``.
  init(_ block: Block, thinking: Block.Thinking? = nil, _ shape: PartShape) {
    var writer = JSONWriter(escaping: .html)
    if case .text(let text) = block {
      writer.part(text, thinking: thinking, shape)
    } else {
      writer.part(block, shape)
    }
    var pieces: [[UInt8]] = [[]]
    var rest = writer.bytes[...]
    let mark = Array("\"\(Self.mark)\"".utf8)
    while let byte = rest.first {
      if rest.starts(with: mark) {
        pieces.append([])
        rest = rest.dropFirst(mark.count)
      } else {
        pieces[pieces.count - 1].append(byte)
        rest = rest.dropFirst()
      }
    }
    self.pieces = pieces
  }

  private static let mark = "@"

  /// The templates of a shape.
  struct Shape: Sendable {
    let text: PartTemplate
    let textWithReasoning: PartTemplate
    let toolCall: PartTemplate
    let toolResult: PartTemplate
    let toolError: PartTemplate

    init(_ shape: PartShape) {
      let mark = JSONString(PartTemplate.mark)
      func result(isError: Bool) -> PartTemplate {
        let result = Block.ToolResult(
          callID: mark, name: mark, content: [.text(Block.Text(mark))], isError: isError)
        return PartTemplate(.toolResult(result), shape)
      }
      text = PartTemplate(.text(Block.Text(mark)), shape)
      textWithReasoning = PartTemplate(
        .text(Block.Text(mark)), thinking: Block.Thinking(mark), shape)
      toolCall = PartTemplate(
        .toolCall(
          Block.ToolCall(id: mark, name: mark, arguments: RawJSON("\"\(PartTemplate.mark)\""))),
        shape)
      toolResult = result(isError: false)
      toolError = result(isError: true)
    }
  }
}

extension PartShape {
  /// The templates of parts in this shape.
  var templates: PartTemplate.Shape {
    switch self {
    case .head: Self.headTemplates
    case .seed: Self.seedTemplates
    case .beforeDiffComments: Self.earlierTemplates
    }
  }

  private static let headTemplates = PartTemplate.Shape(.head)
  private static let seedTemplates = PartTemplate.Shape(.seed)
  private static let earlierTemplates = PartTemplate.Shape(.beforeDiffComments)
}

extension JSONWriter {
  /// Appends a part through a template if it says nothing unusual; the writer must be at its top
  /// level, where values follow each other without commas.
  mutating func isWritten(
    _ text: Block.Text, thinking: Block.Thinking?, as templates: PartTemplate.Shape
  ) -> Bool {
    guard text.extras.isEmpty else { return false }
    guard let thinking else {
      bytes.append(contentsOf: templates.text.pieces[0])
      string(text.text)
      bytes.append(contentsOf: templates.text.pieces[1])
      return true
    }
    guard thinking.extras.isEmpty, thinking.id == nil, thinking.kind == nil else { return false }
    let pieces = templates.textWithReasoning.pieces
    bytes.append(contentsOf: pieces[0])
    string(text.text)
    bytes.append(contentsOf: pieces[1])
    string(thinking.text)
    bytes.append(contentsOf: pieces[2])
    return true
  }

  /// Appends a part through a template if it is a call or a result that says nothing unusual.
  mutating func isWritten(_ block: Block, as templates: PartTemplate.Shape) -> Bool {
    switch block {
    case .toolCall(let call):
      guard call.extras.isEmpty else { return false }
      let pieces = templates.toolCall.pieces
      bytes.append(contentsOf: pieces[0])
      string(call.id)
      bytes.append(contentsOf: pieces[1])
      string(call.name)
      bytes.append(contentsOf: pieces[2])
      arguments(call.arguments)
      bytes.append(contentsOf: pieces[3])
      return true
    case .toolResult(let result):
      guard result.extras.isEmpty, result.isPlain else { return false }
      let pieces = (result.isError ? templates.toolError : templates.toolResult).pieces
      bytes.append(contentsOf: pieces[0])
      string(result.callID)
      bytes.append(contentsOf: pieces[1])
      string(result.name ?? "")
      bytes.append(contentsOf: pieces[2])
      string(Parts.joinedText(result.content))
      bytes.append(contentsOf: pieces[3])
      return true
    case .text, .thinking, .image, .file, .opaque: return false
    }
  }
}

extension Block.ToolResult {
  /// Whether the result is at most one text, for which the field `Content` is enough.
  var isPlain: Bool { content.count <= 1 && content.allSatisfy { $0.plainText != nil } }
}
