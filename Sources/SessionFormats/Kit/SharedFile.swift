internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A file that holds several sessions, of which some are written anew.
///
/// All else stays as it is and where it is; new sessions follow at the end.
final class SharedFile: Sendable {
  /// A session that the file holds.
  struct Held {
    var id: String
    /// Where its lines lie, in order.
    var ranges: [Range<UInt64>]
    var fingerprint: () throws(FormatError) -> Fingerprint
  }

  /// A finished session whose file goes away when this does.
  private final class Staged: Sendable {
    let id: String
    let begun: Timestamp?
    let output: AtomicOutput
    /// The file and the session's fingerprint when they were looked at; nil for a new session.
    let replaced: (file: FileStatus?, fingerprint: Fingerprint)?

    init(
      id: String, begun: Timestamp?, output: consuming AtomicOutput,
      replaced: (file: FileStatus?, fingerprint: Fingerprint)?
    ) {
      self.id = id
      self.begun = begun
      self.output = output
      self.replaced = replaced
    }
  }

  let path: String
  private let isDurable: Bool
  private let staged = Mutex<[Staged]>([])

  /// How often the file is read anew when others change it meanwhile.
  private static let attempts = 20
  /// The most that is appended without a look at the file, in one write.
  private static let largestAppend: UInt64 = 8 << 20

  init(path: String, isDurable: Bool) {
    self.path = path
    self.isDurable = isDurable
  }

  /// Keeps a finished session until the file is published.
  ///
  /// - Parameter begun: When it began, where the tool writes sessions one after the other; new ones then
  ///   follow each other in that order.
  func take(
    _ output: consuming AtomicOutput, id: String, begun: Timestamp? = nil,
    replacing existing: ExistingSession?
  ) throws(FormatError) {
    var output = output
    do throws(FileError) {
      try output.flush()
    } catch {
      throw FormatError(writing: error)
    }
    var replaced: (FileStatus?, Fingerprint)?
    if let existing { replaced = (existing.file, try existing.fingerprint()) }
    let session = Staged(id: id, begun: begun, output: output, replaced: replaced)
    staged.withLock { $0.append(session) }
  }

  /// Gives up what is staged.
  func discard() { staged.withLock { $0 = [] } }

  /// Writes the file with all sessions that are staged, as long as those they replace are what they were.
  ///
  /// - Parameter open: Reads what the file holds now.
  /// - Throws: `.changed` when another program has changed one of these sessions.
  func publish(open: () throws(FormatError) -> [Held]) throws(FormatError) {
    let staged = staged.withLock { Self.inOrder($0) }
    guard !staged.isEmpty else { return }
    for attempt in 0..<Self.attempts {
      let status = try FileStatus(existingAt: path)
      if attempt > 0, status != nil, try append(staged) { return discard() }
      let held = status == nil ? [] : try open()
      for session in staged { try check(session, status, held) }
      do throws(FileError) {
        try write(staged, status, held)
        return discard()
      } catch {
        guard error.code == .changed else { throw FormatError(writing: error) }
      }
    }
    throw FormatError(
      writing: FileError(.inUse, path: path, operation: "adding sessions to the file"))
  }

  /// In the order in which they began, those without a time last; else in the order of the source.
  private static func inOrder(_ staged: [Staged]) -> [Staged] {
    staged.enumerated().sorted { a, b in
      switch (a.element.begun, b.element.begun) {
      case (let first?, let second?) where first != second: first < second
      case (nil, .some): false
      case (.some, nil): true
      default: a.offset < b.offset
      }
    }.map(\.element)
  }

  /// Makes sure that a session replaces just what it is meant to.
  private func check(
    _ session: Staged, _ status: FileStatus?, _ held: [Held]
  ) throws(FormatError) {
    let present = held.first { $0.id == session.id }
    if let replaced = session.replaced {
      if replaced.file == status { return }
      if let present, try present.fingerprint() == replaced.fingerprint { return }
    } else if present == nil {
      return
    }
    throw FormatError(
      .changed, "another program has changed session \(session.id)", at: .file(path: path),
      advice: "nothing was overwritten; run again")
  }

  private func write(
    _ staged: [Staged], _ status: FileStatus?, _ held: [Held]
  ) throws(FileError) {
    var output = try AtomicOutput(
      replacing: path, expecting: AtomicOutput.Expectation(status))
    var last = UInt8(ascii: "\n")
    var added: [Staged] = []
    var cuts: [(range: Range<UInt64>, by: Staged?)] = []
    for session in staged {
      guard let present = held.first(where: { $0.id == session.id }) else {
        added.append(session)
        continue
      }
      // The new lines stand where the old ones began.
      for (index, range) in present.ranges.enumerated() {
        cuts.append((range, index == 0 ? session : nil))
      }
    }
    cuts.sort { $0.range.lowerBound < $1.range.lowerBound }
    var offset: UInt64 = 0
    for (range, session) in cuts {
      try Self.copy(path, offset..<range.lowerBound, to: &output, &last)
      if let session { try Self.copy(session, to: &output, &last) }
      offset = range.upperBound
    }
    if status != nil { try Self.copy(path, offset..<UInt64.max, to: &output, &last) }
    for session in added { try Self.copy(session, to: &output, &last) }
    try output.commit(durable: isDurable)
  }

  /// Appends sessions that are all new in one write, which disturbs nobody; false where that cannot be.
  private func append(_ staged: [Staged]) throws(FormatError) -> Bool {
    let size = staged.reduce(UInt64(0)) { $0 + $1.output.bytesWritten }
    guard size <= Self.largestAppend, staged.allSatisfy({ $0.replaced == nil }) else {
      return false
    }
    do throws(FileError) {
      var bytes: [UInt8] = []
      for session in staged { bytes += try readFile(session.output.temporaryPath) }
      try appendToFile(path, bytes, durable: isDurable)
    } catch {
      throw FormatError(writing: error)
    }
    return true
  }

  private static func copy(
    _ session: Staged, to output: inout AtomicOutput, _ last: inout UInt8
  ) throws(FileError) {
    // A line that had no end when it was the last one must not fuse with what follows.
    if last != UInt8(ascii: "\n") { try output.write([UInt8(ascii: "\n")]) }
    last = UInt8(ascii: "\n")
    try copy(session.output.temporaryPath, 0..<UInt64.max, to: &output, &last)
  }

  private static func copy(
    _ path: String, _ range: Range<UInt64>, to output: inout AtomicOutput, _ last: inout UInt8
  ) throws(FileError) {
    guard !range.isEmpty else { return }
    let file = try RandomAccessFile(path: path)
    var offset = range.lowerBound
    let end = min(range.upperBound, file.size)
    while offset < end {
      let bytes = try file.read(at: offset, count: Int(min(1 << 20, end - offset)))
      guard !bytes.isEmpty else { break }
      try output.write(bytes)
      last = bytes.last ?? last
      offset += UInt64(bytes.count)
    }
  }
}
