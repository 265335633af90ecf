internal import FileIO
internal import SessionFormats

/// What a session file holds that writing the session anew would destroy.
struct KeptLines {
  /// Lines that stay in front, through the last checkpoint.
  private(set) var history: [[UInt8]] = []
  /// How many of the session's first messages the last checkpoint in ``history`` holds.
  private(set) var messagesInHistory = 0
  /// Whether the session's messages must stand in a checkpoint, so that ``history`` is not loaded.
  private(set) var needsCheckpoint = false
  /// Usage and metrics that the session does not hold, unknown and damaged lines.
  private(set) var others: [[UInt8]] = []

  init() {}

  /// Reads the file that is about to be replaced; one that is missing holds nothing.
  init(path: String, session: Session, profile: JSONLStore.Profile) throws(StoreError) {
    var lines: [(bytes: [UInt8], record: StoredRecord)] = []
    do throws(FileError) {
      var reader = try LineReader(path: path)
      while try reader.advance() {
        let bytes = reader.copyLine()
        lines.append((bytes + [0x0A], StoredRecord(bytes, id: session.id, profile: profile)))
      }
    } catch {
      if error.code == .notFound { return }
      throw StoreError(reading: error)
    }
    keepHistory(lines, session)
    keepOthers(lines.dropFirst(history.count), session)
  }

  private mutating func keepHistory(
    _ lines: [(bytes: [UInt8], record: StoredRecord)], _ session: Session
  ) {
    let last = lines.lastIndex { if case .checkpoint = $0.record { true } else { false } }
    guard let last, case .checkpoint(let checkpoint) = lines[last].record else { return }
    var earlier: [Message] = []
    for line in lines[..<last] {
      if case .message(let message) = line.record { earlier.append(message) }
    }
    // A session that still holds them all loses nothing but the checkpoint.
    if session.messages.starts(with: earlier) { return }
    history = lines[...last].map(\.bytes)
    if session.messages.starts(with: checkpoint) {
      messagesInHistory = checkpoint.count
    } else {
      needsCheckpoint = true
    }
  }

  private mutating func keepOthers(
    _ lines: ArraySlice<(bytes: [UInt8], record: StoredRecord)>, _ session: Session
  ) {
    var usage = Dictionary(session.usageHistory.map { ($0, 1) }, uniquingKeysWith: +)
    var metrics = Dictionary(session.metrics.map { ($0, 1) }, uniquingKeysWith: +)
    for line in lines {
      switch line.record {
      case .usage(let entry):
        if let count = usage[entry], count > 0 {
          usage[entry] = count - 1
        } else {
          others.append(line.bytes)
        }
      case .metric(let metric):
        if let count = metrics[metric], count > 0 {
          metrics[metric] = count - 1
        } else {
          others.append(line.bytes)
        }
      case .ignored, .reference, .damaged: others.append(line.bytes)
      case .blank, .meta, .message, .checkpoint, .cost, .tunnelEvent: break
      }
    }
  }
}
