internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Refuses what other tools said: for formats that are read, and written only as they were.
struct VerbatimEncoder: LineEncoder {
  private var isEmpty = true

  init(_ head: SessionHead, id: String) {}

  mutating func follow(_ object: JSONValue) { isEmpty = false }

  mutating func write(_ entry: Entry, to json: inout JSONWriter) throws(FormatError) -> Int {
    switch entry.content {
    case .message, .checkpoint: throw Self.refusal
    case .headChange(let changed) where changed.title != nil && !isEmpty: throw Self.refusal
    case .usage, .metric, .event, .headChange, .opaque: return 0
    }
  }

  mutating func finish(to json: inout JSONWriter) throws(FormatError) -> Int {
    if isEmpty { throw Self.refusal }
    return 0
  }

  private static var refusal: FormatError {
    FormatError(
      .notExpressible, "sessions of this tool are only written as they were, without additions",
      advice: "convert to a format that is written, see `carryover formats`")
  }
}
