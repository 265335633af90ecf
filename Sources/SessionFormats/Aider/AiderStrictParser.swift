internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads a whole history exactly as aider's `split_chat_history_markdown` does.
///
/// Messages keep the spaces and empty lines that aider leaves in them. Output of the tool is not
/// effective, as aider leaves it out by default; what aider loses is an opaque record.
final class AiderStrictParser: CarryingTranscriptParser {
  private(set) var head = SessionHead(id: "history")
  private(set) var findings: [Finding] = []
  private var buffer: TranscriptBuffer
  private var user = ""
  private var assistant = ""
  private var tool = ""

  init(path: String) { buffer = TranscriptBuffer(format: Aider.id, path: path) }

  func take(_ line: TranscriptLine) -> [Entry] {
    var done: [Entry] = []
    for piece in Self.split(line.bytes) {
      if piece.utf8.starts(with: "# ".utf8) { continue }
      if piece.utf8.starts(with: "> ".utf8) {
        done += flush(\.assistant, .assistant) + flush(\.user, .user)
        tool += Self.dropping(2, from: piece)
      } else if piece.utf8.starts(with: "#### ".utf8) {
        done += flush(\.assistant, .assistant) + flush(\.tool, .tool)
        user += Self.dropping(5, from: piece)
      } else {
        done += flush(\.user, .user) + flush(\.tool, .tool)
        assistant += piece
      }
    }
    if !AiderCarry.isCarry(line.text) { buffer.append(line) }
    return done
  }

  func finish() -> [Entry] {
    var done = flush(\.assistant, .assistant) + flush(\.user, .user)
    if !buffer.isEmpty { done += buffer.flush([], isEffective: false) }
    return done
  }

  private func flush(
    _ text: ReferenceWritableKeyPath<AiderStrictParser, String>, _ role: Role
  ) -> [Entry] {
    let content = self[keyPath: text]
    self[keyPath: text] = ""
    guard content.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else { return [] }
    return buffer.flush(
      [.message(Message(role: role, blocks: [.text(Block.Text(JSONString(content)))]))],
      isEffective: role != .tool)
  }

  private static func dropping(_ count: Int, from text: String) -> String {
    String(Substring(text.utf8.dropFirst(count)))
  }

  /// The lines that Python sees in a line: its line ends, and text that is not UTF-8 left out.
  private static func split(_ bytes: [UInt8]) -> [String] {
    var scalars = String.UnicodeScalarView()
    for scalar in Self.decoded(bytes).unicodeScalars {
      // Text files read in Python have plain line ends.
      if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
      scalars.append(scalar)
    }
    var pieces: [String] = []
    var piece = String.UnicodeScalarView()
    for scalar in scalars {
      let isEnd: Bool
      switch scalar.value {
      case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: isEnd = true
      default: isEnd = false
      }
      piece.append(scalar == "\r" ? "\n" : scalar)
      if isEnd {
        pieces.append(String(piece))
        piece = String.UnicodeScalarView()
      }
    }
    if !piece.isEmpty { pieces.append(String(piece)) }
    return pieces
  }

  private static func decoded(_ bytes: [UInt8]) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var out = String.UnicodeScalarView()
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): out.append(scalar)
      case .emptyInput: return String(out)
      case .error: continue
      }
    }
  }
}
