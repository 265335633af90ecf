/// RFC 8259 grammar to offset tape, in one pass and without recursion.
///
/// A container that is still open keeps its parent's index in `next`, so the tape itself is the
/// stack and the depth of the text costs no memory of its own.
enum JSONScanner {
  struct Result {
    var nodes: [TapeNode]
    var firstInvalidUTF8: Int?
  }

  static func scan(
    _ text: Span<UInt8>, from start: Int, limits: JSONLimits
  ) throws(JSONError) -> Result {
    let count = text.count
    guard count < Int(UInt32.max) else { throw JSONError(.tooLarge, at: count) }
    let rowStorage = UTF8Automaton.rows
    let rows = rowStorage.span
    let escapeStorage = Escape.meanings
    let escapes = escapeStorage.span
    var nodes: [TapeNode] = []
    nodes.reserveCapacity(firstCapacity(forBytes: count &- start))
    var firstInvalid: Int?
    var index = start
    var depth = 0
    var open: UInt32 = 0
    var inObject = false

    value: while true {
      index = skipSpace(text, index)
      guard index < count else {
        throw JSONError(nodes.isEmpty ? .empty : .unexpectedEnd, at: count)
      }
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "\""):
        try appendString(text, &index, rows, escapes, &nodes, &firstInvalid)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < limits.maximumDepth else { throw JSONError(.tooDeep, at: index) }
        depth &+= 1
        inObject = byte == UInt8(ascii: "{")
        let parent = open
        open = UInt32(truncatingIfNeeded: nodes.count)
        nodes.append(
          TapeNode(
            start: UInt32(truncatingIfNeeded: index), end: 0, next: parent,
            kind: inObject ? .object : .array, flags: []))
        index = skipSpace(text, index &+ 1)
        guard index < count else { throw JSONError(.unexpectedEnd, at: count) }
        // "}" and "]" are two above their opening brackets.
        if text[index] != byte &+ 2 {
          if inObject { try appendKey(text, &index, rows, escapes, &nodes, &firstInvalid) }
          continue value
        }
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        let end = try numberEnd(text, index)
        append(.number, index, end, &nodes)
        index = end
      case UInt8(ascii: "t"):
        try appendLiteral(.true, "true", text, &index, &nodes)
      case UInt8(ascii: "f"):
        try appendLiteral(.false, "false", text, &index, &nodes)
      case UInt8(ascii: "n"):
        try appendLiteral(.null, "null", text, &index, &nodes)
      default:
        throw JSONError(.unexpectedByte, at: index)
      }

      // Behind a value, or before the bracket that closes an empty container.
      while true {
        index = skipSpace(text, index)
        if depth == 0 {
          guard index == count else { throw JSONError(.trailingData, at: index) }
          return Result(nodes: nodes, firstInvalidUTF8: firstInvalid)
        }
        guard index < count else { throw JSONError(.unexpectedEnd, at: count) }
        let byte = text[index]
        if byte == UInt8(ascii: ",") {
          index &+= 1
          if inObject {
            index = skipSpace(text, index)
            try appendKey(text, &index, rows, escapes, &nodes, &firstInvalid)
          }
          continue value
        }
        guard byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw JSONError(.unexpectedByte, at: index)
        }
        index &+= 1
        depth &-= 1
        let closed = Int(open)
        open = nodes[closed].next
        nodes[closed].end = UInt32(truncatingIfNeeded: index)
        nodes[closed].next = UInt32(truncatingIfNeeded: nodes.count)
        inObject = depth > 0 && nodes[Int(open)].kind == .object
      }
    }
  }

  /// How many nodes to make room for.
  ///
  /// Most lines have few nodes and one long text. What is larger than about a kilobyte is not kept by an
  /// allocator for the thread that asks next, and threads that scan would wait for each other.
  private static func firstCapacity(forBytes count: Int) -> Int {
    let guess = count / 12 &+ 16
    return guess > 600 ? Swift.min(4_096, guess) : Swift.min(60, guess)
  }

  @inline(__always)
  private static func skipSpace(_ text: Span<UInt8>, _ start: Int) -> Int {
    var index = start
    while index < text.count, text[index] <= 0x20 {
      switch text[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index &+= 1
      default: return index
      }
    }
    return index
  }

  @inline(__always)
  private static func append(
    _ kind: JSONValue.Kind, _ start: Int, _ end: Int, _ nodes: inout [TapeNode],
    flags: StringFlags = []
  ) {
    nodes.append(
      TapeNode(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
        next: UInt32(truncatingIfNeeded: nodes.count &+ 1), kind: kind, flags: flags))
  }

  @inline(__always)
  private static func appendString(
    _ text: Span<UInt8>, _ index: inout Int, _ rows: Span<UInt64>, _ escapes: Span<UInt8>,
    _ nodes: inout [TapeNode],
    _ firstInvalid: inout Int?
  ) throws(JSONError) {
    let start = index
    let shortEnd = shortStringEnd(text, start &+ 1)
    if shortEnd > 0 {
      append(.string, start, shortEnd, &nodes)
      index = shortEnd
      return
    }
    let (end, rawFlags) = stringEnd(text, start &+ 1, rows, escapes)
    guard end >= 0 else { throw stringError(text, at: ~end) }
    let flags = StringFlags(rawValue: rawFlags)
    if flags.contains(.invalidUTF8), firstInvalid == nil {
      firstInvalid = text.firstInvalidUTF8(from: start, to: end)
    }
    append(.string, start, end, &nodes, flags: flags)
    index = end
  }

  @inline(__always)
  private static func appendKey(
    _ text: Span<UInt8>, _ index: inout Int, _ rows: Span<UInt64>, _ escapes: Span<UInt8>,
    _ nodes: inout [TapeNode],
    _ firstInvalid: inout Int?
  ) throws(JSONError) {
    guard index < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
    guard text[index] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: index) }
    try appendString(text, &index, rows, escapes, &nodes, &firstInvalid)
    index = skipSpace(text, index)
    guard index < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
    guard text[index] == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: index) }
    index &+= 1
  }

  private static func appendLiteral(
    _ kind: JSONValue.Kind, _ literal: StaticString, _ text: Span<UInt8>, _ index: inout Int,
    _ nodes: inout [TapeNode]
  ) throws(JSONError) {
    let start = index
    let length = literal.utf8CodeUnitCount
    let matching = literal.withBytes { bytes in
      var done = 0
      while done < length, start &+ done < text.count, text[start &+ done] == bytes[done] {
        done &+= 1
      }
      return done
    }
    index = start &+ matching
    guard matching == length else {
      throw JSONError(index == text.count ? .unexpectedEnd : .unexpectedByte, at: index)
    }
    append(kind, start, index, &nodes)
  }

  private static func numberEnd(_ text: Span<UInt8>, _ start: Int) throws(JSONError) -> Int {
    let count = text.count
    var index = start
    func digits() throws(JSONError) {
      let first = index
      while index < count, text[index] &- 0x30 < 10 { index &+= 1 }
      guard index > first else {
        throw JSONError(index == count ? .unexpectedEnd : .invalidNumber, at: index)
      }
    }
    if text[index] == UInt8(ascii: "-") { index &+= 1 }
    let first = index
    try digits()
    if text[first] == UInt8(ascii: "0"), index &- first > 1 {
      throw JSONError(.invalidNumber, at: first &+ 1)
    }
    if index < count, text[index] == UInt8(ascii: ".") {
      index &+= 1
      try digits()
    }
    if index < count, text[index] | 0x20 == UInt8(ascii: "e") {
      index &+= 1
      if index < count, text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-") {
        index &+= 1
      }
      try digits()
    }
    return index
  }
}
