internal import FileIO
internal import JSONText

/// A line of a session file, told apart.
enum ClaudeLine {
  /// White space only.
  case blank
  /// A record of ours; see ``ClaudeCarry``.
  case carryover(JSONValue)
  /// An object with a type.
  case record(JSONDocument, type: JSONString)
  /// JSON that is no record: an array, a scalar, an object without a type; the tool ignores it.
  case ignored
  /// A line that the tool skips, with the reason and the offset in the line.
  case damaged(message: String, offset: Int)

  /// What a line holds, and where its first record ends when more follows on the line.
  ///
  /// Of two records on one line the program reads the first (observed with 2.1.329). A byte order
  /// mark and a carriage return are read over.
  static func decode(_ bytes: [UInt8], maximumDepth: Int) -> (line: ClaudeLine, end: Int?) {
    decode(bytes, in: bytes.indices, maximumDepth: maximumDepth)
  }

  /// The same for a line that is a part of some bytes; offsets count from its beginning.
  static func decode(
    _ bytes: [UInt8], in range: Range<Int>, maximumDepth: Int
  ) -> (line: ClaudeLine, end: Int?) {
    let limits = JSONLimits(maximumDepth: maximumDepth)
    let line = bytes.span.extracting(range)
    let hasMark = line.count >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF
    let start = hasMark ? 3 : 0
    let text = (range.lowerBound + start)..<range.upperBound
    do throws(JSONError) {
      return (told(try JSONDocument(bytes, in: text, limits: limits)), nil)
    } catch {
      if bytes[text].allSatisfy(isSpace) { return (.blank, nil) }
      let offset = error.offset + start
      if error.code == .trailingData, offset > start,
        // That it is no JSON is the answer.
        let document = try? JSONDocument(
          bytes, in: text.lowerBound..<(range.lowerBound + offset), limits: limits),
        case .record = told(document)
      {
        return (told(document), offset)
      }
      return (
        .damaged(
          message: "the line is not a whole JSON record (\(error.description))", offset: offset),
        nil
      )
    }
  }

  private static func told(_ document: JSONDocument) -> ClaudeLine {
    guard let type = document.root["type"]?.string, !type.isEmpty else { return .ignored }
    if type.equals("carryover") { return .carryover(document.root) }
    return .record(document, type: type)
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
  }

  /// How the record starts that we write; only such lines are ours.
  static let carryStart = Array("{\"type\":\"carryover\"".utf8)

  /// Whether a line is one that we write.
  static func isOurs(_ line: Span<UInt8>) -> Bool {
    let start = carryStart
    return line.starts(with: start.span)
  }

  /// Whether one of the first lines is a record of this format.
  static func looksLikeSession(_ path: String) -> Bool {
    guard var lines = try? LineReader(path: path, maximumLineLength: 64 << 20, for: .beginning)
    else {
      return false
    }
    for _ in 0..<50 {
      // A guess: whoever opens it says why it cannot be read.
      guard let next = try? lines.next(passingOver: { _ in }) else { return false }
      guard case .record(let document, let type) = decode(next.bytes, maximumDepth: 512).line
      else { continue }
      let root = document.root
      if ClaudeKind(type).isChain {
        if root["uuid"] != nil, root["sessionId"] != nil || root["parentUuid"] != nil {
          return true
        }
      } else if root["sessionId"]?.string != nil || root["leafUuid"]?.string != nil,
        metadata.contains(type.string)
      {
        return true
      }
    }
    return false
  }

  private static let metadata: Set<String> = [
    "summary", "custom-title", "ai-title", "last-prompt", "permission-mode", "mode",
    "queue-operation", "agent-name", "tag", "atis-latch",
  ]
}

extension Fingerprint {
  /// Adds a line of a session file, without our own record if it begins with one.
  ///
  /// - Parameter decode: Decodes the line; called only for one that begins as ours do.
  mutating func update(
    claudeLine line: Span<UInt8>, _ decode: () -> (line: ClaudeLine, end: Int?)
  ) {
    guard ClaudeLine.isOurs(line), case let (.carryover, end) = decode() else {
      return update(line)
    }
    if let end { update(line.extracting(end..<line.count)) }
  }
}

/// What a record is by its `type`.
enum ClaudeKind: UInt8 {
  case user, assistant, system, attachment, progress
  /// A type that is no part of the conversation's graph unless it has a `uuid`.
  case other

  init(_ type: JSONString) {
    if type.equals("user") {
      self = .user
    } else if type.equals("assistant") {
      self = .assistant
    } else if type.equals("system") {
      self = .system
    } else if type.equals("attachment") {
      self = .attachment
    } else if type.equals("progress") {
      self = .progress
    } else {
      self = .other
    }
  }

  /// Whether records of this kind form the graph.
  var isChain: Bool { self != .other }

  /// Whether these are turns of a conversation.
  var isTurn: Bool { self == .user || self == .assistant }

  /// Whether a missing parent is repaired by the program.
  var isRepaired: Bool { isChain && self != .progress }
}
