import JSONText
import SessionCoding
import SessionModel

/// How rows of `messages` become messages.
struct MessageColumns: Sendable {
  let names: [String]
  let id: Int
  let sequence: Int
  let created: Int
  let role: Int
  let parts: Int
  let text: Int
  private let duration: Int?
  private let turn: Int?
  private let tail: Int?
  private let extra: [Int]
  /// What stands before each value in a row's JSON, the braces and the table included.
  let keys: [[UInt8]]

  init(_ layout: TermLLMLayout) {
    let names = TermLLMTable.messages.spelledColumns(of: layout.columns["messages"] ?? [])
    func place(_ name: String) -> Int? { names.firstIndex(of: name) }
    self.names = names
    id = place("id") ?? 0
    sequence = place("sequence") ?? 0
    created = place("created_at") ?? 0
    role = place("role") ?? 0
    parts = place("parts") ?? 0
    text = place("text_content") ?? 0
    duration = place("duration_ms")
    turn = place("turn_index")
    tail = place("compaction_tail")
    let read = [
      "id", "sequence", "created_at", "role", "parts", "text_content", "duration_ms",
      "turn_index", "compaction_tail",
    ]
    extra = names.indices.filter { !read.contains(names[$0]) }
    keys = names.enumerated().map { index, name in
      var writer = JSONWriter()
      writer.string(name)
      return Array((index == 0 ? #"{"table":"messages","# : ",").utf8) + writer.bytes
        + [UInt8(ascii: ":")]
    }
  }

  /// Whether a row repeats an earlier one behind a compaction.
  func isTail(_ row: [SQLiteValue]) -> Bool { tail.flatMap { row[$0].flag } ?? false }

  /// A decoded row, with what makes spelling it out cheap.
  struct Decoded {
    var message: Message
    /// Whether the parts can stand in the row's JSON as they are.
    var embedsParts = false
    /// The text of the row as it stands in the parts, when it is the same.
    var text: JSONString?
  }

  /// The message of a row.
  ///
  /// - Throws: Where the tool cannot decode the parts.
  func message(_ row: [SQLiteValue]) throws(GoDecodingError) -> Decoded {
    let parts = row[parts].bytes ?? Array((row[parts].displayText ?? "").utf8)
    var decoded = Decoded(message: Message(role: Role(row[role].displayText ?? "")))
    if let document = try Parts.document(of: parts) {
      decoded.message.blocks = try Parts.blocks(of: document)
      if case .text = row[self.parts] {
        decoded.embedsParts =
          document.firstInvalidUTF8 == nil && document.root.range == parts.indices
          && !parts.span.contains(0x0A)
      }
    }
    complete(&decoded.message, row)
    let text = Parts.textContent(of: decoded.message.blocks, shape: .head)
    if text.equals(row[self.text]) {
      decoded.text = text
    } else {
      decoded.message.extras.append(Extra(column: "text_content", row[self.text]))
    }
    return decoded
  }

  private func complete(_ message: inout Message, _ row: [SQLiteValue]) {
    message.id = row[id].displayText
    message.time = row[created].time
    if let milliseconds = duration.flatMap({ row[$0].int64 }), milliseconds != 0 {
      let (value, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
      if !overflow { message.duration = value }
    }
    if let turn = turn.flatMap({ row[$0].int64 }), turn != 0 { message.turn = turn }
    if isTail(row) { message.flags.insert(.compactionTail) }
    for index in extra { appendExtra(names[index], row[index], to: &message) }
  }

  private func appendExtra(_ name: String, _ value: SQLiteValue, to message: inout Message) {
    switch value {
    case .null: return
    case .text(let bytes) where bytes.isEmpty: return
    case .integer(let number):
      if number == 0, name != "assistant_segment_ordinal" || message.role == .assistant { return }
      if number == -1, name == "assistant_segment_ordinal", message.role != .assistant { return }
    default: break
    }
    message.extras.append(Extra(column: name, value))
  }
}

extension JSONString {
  /// Whether a column holds this text.
  func equals(_ value: SQLiteValue) -> Bool {
    guard case .text(let bytes) = value else { return false }
    return equals(bytes.span)
  }
}
