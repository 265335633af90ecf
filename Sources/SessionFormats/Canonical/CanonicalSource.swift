internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// Canonical files opened for reading.
final class CanonicalSource: SessionSource {
  /// Where a session's lines lie.
  struct Segment {
    var path: String
    /// What the session is opened with: its identifier, with a number where that is taken.
    var key: String
    var start: UInt64
    var end: UInt64
    var firstLine: Int
    /// The session's head.
    var head: SessionHead
    /// The head in the record that opens the session.
    let firstHead: SessionHead
    /// The last change of the head.
    var lastHead: SessionHead?
    /// The version of the records, which may be one that is not known yet.
    var version: Int64
    var messageCount = 0
    /// Offset and length of each carry record.
    var carry: [(offset: UInt64, count: Int)] = []
    /// The lines that are not read.
    var leftOut = LeftOutRecords()

    /// The record that opens the session states its last head, unless it went on since.
    fileprivate mutating func settleHead() {
      guard var last = lastHead, let updated = last.updated,
        head.updated.map({ $0 < updated }) ?? true
      else { return }
      last.id = head.id
      head = last
    }
  }

  private let path: String
  private let options: ReadOptions
  /// The sessions, in the order of the files.
  let segments: [Segment]
  private let positions: [String: Int]
  private let strayFindings: [Finding]
  /// The lines of a single file, for the first reader that asks for them.
  private let lines: Mutex<LineReader?>

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.path = path
    self.options = options
    var segments: [Segment] = []
    var findings: [Finding] = []
    var lines: LineReader?
    do throws(FileError) {
      if try StoreFiles.status(of: path).kind == .directory {
        var store = StoreFiles()
        for entry in try listDirectory(path) where entry.name.hasSuffix(Canonical.suffix) {
          let file = path + "/" + entry.name
          guard store.isFile(entry, at: file) else { continue }
          let count = segments.count
          do throws(FileError) {
            var lines = try LineReader(path: file, maximumLineLength: options.maximumRecordLength)
            try Self.scan(&lines, of: file, &segments, &findings)
          } catch {
            segments.removeLast(segments.count - count)
            store.noteUnreadable(file, error)
          }
        }
        _ = store.hasFile(at: path + "/" + StoreCarry.fileName)
        findings += store.findings
      } else {
        var all = try LineReader(
          path: path, maximumLineLength: options.maximumRecordLength, for: .again)
        try Self.scan(&all, of: path, &segments, &findings)
        if all.rewind() { lines = consume all }
      }
    } catch {
      throw FormatError(reading: error)
    }
    for index in segments.indices { segments[index].settleHead() }
    Self.assignKeys(&segments, &findings)
    self.segments = segments
    positions = Dictionary(
      segments.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    strayFindings = findings
    self.lines = Mutex(lines)
  }

  /// Tells sessions with the same identifier apart; a file named by the identifier keeps it.
  private static func assignKeys(_ segments: inout [Segment], _ findings: inout [Finding]) {
    var taken: Set<String> = []
    func name(_ segment: Segment) -> Substring { segment.path.split(separator: "/").last ?? "" }
    let owners = segments.indices.filter {
      name(segments[$0]) == CanonicalName.fileName(for: segments[$0].head.id)
    }
    var hasKey = Set<Int>()
    for index in owners + segments.indices
    where !hasKey.contains(index) && taken.insert(segments[index].head.id).inserted {
      hasKey.insert(index)
    }
    for index in segments.indices where !hasKey.contains(index) {
      let segment = segments[index]
      var key = String(name(segment).dropLast(Canonical.suffix.count))
      var number = 2
      while key.isEmpty || !taken.insert(key).inserted {
        key = "\(segment.head.id)-\(number)"
        number += 1
      }
      segments[index].key = key
      findings.append(
        Finding(
          rule: "canonical.session-id-unique", severity: .error,
          place: .line(path: segment.path, line: segment.firstLine, byte: segment.start),
          message: "a second session has the identifier \(segment.head.id); it is opened as \(key)",
          isSalvaged: true))
    }
  }

  private static let recordStart = Array("{\"record\":\"".utf8)
  private static let message = Array("{\"record\":\"message\"".utf8)
  private static let session = Array("{\"record\":\"session\"".utf8)
  static let carry = Array("{\"record\":\"carry\"".utf8)
  private static let headChange = Array("{\"record\":\"head\"".utf8)

  private static func scan(
    _ lines: inout LineReader, of path: String, _ segments: inout [Segment],
    _ findings: inout [Finding]
  ) throws(FileError) {
    let first = segments.count
    /// Whether the session at hand has a first record that is too long to be read.
    var isUnreadable = false
    func note(_ line: LongLine) {
      let place = Place.line(path: path, line: line.number, byte: line.offset)
      if line.beginning.starts(with: session) || segments.count == first && !isUnreadable {
        isUnreadable = true
        findings.append(
          Finding(
            rule: LeftOutRecords.rule, severity: .error, place: place,
            message: "the first record of a session has \(line.count) bytes, and the session is "
              + "left out; --max-record \(ByteSize(line.count).roundedUp) reads it"))
      } else if !isUnreadable {
        let last = segments.count - 1
        segments[last].end = line.offset + UInt64(line.count) + 1
        if line.beginning.starts(with: carry) {
          segments[last].carry.append((line.offset, line.count + 1))
        } else {
          segments[last].leftOut.add(place, count: line.count)
        }
      }
    }
    while try lines.advance(passingOver: note) {
      let (isMessage, mayBeSession, isCarry) = lines.withLine {
        (
          $0.starts(with: message.span),
          $0.starts(with: session.span) || !$0.starts(with: recordStart.span),
          $0.starts(with: carry.span)
        )
      }
      var end = lines.lineOffset
      lines.withLine { end += UInt64($0.count) + 1 }
      if mayBeSession, let (head, version) = head(in: lines.copyLine()) {
        segments.append(
          Segment(
            path: path, key: head.id, start: lines.lineOffset, end: end,
            firstLine: lines.lineNumber,
            head: head, firstHead: head, version: version))
        isUnreadable = false
        continue
      }
      if isUnreadable { continue }
      guard segments.count > first else {
        findings.append(
          Finding(
            rule: "canonical.session-record-first", severity: .error,
            place: .line(path: path, line: lines.lineNumber, byte: lines.lineOffset),
            message: "a record stands before any session record and belongs to no session"))
        continue
      }
      let last = segments.count - 1
      segments[last].end = end
      if isMessage { segments[last].messageCount += 1 }
      if lines.withLine({ $0.starts(with: headChange.span) }) {
        let document = JSONDocument(ifValid: lines.copyLine(), limits: .go)
        segments[last].lastHead = document?.root["head"].flatMap { CanonicalJSON.head(from: $0) }
      }
      if isCarry {
        segments[last].carry.append((lines.lineOffset, Int(end - lines.lineOffset)))
      }
    }
  }

  private static func head(in bytes: [UInt8]) -> (head: SessionHead, version: Int64)? {
    guard let document = JSONDocument(ifValid: bytes, limits: .go),
      document.root["record"]?.string?.equals("session") == true,
      let head = document.root["head"].flatMap({ CanonicalJSON.head(from: $0) })
    else { return nil }
    return (head, document.root["version"]?.int64 ?? CanonicalJSON.version)
  }

  func list() throws(FormatError) -> [ListedSession] {
    segments.map { ListedSession(id: $0.key, files: [$0.path]) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    segments.filter { wanted?.contains($0.key) ?? true }.map { segment in
      SessionSummary(
        id: segment.key, path: segment.path, title: segment.head.title,
        created: segment.head.created, updated: segment.head.updated,
        workspace: segment.head.workspace, messageCount: segment.messageCount,
        byteCount: segment.end - segment.start, isArchived: segment.head.archived ?? false)
    }
  }

  func holds(_ id: String) -> Bool { positions[id] != nil }

  func segment(_ id: String) throws(FormatError) -> Segment {
    guard let position = positions[id] else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: path),
        advice: "see the identifiers with `carryover list`")
    }
    return segments[position]
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    let segment = try segment(id)
    guard segment.version <= CanonicalJSON.version else {
      throw FormatError(
        .unsupportedVersion,
        "the session has version \(segment.version) of canonical records, and only "
          + "\(CanonicalJSON.version) is known",
        at: .line(path: segment.path, line: segment.firstLine, byte: segment.start),
        advice: "use a newer release of Carryover")
    }
    let lines = segment.start == 0 ? lines.withLock { $0.take() } : nil
    return try CanonicalReader(segment: segment, lines: lines, options: options)
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords { try segment(id).leftOut }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    let segment = try segment(id)
    var limits = JSONLimits.go
    limits.maximumDepth = options.maximumDepth
    var fingerprint = Fingerprint()
    do throws(FileError) {
      var lines = try LineReader(
        path: segment.path, maximumLineLength: options.maximumRecordLength,
        startingAt: segment.start, lineNumber: segment.firstLine)
      while try lines.advance(passingOver: { _ in }), lines.lineOffset < segment.end {
        // Most lines are told apart by their first bytes.
        let isPlain = lines.withLine {
          $0.starts(with: Self.recordStart.span) && !$0.starts(with: Self.carry.span)
        }
        if !isPlain, let document = JSONDocument(ifValid: lines.copyLine(), limits: limits),
          document.root["record"]?.string?.equals("carry") == true
        {
          continue
        }
        lines.withLine(keepingLineFeed: true) { fingerprint.update($0) }
      }
    } catch {
      throw FormatError(reading: error)
    }
    return fingerprint
  }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    [SessionFile(atRoot: try segment(id).path)]
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let reader = try reader(for: id)
    while try reader.next() != nil {}
    return reader.findings
  }

  var openingFindings: [Finding] { strayFindings }

  func storeFindings() throws(FormatError) -> [Finding] { strayFindings }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try reader(for: id).carry()?.header
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: path)
  }
}
