internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Files of another program's Markdown opened for reading.
final class TranscriptSource: SessionSource {
  /// A part of a file that belongs to a session.
  struct Part {
    var start: UInt64
    var end: UInt64
    var firstLine: Int
  }

  /// A session and where its lines lie.
  struct Session {
    var path: String
    var key: String
    var head: SessionHead
    var parts: [Part]
    var messageCount = 0
    /// What a list shows for want of a title.
    var firstPrompt: String?
    /// The lines that are not read.
    var leftOut = LeftOutRecords()
  }

  private let path: String
  private let dialect: any TranscriptDialect
  private let options: ReadOptions
  let found: [Session]
  let openingFindings: [Finding]

  init(
    path: String, dialect: any TranscriptDialect, options: ReadOptions
  ) throws(FormatError) {
    self.path = path
    self.dialect = dialect
    self.options = options
    var found: [Session] = []
    var store = StoreFiles()
    do throws(FileError) {
      if try StoreFiles.status(of: path).kind == .directory {
        for entry in try listDirectory(path) where dialect.isCandidate(entry.name) {
          let file = path + "/" + entry.name
          guard store.isFile(entry, at: file) else { continue }
          do throws(FileError) {
            if try Self.isTranscript(file, dialect) {
              found += try Self.scan(file, dialect, options)
            }
          } catch {
            store.noteUnreadable(file, error)
          }
        }
        _ = store.hasFile(at: path + "/" + StoreCarry.fileName)
      } else {
        found = try Self.scan(path, dialect, options)
      }
    } catch {
      throw FormatError(reading: error)
    }
    openingFindings = store.findings
    // Identifiers that two sessions share get numbers.
    var seen: [String: Int] = [:]
    for index in found.indices {
      let id = found[index].head.id
      seen[id, default: 0] += 1
      if let number = seen[id], number > 1 {
        found[index].head.id = "\(id)-\(number)"
      }
    }
    self.found = found
  }

  static func recognizes(_ path: String, _ dialect: any TranscriptDialect) -> Bool {
    // A guess: whoever opens it says why it cannot be read.
    (try? isTranscript(path, dialect)) ?? false
  }

  private static func isTranscript(
    _ path: String, _ dialect: any TranscriptDialect
  ) throws(FileError) -> Bool {
    let beginning = try RandomAccessFile(path: path).read(at: 0, count: 64 << 10)
    return dialect.recognizes(beginning, path: path)
  }

  private static func scan(
    _ path: String, _ dialect: any TranscriptDialect, _ options: ReadOptions
  ) throws(FileError) -> [Session] {
    var sessions: [Session] = []
    var parsers: [any TranscriptParser] = []
    var index: [String: Int] = [:]
    var current: Int?
    /// Empty lines that may belong to the session that begins next.
    var held: [TranscriptLine] = []
    var leftOut = LeftOutRecords()
    func count(_ entries: [Entry]) -> Int {
      entries.count { if case .message = $0.content { true } else { false } }
    }
    func enter(_ key: String, at start: TranscriptLine) {
      var position = dialect.resumesSessions ? index[key] : nil
      if position == nil {
        let parser = dialect.makeParser(key: key, path: path, options: options)
        sessions.append(Session(path: path, key: key, head: parser.head, parts: []))
        parsers.append(parser)
        position = sessions.count - 1
        index[key] = position
      }
      // What comes before the first session counts with it.
      if let position, current == nil { sessions[position].leftOut.add(leftOut) }
      guard let position, position != current else { return }
      sessions[position].parts.append(
        Part(start: start.offset, end: start.offset, firstLine: start.number))
      current = position
    }
    func feed(_ line: TranscriptLine) {
      guard let current else { return }
      let last = sessions[current].parts.count - 1
      sessions[current].parts[last].end = line.offset + UInt64(line.bytes.count)
      sessions[current].messageCount += count(parsers[current].take(line))
    }
    func release() {
      for line in held { feed(line) }
      held = []
    }
    let quoted = try quotedStarts(path, dialect, options)
    var lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
    func note(_ line: LongLine) {
      if dialect.isCarry(line.beginning[...]) { return }
      let place = Place.line(path: path, line: line.number, byte: line.offset)
      if let current {
        sessions[current].leftOut.add(place, count: line.count)
      } else {
        leftOut.add(place, count: line.count)
      }
    }
    while let next = try lines.next(keepingLineFeed: true, passingOver: note) {
      let line = TranscriptLine(bytes: next.bytes, number: next.number, offset: next.offset)
      if let key = dialect.session(beginningWith: line.text), !quoted.contains(line.number) {
        if current != nil, !dialect.ownsBlankBefore { release() }
        enter(key, at: held.first ?? line)
        release()
        feed(line)
      } else if line.isBlank, current == nil ? held.count < 1_000 : dialect.ownsBlankBefore {
        // One line is kept back inside a session, all of them before the first.
        if current != nil { release() }
        held.append(line)
      } else {
        if current == nil { enter("", at: held.first ?? line) }
        release()
        feed(line)
      }
    }
    if current == nil, !held.isEmpty || !leftOut.isEmpty {
      enter("", at: held.first ?? TranscriptLine(bytes: [], number: 1, offset: 0))
    }
    release()
    for position in sessions.indices {
      sessions[position].messageCount += count(parsers[position].finish())
      sessions[position].head = parsers[position].head
      sessions[position].firstPrompt = parsers[position].firstPrompt
      sessions[position].head.messageCount = sessions[position].messageCount
    }
    return sessions
  }

  /// The numbers of the lines that look like beginnings of sessions and stand in a code block.
  ///
  /// A block without an end quotes nothing: a further one that begins in it says that it has none.
  private static func quotedStarts(
    _ path: String, _ dialect: any TranscriptDialect, _ options: ReadOptions
  ) throws(FileError) -> Set<Int> {
    var quoted: Set<Int> = []
    var inside: [Int] = []
    var fence: CodeFence?
    var lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
    while let next = try lines.next(keepingLineFeed: true, passingOver: { _ in }) {
      let text = TranscriptLine(bytes: next.bytes, number: next.number, offset: next.offset).text
      let opened = CodeFence(opening: text)
      guard let open = fence else {
        fence = opened
        continue
      }
      if open.closes(with: text) {
        quoted.formUnion(inside)
        (fence, inside) = (nil, [])
      } else if let opened, opened.character == open.character, opened.length >= open.length {
        (fence, inside) = (opened, [])
      } else if dialect.session(beginningWith: text) != nil {
        inside.append(next.number)
      }
    }
    return quoted
  }

  func list() throws(FormatError) -> [ListedSession] {
    found.map { ListedSession(id: $0.head.id, files: [$0.path]) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    found.filter { wanted?.contains($0.head.id) ?? true }.map { session in
      SessionSummary(
        id: session.head.id, path: session.path, title: session.head.title ?? session.firstPrompt,
        created: session.head.created, updated: session.head.updated,
        workspace: session.head.workspace, messageCount: session.messageCount,
        byteCount: session.parts.reduce(0) { $0 + ($1.end - $1.start) })
    }
  }

  func session(_ id: String) throws(FormatError) -> Session {
    guard let session = found.first(where: { $0.head.id == id }) else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: path),
        advice: "see the identifiers with `carryover list`")
    }
    return session
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords { try session(id).leftOut }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    [SessionFile(atRoot: try session(id).path)]
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try TranscriptReader(try session(id), dialect: dialect, options: options)
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let reader = try reader(for: id)
    while try reader.next() != nil {}
    return reader.findings
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try reader(for: id).carry()?.header
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: path)
  }
}

/// Reads one session of another program's Markdown.
final class TranscriptReader: SessionReader {
  let head: SessionHead
  private let session: TranscriptSource.Session
  private let parser: any TranscriptParser
  private let options: ReadOptions
  private var parts: ArraySlice<TranscriptSource.Part>
  private var lines: LineReader?
  private var end: UInt64 = 0
  private var ready: ArraySlice<Entry> = []
  private var isAtEnd = false

  init(
    _ session: TranscriptSource.Session, dialect: any TranscriptDialect, options: ReadOptions
  ) throws(FormatError) {
    self.session = session
    self.options = options
    head = session.head
    parts = session.parts[...]
    parser = dialect.makeParser(key: session.key, path: session.path, options: options)
  }

  var findings: [Finding] { session.leftOut.findings + parser.findings }

  func next() throws(FormatError) -> Entry? {
    while true {
      if var entry = ready.popFirst() {
        // The record that opens a session says less than the whole session does.
        if case .headChange = entry.content { entry.content = .headChange(head) }
        return entry
      }
      if isAtEnd { return nil }
      if let line = try nextLine() {
        ready = parser.take(line)[...]
      } else {
        isAtEnd = true
        ready = parser.finish()[...]
      }
    }
  }

  private func nextLine() throws(FormatError) -> TranscriptLine? {
    do throws(FileError) {
      while true {
        if let line = try lines?.next(keepingLineFeed: true, passingOver: { _ in }),
          line.offset < end
        {
          return TranscriptLine(bytes: line.bytes, number: line.number, offset: line.offset)
        }
        guard let part = parts.popFirst() else { return nil }
        end = part.end
        lines = try LineReader(
          path: session.path, maximumLineLength: options.maximumRecordLength,
          startingAt: part.start, lineNumber: part.firstLine)
      }
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carry() throws(FormatError) -> CarryCursor? {
    try (parser as? any CarryingTranscriptParser)?.carry(of: session, options: options)
  }
}

/// A parser of a layout in which conversions leave notes.
protocol CarryingTranscriptParser: TranscriptParser {
  /// The carry of a session; nil when there is none.
  func carry(
    of session: TranscriptSource.Session, options: ReadOptions
  ) throws(FormatError) -> CarryCursor?
}
