import JSONText
import SessionCoding
import SessionModel

/// What the tool keeps about a session's messages in its `sessions` row, counted while writing.
struct SessionTally {
  /// Rows of each kind that were encoded here, not copied.
  var nativeRows: Int64 = 0
  var userTurns: Int64 = 0
  var assistantTurns: Int64 = 0
  var toolCalls: Int64 = 0
  var compactions: Int64 = 0
  /// The boundary of the last effective compaction that was encoded here.
  var boundary: Int64?
  /// Visible rows, copied ones included.
  var visibleRows: Int64 = 0
  /// The latest time texts, compared as the tool compares them.
  var lastUserTime: SQLiteValue = .null
  var lastTime: SQLiteValue = .null
  var firstTime: SQLiteValue = .null
  var firstPrompt: JSONString?

  /// Counts a row.
  mutating func count(
    role: [UInt8], text: [UInt8], isTail: Bool, time: SQLiteValue
  ) {
    if NativeRow.isVisible(role: role, text: text, isTail: isTail) { visibleRows += 1 }
    if firstTime.isNull { firstTime = time }
    guard !isTail else { return }
    if role.elementsEqual("user".utf8) {
      if firstPrompt == nil, !CompactionGroups.isSummary(text) {
        firstPrompt = JSONString(decodedUTF8: text)
      }
      lastUserTime = later(lastUserTime, time)
      lastTime = later(lastTime, time)
    } else if role.elementsEqual("assistant".utf8) {
      lastTime = later(lastTime, time)
    }
  }

  /// Counts a row that was encoded here.
  mutating func countNative(_ row: NativeRow) {
    nativeRows += 1
    toolCalls += row.toolCalls
    guard !row.isTail else { return }
    switch row.role {
    case "user": userTurns += 1
    case "assistant": assistantTurns += 1
    default: break
    }
  }

  private func later(_ a: SQLiteValue, _ b: SQLiteValue) -> SQLiteValue {
    guard let first = a.bytes else { return b }
    guard let second = b.bytes else { return a }
    return first.lexicographicallyPrecedes(second) ? b : a
  }
}
