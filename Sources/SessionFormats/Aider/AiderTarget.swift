internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A history being written to: chats are added at the end; all others stay as they are.
final class AiderTarget: SessionTarget {
  private let folder: String?
  private let path: String
  private let options: WriteOptions
  private let isNewFolder: Bool
  private let file: SharedFile
  /// What the file holds, with its status from before it was read.
  private let present: (source: TranscriptSource, status: FileStatus)?
  private let storeCarry = Mutex<[UInt8]?>(nil)

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
    } catch {
      throw FormatError(writing: error)
    }
    file = SharedFile(path: self.path, isDurable: options.isDurable)
    if let status = try FileStatus(existingAt: self.path) {
      present = (try Self.source(self.path), status)
    } else {
      present = nil
    }
  }

  func identifier(for head: SessionHead) -> String { head.id }

  private static func source(_ path: String) throws(FormatError) -> TranscriptSource {
    try TranscriptSource(path: path, dialect: AiderDialect(), options: .unlimited)
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    guard let (source, status) = present,
      source.found.contains(where: { $0.head.id == id })
    else { return nil }
    return try ExistingSession(id, in: source, files: [path], file: status)
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    do throws(FileError) {
      if let folder, isNewFolder {
        try createDirectory(folder, permissions: 0o700, intermediates: true)
      }
      return AiderWriter(
        file: file, existing: existing, head: head, id: id,
        isFirst: present.map { existing != nil && $0.source.found.first?.head.id == id } ?? true,
        output: try AtomicOutput(replacing: path), options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, folder != nil, !records.isEmpty else { return }
    let bytes = StoreCarry.bytes(records, of: format)
    storeCarry.withLock { $0 = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    do throws(FileError) {
      if let folder, let carry = storeCarry.withLock({ $0 }), try FileStatus(path: folder) != nil {
        var output = try AtomicOutput(replacing: folder + "/" + StoreCarry.fileName)
        try output.write(carry)
        try output.commit(durable: options.isDurable)
      }
    } catch {
      throw FormatError(writing: error)
    }
    try file.publish { [path] () throws(FormatError) in
      let source = try Self.source(path)
      return source.found.map { chat in
        SharedFile.Held(id: chat.head.id, ranges: chat.parts.map { $0.start..<$0.end }) {
          () throws(FormatError) in try source.fingerprint(of: chat.head.id)
        }
      }
    }
  }

  func discard() {
    file.discard()
    if let folder, isNewFolder { discardEmptyDirectory(folder) }
  }
}

/// Writes one chat, staged.
final class AiderWriter: SessionWriter {
  private let file: SharedFile
  private let existing: ExistingSession?
  private let head: SessionHead
  private let id: String
  private let options: WriteOptions
  private let temporaryPath: String
  private var output: AtomicOutput?
  /// Whether text that belongs to no chat may stand where the file begins.
  private let isFirst: Bool
  /// Whether the session is what stands before the first chat, and has no beginning.
  private var isPreamble = false
  private var hasOpened = false
  private var endsLine = true
  private var followsAssistant = false

  init(
    file: SharedFile, existing: ExistingSession?, head: SessionHead, id: String, isFirst: Bool,
    output: consuming AtomicOutput, options: WriteOptions
  ) {
    self.file = file
    self.existing = existing
    self.head = head
    self.id = id
    self.isFirst = isFirst
    self.options = options
    temporaryPath = output.temporaryPath
    self.output = consume output
  }

  var files: [String] { [file.path] }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == Aider.id {
      guard !origin.bytes.isEmpty else { return 0 }
      // Empty lines stand before the line that begins a chat; a bundle gives them one by one.
      if !hasOpened, origin.bytes.allSatisfy({ $0 == 0x0A || $0 == 0x0D }) {
        try append(origin.bytes)
        return 1
      }
      var count = 1
      // A chat read strictly has no beginning of its own, and neither has what stands before the first.
      if !hasOpened, !Self.hasStart(origin.bytes) {
        isPreamble = isFirst && id == AiderName.ofPreamble
        if !isPreamble {
          try writeOpening()
          count = 2
        }
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
    guard let output = output.take() else { return }
    let begun = isPreamble ? Timestamp(seconds: -62_135_596_800) : head.created
    try file.take(output, id: id, begun: begun, replacing: existing)
  }

  func discard() { output = nil }
}

extension Timestamp {
  /// The time cut to the second.
  fileprivate var withoutFraction: Timestamp { Timestamp(seconds: seconds, offset: offset) }
}
