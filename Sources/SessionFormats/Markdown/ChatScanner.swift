internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Splits a file into records by stepping over its lines; knows markers and fences, not Markdown.
///
/// At any time it holds the lines of one record.
final class ChatScanner {
  private let path: String
  private let options: ReadOptions
  /// Where the file ends, as far as it is read.
  private let end: UInt64
  /// Whether line ends are CR LF, as some editors leave them.
  private let endsWithCR: Bool
  /// Whether the file is known to differ from what was written.
  private let isEdited: Bool
  private var lines: LineReader
  private(set) var findings: [Finding] = []
  /// The records that are not read.
  private(set) var leftOut = LeftOutRecords()

  /// The lines of the record at hand; the last one may belong to the next.
  private var buffer: [UInt8] = []
  /// The current line in the buffer, without its line end.
  private var line = 0..<0
  private var lineStart: (number: Int, offset: UInt64) = (0, 0)
  /// The marker of the current line, which starts an element that is not read yet.
  private var pending: ChatMarker?
  private var isAtEnd = false
  private var hasStarted = false
  /// Lengths of fences known to be missing their ends from here on.
  private var openLengths: Set<Int> = []

  /// Lines that are too long and come before the one that was read last.
  private var longLines: ArraySlice<LongLine> = []
  /// Whether the line that was read last waits for these.
  private var isLineWaiting = false
  /// How long the line is that the current one is the beginning of; nil for a whole line.
  private var longLine: Int?
  /// Whether the record at hand is too long; only its last line is kept then.
  private var isTooLong = false
  /// Whether it was so before the current line.
  private var wasTooLong = false
  /// The length of the line of ``pending``, where it is too long.
  private var pendingLongLine: Int?

  init(
    path: String, end: UInt64, endsWithCR: Bool, isEdited: Bool = false, options: ReadOptions
  ) throws(FormatError) {
    self.path = path
    self.end = end
    self.isEdited = isEdited
    self.endsWithCR = endsWithCR
    self.options = options
    do throws(FileError) {
      lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// The next record that is not too long; the first is what stands before any marker of an entry,
  /// without content if it is too long.
  func next() throws(FormatError) -> ChatRecord? {
    while true {
      let isOpening = !hasStarted
      isTooLong = false
      guard let record = try nextOfAny() else { return nil }
      guard isTooLong || record.bytes.count > options.maximumRecordLength else { return record }
      if case .line(_, _, let start) = record.place {
        let next = pending == nil ? end : lineStart.offset
        leftOut.add(record.place, count: Int(clamping: next - min(start, next)))
      }
      guard isOpening else { continue }
      return ChatRecord(
        bytes: [], elements: [ChatElement(kind: nil, value: nil, place: record.place)])
    }
  }

  private func nextOfAny() throws(FormatError) -> ChatRecord? {
    var elements: [ChatElement] = []
    let long = pendingLongLine
    if !hasStarted {
      hasStarted = true
      elements.append(try readText())
    } else if let marker = pending {
      elements.append(try read(marker))
    } else {
      return nil
    }
    while let marker = pending, belongs(marker, to: elements) { elements.append(try read(marker)) }
    let recordEnd = pending == nil ? buffer.count : line.lowerBound
    let bytes = buffer[..<recordEnd]
    if pending == nil {
      buffer = []
      line = 0..<0
    } else {
      buffer = Array(buffer[recordEnd...])
      line = 0..<(line.count)
    }
    return ChatRecord(bytes: bytes, elements: elements, longLine: long)
  }

  private func belongs(_ marker: ChatMarker, to elements: [ChatElement]) -> Bool {
    let first = elements[0].kind
    switch marker.kind {
    case .block: return first == .message || first == .checkpoint || first == .branch
    case .raw:
      return marker.value?["part"] != nil && !elements[0].isCarry
    case .message:
      if first == .branch { return elements.count == 1 }
      return first == .checkpoint && marker.value?["of"]?.string?.equals("checkpoint") == true
    case .event, .checkpoint, .branch, .end: return false
    }
  }

  // MARK: Lines

  /// Appends the next line to the buffer; false at the end.
  private func advance() throws(FormatError) -> Bool {
    guard !isAtEnd else { return false }
    if longLines.isEmpty, !isLineWaiting {
      var long: [LongLine] = []
      do throws(FileError) {
        isLineWaiting =
          try lines.advance(passingOver: { long.append($0) })
          && lines.lineOffset < end
      } catch {
        throw FormatError(reading: error)
      }
      longLines = long.filter { $0.offset < end }[...]
    }
    wasTooLong = isTooLong || buffer.count > options.maximumRecordLength
    isTooLong = wasTooLong
    if let long = longLines.popFirst() {
      longLine = long.count
      append(long.beginning, isTerminated: long.isTerminated)
      lineStart = (long.number, long.offset)
      isTooLong = true
      return true
    }
    longLine = nil
    guard isLineWaiting else {
      isAtEnd = true
      return false
    }
    isLineWaiting = false
    append(lines.copyLine(), isTerminated: lines.lineIsTerminated)
    lineStart = (lines.lineNumber, lines.lineOffset)
    return true
  }

  private func append(_ bytes: [UInt8], isTerminated: Bool) {
    if isTooLong { buffer.removeSubrange(line.lowerBound...) }
    let start = buffer.count
    buffer.append(contentsOf: bytes)
    var lineEnd = buffer.count
    if isTerminated { buffer.append(UInt8(ascii: "\n")) }
    if endsWithCR, lineEnd > start, buffer[lineEnd - 1] == 0x0D { lineEnd -= 1 }
    line = start..<lineEnd
  }

  private var place: Place {
    .line(path: path, line: lineStart.number, byte: lineStart.offset)
  }

  /// Looks whether the current line starts an element.
  private func takeMarker() -> Bool {
    pendingLongLine = nil
    if let longLine {
      pending = ChatMarker(beginning: buffer[line])
      guard pending != nil else { return false }
      pendingLongLine = longLine
      // It is not part of what comes before it.
      isTooLong = wasTooLong
      return true
    }
    pending = ChatMarker(buffer[line], maximumDepth: options.maximumDepth)
    return pending != nil
  }

  private func note(_ rule: String, _ severity: Severity, at place: Place, _ message: String) {
    findings.append(
      Finding(rule: rule, severity: severity, place: place, message: message, isSalvaged: true))
  }

  // MARK: Elements

  private func read(_ marker: ChatMarker) throws(FormatError) -> ChatElement {
    let place = place
    pending = nil
    let isLong = pendingLongLine != nil
    pendingLongLine = nil
    if isLong, marker.value == nil {
      isTooLong = true
    } else if marker.value == nil {
      note(
        "markdown.marker-decodes", .error, at: place,
        "the marker holds no valid JSON; what it introduces is kept as it is")
    }
    var element = ChatElement(kind: marker.kind, value: marker.value, place: place)
    switch ChatElement.form(marker.kind, marker.value) {
    case .plain: element.body = try readPlain(isMedium: Self.isMedium(marker.value))
    case .fenced: element.body = try readFenced(at: place)
    case .none: try skipDecoration()
    }
    return element
  }

  private static func isMedium(_ value: JSONValue?) -> Bool {
    guard let type = value?["type"]?.string else { return false }
    return type.equals("image") || type.equals("file")
  }

  /// What stands before the first marker.
  private func readText() throws(FormatError) -> ChatElement {
    let start = buffer.count
    var place = Place.line(path: path, line: 1, byte: 0)
    var isFirst = true
    while try advance() {
      if isFirst { place = self.place }
      isFirst = false
      if takeMarker() { break }
    }
    let bodyEnd = pending == nil ? buffer.count : line.lowerBound
    return ChatElement(
      kind: nil, value: nil, body: content(start, bodyEnd), place: place)
  }

  /// Text up to the next marker, without empty lines at its ends.
  private func readPlain(isMedium: Bool) throws(FormatError) -> [UInt8] {
    let start = buffer.count
    var isEscaped = false
    while try advance() {
      if takeMarker() { break }
      if !isEscaped, buffer[line].first == UInt8(ascii: "\\") {
        isEscaped = ChatText.looksEscaped(buffer[line])
      }
    }
    var text = content(start, pending == nil ? buffer.count : line.lowerBound)
    if isEscaped, !isMedium {
      var plain: [UInt8] = []
      plain.reserveCapacity(text.count)
      var isFirst = true
      ChatText.forEachLine(text[...]) { line in
        if !isFirst { plain.append(UInt8(ascii: "\n")) }
        isFirst = false
        let hasBackslash = line.first == UInt8(ascii: "\\") && ChatText.looksEscaped(line)
        plain.append(contentsOf: hasBackslash ? line.dropFirst() : line)
      }
      text = plain
    }
    let lead = text.prefix { $0 == UInt8(ascii: "\n") }.count
    while text.count > lead, text.last == UInt8(ascii: "\n") { text.removeLast() }
    if lead > 0 { text.removeFirst(min(lead, text.count)) }
    return text
  }

  /// Lines of the buffer, with plain line ends.
  private func content(_ start: Int, _ end: Int) -> [UInt8] {
    // Of a record that is too long the lines are not there.
    guard !isTooLong, start < end else { return [] }
    let range = start..<end
    guard endsWithCR else { return Array(buffer[range]) }
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    for index in range {
      let isEnd =
        buffer[index] == 0x0D && index + 1 < buffer.count && buffer[index + 1] == 0x0A
      if !isEnd { out.append(buffer[index]) }
    }
    return out
  }

  /// The text in the first fence before the next marker; nil when there is no fence.
  private func readFenced(at place: Place) throws(FormatError) -> [UInt8]? {
    var length = 0
    while try advance() {
      if takeMarker() { break }
      length = buffer[line].prefix { $0 == UInt8(ascii: "`") }.count
      if length >= 3 { break }
      noteStray()
      length = 0
    }
    guard length >= 3, pending == nil else {
      note("markdown.fence-present", .error, at: place, "the text of this block is missing")
      return nil
    }
    let start = buffer.count
    var firstMarker: (bytes: Int, number: Int, offset: UInt64)?
    while try advance() {
      if isFence(length) {
        let body = content(start, line.lowerBound - 1)
        if isEdited, let firstMarker {
          note(
            "markdown.marker-in-fence", .warning,
            at: .line(path: path, line: firstMarker.number, byte: firstMarker.offset),
            "this marker stands in a code fence and is text; a fence before it may lack its end")
        }
        try skipDecoration()
        return body
      }
      if firstMarker == nil, ChatMarker.kind(of: buffer[line]) != nil {
        firstMarker = (line.lowerBound, lineStart.number, lineStart.offset)
        if openLengths.contains(length) { break }
      }
    }
    note(
      "markdown.fence-closed", .error, at: place,
      "the code fence of this block is never closed; it ends at the next marker")
    openLengths.insert(length)
    if let firstMarker {
      try rewind(to: firstMarker)
      _ = try advance()
      _ = takeMarker()
      return content(start, line.lowerBound - 1)
    }
    var bodyEnd = buffer.count
    if bodyEnd > start, buffer[bodyEnd - 1] == UInt8(ascii: "\n") { bodyEnd -= 1 }
    return content(start, bodyEnd)
  }

  private func isFence(_ length: Int) -> Bool {
    let text = buffer[line]
    guard text.count >= length, text.prefix(length).allSatisfy({ $0 == UInt8(ascii: "`") }) else {
      return false
    }
    return text.dropFirst(length).allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }

  private func rewind(to mark: (bytes: Int, number: Int, offset: UInt64)) throws(FormatError) {
    buffer.removeSubrange(min(mark.bytes, buffer.count)...)
    line = buffer.count..<buffer.count
    longLines = []
    isLineWaiting = false
    isAtEnd = false
    do throws(FileError) {
      lines = try LineReader(
        path: path, maximumLineLength: options.maximumRecordLength, startingAt: mark.offset,
        lineNumber: mark.number)
    } catch {
      throw FormatError(reading: error)
    }
  }

  private func skipDecoration() throws(FormatError) {
    while try advance() {
      if takeMarker() { return }
      noteStray()
    }
  }

  /// Notes a line that is neither content nor what a writer puts around content.
  private func noteStray() {
    let text = buffer[line].drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
    guard let first = text.first, first != UInt8(ascii: "#"), !text.starts(with: Self.quote),
      !text.starts(with: Self.details), !text.starts(with: Self.endDetails)
    else { return }
    note(
      "markdown.text-outside", .warning, at: place,
      "this text stands outside of any block and is not part of the session; "
        + "put it behind a chat:block marker of type text")
  }

  private static let quote = Array("> **".utf8)
  private static let details = Array("<details>".utf8)
  private static let endDetails = Array("</details>".utf8)
}
