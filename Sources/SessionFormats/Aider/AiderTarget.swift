internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A history being written to: chats are added at the end; all others stay as they are.
final class AiderTarget: SessionTarget {
  private let folder: String?
  private let path: String
  private let options: WriteOptions
  private let isNew: Bool
  private let isNewFolder: Bool
  private let state = Mutex(State())

  /// A finished chat whose file goes away when this does.
  private final class StagedFile: Sendable {
    let id: String
    let output: AtomicOutput

    init(id: String, output: consuming AtomicOutput) {
      self.id = id
      self.output = consume output
    }
  }

  private struct State {
    var staged: [StagedFile] = []
    var storeCarry: [UInt8]?
  }

  var profile: String { "" }
  var allowsParallelWriters: Bool { false }

  init(path: String, options: WriteOptions) throws(FormatError) {
    self.options = options
    do throws(FileError) {
      let status = try FileStatus(path: path)
      let name = path.split(separator: "/").last ?? ""
      let isFolder = status.map { $0.kind == .directory } ?? !name.contains(".")
      folder = isFolder ? path : nil
      isNewFolder = isFolder && status == nil
      self.path = isFolder ? path + "/" + Aider.fileName : path
      isNew = try FileStatus(path: self.path) == nil
    } catch {
      throw FormatError(writing: error)
    }
  }

  func identifier(for head: SessionHead) -> String { head.id }

  private func source() throws(FormatError) -> TranscriptSource {
    try TranscriptSource(path: path, dialect: AiderDialect(), options: .unlimited)
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    guard !isNew else { return nil }
    let source = try source()
    guard source.found.contains(where: { $0.head.id == id }) else { return nil }
    return ExistingSession(carry: try source.carryHeader(of: id)) { () throws(FormatError) in
      try source.fingerprint(of: id)
    }
  }

  func writer(for head: SessionHead, id: String) throws(FormatError) -> any SessionWriter {
    do throws(FileError) {
      if let folder, isNewFolder {
        try createDirectory(folder, permissions: 0o700, intermediates: true)
      }
      return AiderWriter(
        target: self, head: head, id: id, output: try AtomicOutput(replacing: path),
        options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Keeps a finished chat until the target is published.
  func take(_ output: consuming AtomicOutput, id: String) throws(FileError) {
    var output = output
    try output.flush()
    let staged = StagedFile(id: id, output: output)
    state.withLock { $0.staged.append(staged) }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, folder != nil, !records.isEmpty else { return }
    let bytes = GGCodeStoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    let (staged, carry) = state.withLock { ($0.staged, $0.storeCarry) }
    do throws(FileError) {
      if let folder, let carry, try FileStatus(path: folder) != nil {
        var output = try AtomicOutput(replacing: folder + "/" + GGCodeStoreCarry.fileName)
        try output.write(carry)
        try output.commit(durable: options.isDurable)
      }
      guard !staged.isEmpty else { return }
      var output = try AtomicOutput(replacing: path)
      if !isNew { try copyOthers(than: Set(staged.map(\.id)), to: &output) }
      for chat in staged { try Self.append(chat.output.temporaryPath, 0, .max, to: &output) }
      try output.commit(durable: options.isDurable)
      state.withLock { $0.staged = [] }
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func copyOthers(than ids: Set<String>, to output: inout AtomicOutput) throws(FileError) {
    guard let source = try? source() else {
      throw FileError(.exists, path: path, operation: "adding chats to the history")
    }
    for chat in source.found where !ids.contains(chat.head.id) {
      for part in chat.parts { try Self.append(path, part.start, part.end, to: &output) }
    }
  }

  private static func append(
    _ path: String, _ start: UInt64, _ end: UInt64, to output: inout AtomicOutput
  ) throws(FileError) {
    let file = try RandomAccessFile(path: path)
    var offset = start
    var last: UInt8 = 0x0A
    let end = min(end, file.size)
    while offset < end {
      let bytes = try file.read(at: offset, count: Int(min(1 << 20, end - offset)))
      guard !bytes.isEmpty else { break }
      try output.write(bytes)
      last = bytes.last ?? last
      offset += UInt64(bytes.count)
    }
    if last != 0x0A { try output.write([0x0A] as [UInt8]) }
  }

  func discard() {
    state.withLock { $0.staged = [] }
    if let folder, isNewFolder, let entries = try? listDirectory(folder), entries.isEmpty {
      try? removeTree(folder)
    }
  }
}

/// Writes one chat aside.
final class AiderWriter: SessionWriter {
  private let target: AiderTarget
  private let head: SessionHead
  private let id: String
  private let options: WriteOptions
  private let temporaryPath: String
  private var output: AtomicOutput?
  private var hasOpened = false
  private var endsLine = true
  private var followsAssistant = false

  init(
    target: AiderTarget, head: SessionHead, id: String, output: consuming AtomicOutput,
    options: WriteOptions
  ) {
    self.target = target
    self.head = head
    self.id = id
    self.options = options
    temporaryPath = output.temporaryPath
    self.output = consume output
  }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == Aider.id {
      guard !origin.bytes.isEmpty else { return 0 }
      var count = 1
      // A chat read strictly has no beginning of its own.
      if !hasOpened, !Self.hasStart(origin.bytes) {
        try writeOpening()
        count = 2
      }
      hasOpened = true
      if case .message(let message) = entry.content {
        followsAssistant = message.role == .assistant
      } else {
        followsAssistant = false
      }
      try append(origin.bytes)
      return count
    }
    var count = 0
    if !hasOpened {
      try writeOpening()
      count = 1
    }
    for text in AiderText.texts(of: entry) {
      // Aider skips the line; it keeps two answers in a row apart.
      if followsAssistant, !text.isUser { try append(Array("# \n".utf8)[...]) }
      try append(text.bytes[...])
      followsAssistant = !text.isUser
      count += 1
    }
    return count
  }

  private static func hasStart(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.drop { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 }.starts(with: AiderDialect.start)
  }

  private func writeOpening() throws(FormatError) {
    hasOpened = true
    var time: [UInt8] = []
    (head.created ?? Timestamp(seconds: 0)).withoutFraction
      .appendDateAndTime(separator: UInt8(ascii: " "), to: &time)
    if SpelledTime.read(String(decoding: time, as: UTF8.self)) == nil {
      time = Array("1970-01-01 00:00:00".utf8)
    }
    var bytes = Array("\n".utf8) + AiderDialect.start + time + Array("\n\n".utf8)
    if AiderName.identifier(String(decoding: time, as: UTF8.self)) != id {
      bytes += AiderCarry.line(identifier: id)
    }
    try append(bytes[...])
  }

  private func append(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
    do throws(FileError) {
      if !endsLine { try output?.write([UInt8(ascii: "\n")]) }
      try output?.write(bytes)
      endsLine = bytes.last == UInt8(ascii: "\n")
    } catch {
      throw FormatError(writing: error)
    }
  }

  func finishEntries() throws(FormatError) {
    if !hasOpened { try writeOpening() }
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
  }

  func readBack() throws(FormatError) -> any SessionReader {
    let source = try TranscriptSource(
      path: temporaryPath, dialect: AiderDialect(), options: .unlimited)
    return try source.reader(for: source.found.first?.head.id ?? id)
  }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    try append(AiderCarry.line("chunk", chunk)[...])
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header, options.carries { try append(AiderCarry.line("carry", header.json)[...]) }
    do throws(FileError) {
      guard let output = output.take() else { return }
      try target.take(output, id: id)
    } catch {
      throw FormatError(writing: error)
    }
  }

  func discard() { output = nil }
}

extension Timestamp {
  /// The time cut to the second.
  fileprivate var withoutFraction: Timestamp { Timestamp(seconds: seconds, offset: offset) }
}
