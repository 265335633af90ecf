internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What is known of a file before its entries are read.
///
/// Where the hash in the end marker is right, the marker is believed; a file that was edited or cut
/// is stepped through.
struct MarkdownScan {
  /// Where a line lies.
  struct LinePlace {
    var offset: UInt64
    var count: Int
  }

  let path: String
  private(set) var head: SessionHead
  private(set) var findings: [Finding] = []
  /// Where the entries end: before the end marker if there is one.
  private(set) var end: UInt64 = 0
  private(set) var endsWithCR = false
  private(set) var messageCount = 0
  /// Whether the file is known to differ from what was written.
  private(set) var isEdited = false
  /// The lines that conversions noted.
  private(set) var carryLines: [LinePlace] = []

  /// The longest beginning that is looked at for front matter, in bytes.
  static let longestFrontMatter = 1 << 20
  /// The longest end marker.
  private static let longestEnd: UInt64 = 1_024

  /// - Parameter isStaged: Whether the file is being written, so that its end is still missing.
  init(path: String, isStaged: Bool = false, options: ReadOptions) throws(FormatError) {
    self.path = path
    do throws(FileError) {
      let file = try RandomAccessFile(path: path)
      let start = try file.read(at: 0, count: Self.longestFrontMatter)
      let frontMatter = FrontMatter(start)
      head = frontMatter.head(fallbackID: MarkdownName.identifier(ofFile: path))
      endsWithCR = Self.endsWithCR(start)
      if let version = frontMatter.version, version != 1 {
        findings.append(Self.wrongVersion(version, path))
      }
      end = file.size
      if isStaged { return }
      if frontMatter.version == nil || !frontMatter.isClosed {
        note("front-matter", .error, line: 1, "the front matter is missing or not closed")
      }
      if try readEnd(of: file, options) { return }
    } catch {
      throw FormatError(reading: error)
    }
    if let version = findings.first(where: { $0.rule == Self.versionRule }) {
      throw FormatError(
        .unsupportedVersion, version.message, at: .file(path: path),
        advice: "a newer carryover may read it")
    }
    isEdited = true
    try stepThrough(options)
  }

  private static let versionRule = "markdown.version"

  private static func wrongVersion(_ version: Int64, _ path: String) -> Finding {
    Finding(
      rule: versionRule, severity: .error, place: .file(path: path),
      message: "the file is of version \(version) of chat-md; version 1 is read")
  }

  private static func endsWithCR(_ start: [UInt8]) -> Bool {
    guard let lineFeed = start.firstIndex(of: UInt8(ascii: "\n")), lineFeed > 0 else {
      return false
    }
    return start[lineFeed - 1] == 0x0D
  }

  private mutating func note(_ rule: String, _ severity: Severity, line: Int, _ message: String) {
    findings.append(
      Finding(
        rule: "markdown.\(rule)", severity: severity,
        place: .line(path: path, line: line, byte: 0), message: message, isSalvaged: true))
  }

  /// Reads the end marker; true when it proves that the file is as it was written.
  private mutating func readEnd(
    of file: RandomAccessFile, _ options: ReadOptions
  ) throws(FileError) -> Bool {
    let size = file.size
    let start = size - min(size, Self.longestEnd)
    let tail = try file.read(at: start, count: Int(Self.longestEnd))
    let text = tail.last == UInt8(ascii: "\n") ? tail.dropLast() : tail[...]
    let first = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
    guard let first = first ?? (start == 0 ? 0 : nil) else { return missingEnd() }
    var line = text[first...]
    if line.last == 0x0D { line.removeLast() }
    guard ChatMarker.kind(of: line) == .end else { return missingEnd() }
    end = start + UInt64(first)
    let spelled = String(validating: tail[first...], as: UTF8.self)
    guard let marker = ChatEnd(line), marker.hash == (try Self.hash(file, to: end)) else {
      note(
        "hash", .warning, line: 1,
        "the file was edited after it was written (its hash differs); its text counts as it is now")
      addEnd(spelled)
      return false
    }
    if spelled.map({ Array($0.utf8) }) != marker.line { addEnd(spelled) }
    messageCount = Int(clamping: marker.messages)
    head.messageCount = messageCount
    if let carry = marker.carry, carry < end {
      try readCarryPlaces(from: carry, longest: options.maximumCarryLength)
    }
    return true
  }

  private mutating func missingEnd() -> Bool {
    note("end", .warning, line: 1, "the end marker is missing; the file may have been cut off")
    head.extras.append(Extra(format: Markdown.id, key: "end", value: .null))
    return false
  }

  /// Keeps an end marker that would not be written this way.
  private mutating func addEnd(_ line: String?) {
    guard let line else { return }
    var json = JSONWriter()
    json.string(line)
    head.extras.append(Extra(format: Markdown.id, key: "end", value: RawJSON(json.bytes[...])))
  }

  private static func hash(_ file: RandomAccessFile, to end: UInt64) throws(FileError) -> String {
    var hash = ContentDigest()
    var offset: UInt64 = 0
    while offset < end {
      let bytes = try file.read(at: offset, count: Int(min(256 << 10, end - offset)))
      guard !bytes.isEmpty else { break }
      hash.update(bytes[...])
      offset += UInt64(bytes.count)
    }
    return hash.hex
  }

  private mutating func readCarryPlaces(
    from offset: UInt64, longest: Int
  ) throws(FileError) {
    var lines = try LineReader(path: path, maximumLineLength: longest, startingAt: offset)
    func note(_ line: LongLine) {
      guard line.offset < end, line.beginning.first == UInt8(ascii: "<") else { return }
      carryLines.append(LinePlace(offset: line.offset, count: line.count))
    }
    while try lines.advance(passingOver: note), lines.lineOffset < end {
      let isMarker = lines.withLine { $0.count > 0 && $0[0] == UInt8(ascii: "<") }
      guard isMarker else { continue }
      let count = lines.withLine { $0.count }
      carryLines.append(LinePlace(offset: lines.lineOffset, count: count))
    }
  }

  /// Counts messages and finds the notes of conversions by reading everything.
  private mutating func stepThrough(_ options: ReadOptions) throws(FormatError) {
    let scanner = try ChatScanner(path: path, end: end, endsWithCR: endsWithCR, options: options)
    while let record = try scanner.next() {
      let first = record.elements[0]
      if first.isCarry, case .line(_, _, let byte) = record.place {
        let line = record.bytes.prefix { $0 != UInt8(ascii: "\n") }
        carryLines.append(LinePlace(offset: byte, count: record.longLine ?? line.count))
      } else if first.kind == .message || first.kind == .branch {
        messageCount += 1
      }
    }
    head.messageCount = messageCount
  }
}
