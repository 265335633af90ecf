internal import FileIO
internal import SessionCoding
internal import SessionModel

/// What is known of a file before its entries are handed out, from a first reading of all of it.
struct MarkdownScan: Sendable {
  let path: String
  let front: FrontMatter
  let carry: MarkdownCarry?
  private(set) var head: SessionHead
  private(set) var findings: [Finding] = []
  private(set) var leftOut = LeftOutRecords()
  private(set) var fingerprint = Fingerprint()
  /// Where the file ended; what was appended since is not read.
  private(set) var end: UInt64 = 0
  private(set) var facts = MarkdownFacts()
  /// Which of the facts belongs to each message.
  private(set) var places: [Int?] = []
  /// The hash of each message's bytes, and who speaks.
  private(set) var messages: [(hash: UInt64, role: String)] = []

  /// - Parameter written: The facts of a file that is being written; those of others stand in them.
  init(
    path: String, facts written: MarkdownFacts? = nil, options: ReadOptions
  ) throws(FormatError) {
    self.path = path
    do throws(FileError) {
      front = FrontMatter(try RandomAccessFile(path: path).read(at: 0, count: FrontMatter.longest))
    } catch {
      throw FormatError(reading: error)
    }
    if let version = front.version, version != 2 {
      throw FormatError(
        .unsupportedVersion, "the file is of version \(version) of chat-md; version 2 is read",
        at: .file(path: path), advice: "a newer carryover may read it")
    }
    carry = try MarkdownCarry(in: path)
    let before = try carry?.cursor(options.maximumCarryLength).header.header
      .flatMap { CanonicalJSON.head(from: $0.targetHead) }
    head = front.head(
      fallbackID: MarkdownName.identifier(ofFile: path), titled: before.map(\.title))
    if let written {
      facts = written
    } else if let stored = try carry?.facts(options.maximumCarryLength) {
      if let read = MarkdownFacts(stored: stored) {
        facts = read
        head.markdownFacts = stored
      } else {
        note("messages", "what is stored of the messages is damaged; their identifiers are lost")
      }
    }
    if let carry, !carry.isClosed {
      note("carry-closed", "what is stored for the way back is not closed; the file may be cut off")
    }
    try readThrough(options)
  }

  /// Adds facts to a file that is being written.
  ///
  /// - Parameter added: What is known of each message; nil for one that has the fact that it had.
  mutating func add(_ added: [Message?]) {
    var all = MarkdownFacts()
    for (index, (message, found)) in zip(added, messages).enumerated() {
      let place = index < places.count ? places[index] : nil
      let known = message ?? place.map { facts.facts[$0].message }
      all.add(known ?? Message(role: .user), hash: found.hash, role: found.role)
    }
    facts = all
    places = Array(messages.indices)
  }

  private mutating func note(_ rule: String, _ message: String) {
    findings.append(
      Finding(
        rule: "\(Markdown.id).\(rule)", severity: .warning,
        place: carry.map {
          .line(path: path, line: $0.firstLine, byte: $0.range.lowerBound)
        } ?? .file(path: path),
        message: message, isSalvaged: true))
  }

  private mutating func readThrough(_ options: ReadOptions) throws(FormatError) {
    var parser = try MarkdownParser(path: path, front: front, carry: carry, options: options)
    while let record = try parser.next() {
      if let count = record.tooLong {
        leftOut.add(record.place, count: count)
        continue
      }
      fingerprint.update(record.bytes)
      guard case .message(let message) = record.content else { continue }
      // Empty lines between messages are no part of them.
      let end = record.bytes.lastIndex { $0 != 0x0A && $0 != 0x0D && $0 != 0x20 }
      let hash = ContentHash(record.bytes[...(end ?? record.bytes.startIndex)])
      messages.append((hash.value, message.role.name))
    }
    end = max(parser.offset, carry?.range.upperBound ?? 0)
    head.messageCount = messages.count
    findings = leftOut.findings + findings + parser.log.findings
    if !facts.facts.isEmpty { places = facts.places(of: messages) }
  }
}
