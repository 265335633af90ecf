internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes one canonical session, staged.
final class CanonicalWriter: SessionWriter {
  private let target: CanonicalTarget
  private let existing: ExistingSession?
  private let head: SessionHead
  private let id: String
  private let options: WriteOptions
  private let temporaryPath: String
  private var output: AtomicOutput?
  private var hasOpened = false
  private(set) var trailingEntryCount = 0
  private var endsLine = true

  init(
    target: CanonicalTarget, existing: ExistingSession?, head: SessionHead, id: String,
    output: consuming AtomicOutput, options: WriteOptions
  ) {
    self.target = target
    self.existing = existing
    self.head = head
    self.id = id
    self.options = options
    temporaryPath = output.temporaryPath
    self.output = consume output
  }

  var files: [String] { [target.file(of: id)] }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == Canonical.id {
      guard !origin.bytes.isEmpty else { return 0 }
      // The record that opened the session may be the one that was removed or changed.
      let opens = !hasOpened && !Self.opensSession(origin.bytes)
      hasOpened = true
      if opens { try append { writeOpening(to: &$0) } }
      try append(origin.bytes)
      return opens ? 2 : 1
    }
    let opens = !hasOpened
    hasOpened = true
    if opens, case .headChange(let first) = entry.content, first.isSame(as: head) {
      try append { writeOpening(to: &$0) }
      return 1
    }
    try append { json in
      if opens { writeOpening(to: &json) }
      CanonicalJSON.write(entry, to: &json)
      json.newline()
    }
    return opens ? 2 : 1
  }

  private static func opensSession(_ record: ArraySlice<UInt8>) -> Bool {
    JSONDocument(ifValid: Array(record), limits: .go)?.root["record"]?.string?.equals("session")
      ?? false
  }

  private func writeOpening(to json: inout JSONWriter) {
    var head = head
    head.id = id
    json.beginObject()
    json.field("record", "session")
    json.field("version", CanonicalJSON.version)
    json.key("head")
    CanonicalJSON.write(head, to: &json)
    json.endObject()
    json.newline()
  }

  private func append(_ line: ArraySlice<UInt8>) throws(FormatError) {
    do throws(FileError) {
      if !endsLine { try output?.write([UInt8(ascii: "\n")]) }
      try output?.write(line)
      endsLine = line.last == UInt8(ascii: "\n")
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Appends lines that are written where they wait for the file.
  private func append(_ write: (inout JSONWriter) -> Void) throws(FormatError) {
    do throws(FileError) {
      if !endsLine { try output?.write([UInt8(ascii: "\n")]) }
      endsLine = true
      try output?.append { bytes in
        var json = JSONWriter(appendingTo: bytes)
        bytes = []
        write(&json)
        bytes = json.bytes
      }
    } catch {
      throw FormatError(writing: error)
    }
  }

  func finishEntries() throws(FormatError) {
    if !hasOpened {
      hasOpened = true
      trailingEntryCount = 1
      try append { writeOpening(to: &$0) }
    }
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
  }

  func readBack() throws(FormatError) -> any SessionReader {
    // The record that opens the session may state another identifier than the file is named by.
    let source = try CanonicalSource(path: temporaryPath, options: .unlimited)
    return try source.reader(for: source.sessions().first?.id ?? id)
  }

  func continuesExisting() throws(FormatError) -> Bool {
    do throws(FileError) {
      return try output?.continuesExpectedFile() ?? false
    } catch {
      throw FormatError(writing: error)
    }
  }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    try carry("chunk", chunk)
  }

  private func carry(_ name: StaticString, _ value: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    try append { json in
      json.beginObject()
      json.field("record", "carry")
      json.key(name)
      json.raw(value[...])
      json.endObject()
      json.newline()
    }
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header { try carry("header", header.json) }
    guard let output = output.take() else { return }
    try target.take(output, id: id, replacing: existing)
  }

  func discard() { output = nil }
}

extension SessionHead {
  /// Whether two heads say the same, identifier and message count aside.
  func isSame(as other: SessionHead) -> Bool {
    var copy = other
    copy.id = id
    copy.messageCount = messageCount
    return copy == self
  }
}
