internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What a conversion stores in the file itself: a comment, which viewers do not show, at the end.
///
///     <!-- carryover 2
///     :messages 120
///     (what the transcript does not show of its messages: MarkdownFacts)
///     :chunk
///     (Base64)
///     :header
///     {"version":2,…}
///     -->
///
/// It stands in the file and not beside it, so that a transcript that is mailed or moved alone still comes
/// back. What somebody wrote below it counts as if it stood above.
struct MarkdownCarry: Sendable {
  static let opening = Array("<!-- carryover ".utf8)
  static let current = Array("<!-- carryover 2".utf8)
  static let lastLine = Array("-->".utf8)
  private static let width = 120

  /// A part: its name with what else stands in the line, and where its own lines are.
  private struct Part: Sendable {
    var name: String
    var range: Range<UInt64>
  }

  private let path: String
  /// Where the comment begins, and where it ends.
  private(set) var range: Range<UInt64>
  /// The number of its first line.
  let firstLine: Int
  /// The number of the line after it.
  private(set) var nextLine: Int
  /// Whether its last line is there.
  private(set) var isClosed = false
  private var isKnown: Bool
  private var parts: [Part] = []

  /// Finds the last such comment of a file; nil without any.
  init?(in path: String) throws(FormatError) {
    do throws(FileError) {
      var lines = try LineReader(path: path, maximumLineLength: Int.max)
      var start: (offset: UInt64, line: Int)?
      while try lines.advance() {
        let isStart = lines.withLine { line in
          line.count >= Self.opening.count && line[0] == UInt8(ascii: "<")
            && Self.opening.indices.allSatisfy { line[$0] == Self.opening[$0] }
        }
        if isStart { start = (lines.lineOffset, lines.lineNumber) }
      }
      guard let start else { return nil }
      self.path = path
      isKnown = false
      range = start.offset..<start.offset
      nextLine = start.line
      firstLine = start.line
      try read(from: start.offset, line: start.line)
    } catch {
      throw FormatError(reading: error)
    }
  }

  private mutating func read(from start: UInt64, line number: Int) throws(FileError) {
    var lines = try LineReader(
      path: path, maximumLineLength: Int.max, startingAt: start, lineNumber: number)
    var end = start
    var isFirst = true
    while try lines.advance() {
      var line = lines.copyLine()[...]
      let next = lines.lineOffset + UInt64(line.count) + (lines.lineIsTerminated ? 1 : 0)
      if line.last == 0x0D { line.removeLast() }
      // What follows a comment that is not closed is not part of it.
      if !isFirst, line.first == UInt8(ascii: "#") || line.starts(with: "<!--".utf8) { break }
      end = next
      nextLine = lines.lineNumber + 1
      if isFirst {
        isKnown = line.elementsEqual(Self.current)
      } else if line.elementsEqual(Self.lastLine) {
        isClosed = true
        break
      } else if line.first == UInt8(ascii: ":") {
        parts.append(
          Part(name: String(decoding: line.dropFirst(), as: UTF8.self), range: next..<next))
      } else if !parts.isEmpty {
        parts[parts.count - 1].range = parts[parts.count - 1].range.lowerBound..<next
      }
      isFirst = false
    }
    range = start..<end
  }

  // MARK: Reading

  private func bytes(_ part: Part, _ longest: Int) throws(FormatError) -> [UInt8] {
    guard part.range.count <= UInt64(longest) + UInt64(longest / Self.width) * 2 + 2 else {
      throw .tooLong(
        "what a conversion stored for the way back (at byte \(part.range.lowerBound))",
        Int(clamping: part.range.count), at: .file(path: path))
    }
    do throws(FileError) {
      let file = try RandomAccessFile(path: path)
      var bytes = try file.read(at: part.range.lowerBound, count: Int(part.range.count))
      bytes.removeAll { $0 == 0x0A || $0 == 0x0D }
      return bytes
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// What the transcript does not show of its messages, as it is stored.
  func facts(_ longest: Int) throws(FormatError) -> String? {
    guard isKnown, let part = parts.first(where: { $0.name.hasPrefix("messages ") }) else {
      return nil
    }
    let size = part.name.dropFirst("messages ".count)
    return "\(size):" + String(decoding: try bytes(part, longest), as: UTF8.self)
  }

  func cursor(_ longest: Int) throws(FormatError) -> CarryCursor {
    let header = try StoredCarryHeader(lastOf: isKnown ? parts : []) { (part) throws(FormatError) in
      part.name == "header" ? StoredCarryHeader(json: Self.plain(try bytes(part, longest))) : nil
    }
    var chunks = parts.filter { $0.name == "chunk" }[...]
    return CarryCursor(header: header) { () throws(FormatError) in
      guard let part = chunks.popFirst() else { return nil }
      let quote = [UInt8(ascii: "\"")]
      return quote + (try self.bytes(part, longest)) + quote
    }
  }

  // MARK: Writing

  static func part(_ name: String, base64 text: some Collection<UInt8>) -> [UInt8] {
    var out = Array(":\(name)\n".utf8)
    var rest = Array(text)[...]
    while !rest.isEmpty {
      out += rest.prefix(width)
      out.append(UInt8(ascii: "\n"))
      rest = rest.dropFirst(width)
    }
    return out
  }

  /// What ``facts(_:)`` gives.
  static func part(facts stored: String) -> [UInt8] {
    let parts = stored.split(separator: ":", maxSplits: 1)
    return part("messages \(parts.first ?? "0")", base64: (parts.dropFirst().first ?? "").utf8)
  }

  /// A chunk, which is a string of Base64.
  static func part(chunk json: [UInt8]) -> [UInt8] {
    part("chunk", base64: json.dropFirst().dropLast())
  }

  static func part(header: CarryHeader) -> [UInt8] {
    let json = header.json
    let spelled = String(decoding: json, as: UTF8.self).replacing("--", with: dashes)
    // What would not survive that is Base64.
    return plain(Array(spelled.utf8)) == json
      ? Array(":header\n\(spelled)\n".utf8)
      : part("header", base64: Base64.encode(json).utf8)
  }

  /// How `--` is written in JSON, so that the comment cannot end early.
  private static let dashes = "-\\u002d"

  private static func plain(_ stored: [UInt8]) -> [UInt8] {
    guard stored.first == UInt8(ascii: "{") else { return Base64.decode(stored[...]) ?? stored }
    return Array(String(decoding: stored, as: UTF8.self).replacing(dashes, with: "--").utf8)
  }
}
