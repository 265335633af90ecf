internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import SessionValidation

/// Writes the entries of a session, staged, one after the other, and notes what they are.
struct SessionCopy {
  let writer: any SessionWriter
  private let targetID: String
  private let mostRetained: Int
  private let interruption: Interruption
  private let progress: @Sendable (UInt64) -> Void
  /// Nil for what returns.
  ///
  /// It was judged when it came, and what another tool says of it is not what is written.
  private var validator: SessionValidator?

  /// Numbers of entries by kind.
  private(set) var entries = EntryCounts()
  /// How many entries stand for each one in the target.
  private(set) var counts: [UInt16] = []
  /// The fingerprint of their records; nil when one of them is of another format than the target.
  private(set) var native: Fingerprint? = Fingerprint()
  /// Entries that were written though the source does not have them.
  private(set) var openingCount = 0
  /// What the reader and the rules found; complete when it is finished.
  private(set) var findings: [Finding] = []
  /// How many paths were mapped while it was read.
  private(set) var mappedPaths = 0
  /// The entries for their second use; nil when they are too large to be kept, or need not be.
  private var retained: [Entry?]? = []
  private var bytes = 0

  /// - Parameters:
  ///   - head: The session's head in the source.
  ///   - targetID: The format that is written.
  ///   - isReturn: Whether the session comes back to the format that it is of.
  ///   - mostRetained: How many bytes of records may be kept for a second use.
  ///   - progress: Called with the size of each record.
  init(
    of head: SessionHead, to writer: any SessionWriter, _ targetID: String, isReturn: Bool,
    mostRetained: Int, _ interruption: Interruption,
    _ progress: @escaping @Sendable (UInt64) -> Void
  ) {
    self.writer = writer
    self.targetID = targetID
    self.mostRetained = mostRetained
    self.interruption = interruption
    self.progress = progress
    validator = isReturn ? nil : SessionValidator(head: head)
  }

  private mutating func add(_ entry: Entry) throws(FormatError) {
    if counts.count & 63 == 0 { try interruption.check() }
    if entry.saysNothing {
      counts.append(0)
      retained?.append(entry)
      return
    }
    let size = entry.origin?.bytes.count ?? 0
    progress(UInt64(size))
    validator?.observe(entry)
    entries.add(kind: entry.content.kindIndex)
    let count = UInt16(clamping: try writer.write(entry))
    counts.append(count)
    bytes += size
    if let origin = entry.origin, origin.format == targetID {
      native?.update(origin.bytes)
      if native != nil { retained = nil }
    } else {
      native = nil
    }
    if bytes > mostRetained { retained = nil }
    retained?.append(entry)
  }

  /// Writes all entries of a reader, and ends the session.
  ///
  /// - Parameter opening: What a session without a single record begins with, where it needs something.
  mutating func add(
    all reader: any SessionReader, openingWith opening: SessionHead?
  ) throws(FormatError) {
    let leaving = reader as? any LeavingReader
    while true {
      let entry = try reader.next()
      for record in leaving?.takeLeftBehind() ?? [] { writer.leaveOut(record) }
      guard let entry else { break }
      try add(entry)
    }
    if counts.isEmpty, let opening {
      openingCount = try writer.write(Entry(.headChange(opening)))
    }
    try writer.finishEntries()
    findings = (Self.merged(reader.findings, validator?.finish() ?? []) + writer.findings).bounded
    mappedPaths = (reader as? PathMappingReader)?.count ?? 0
  }

  /// Lets go of the entries that were kept.
  mutating func takeRetained() -> [Entry?]? { retained.take() }

  /// The findings of the reader and the rules; damage that the reader reported is not said twice.
  static func merged(_ reader: [Finding], _ rules: [Finding]) -> [Finding] {
    let lines = Set(reader.filter(\.isSalvaged).compactMap { $0.place?.line })
    return reader
      + rules.filter { finding in
        guard finding.rule == "session.damage", let line = finding.place?.line else { return true }
        return !lines.contains(line)
      }
  }
}

extension Place {
  /// Path and line of a place in a text file.
  fileprivate var line: String? {
    if case .line(let path, let line, _) = self { "\(path):\(line)" } else { nil }
  }
}
