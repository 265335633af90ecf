internal import SessionCoding
internal import SessionModel

/// A layout of Markdown that another program writes: which lines begin sessions, and their parser.
protocol TranscriptDialect: Sendable {
  /// The format's identifier.
  var id: String { get }

  /// Whether a file that begins so is of this layout.
  func recognizes(_ beginning: [UInt8], path: String) -> Bool

  /// Whether a file of a folder is looked at; folders are read without their folders.
  func isCandidate(_ name: String) -> Bool

  /// The session that a line begins or goes on with; nil for lines inside a session.
  func session(beginningWith line: ArraySlice<UInt8>) -> String?

  /// Whether a line is what a conversion stored for the way back; told by its beginning.
  func isCarry(_ line: ArraySlice<UInt8>) -> Bool

  /// Whether a line that names an earlier session goes on with it, instead of starting another.
  var resumesSessions: Bool { get }

  /// Whether one empty line before the line that begins a session is part of it.
  var ownsBlankBefore: Bool { get }

  /// A parser for one session.
  ///
  /// - Parameters:
  ///   - key: What ``session(beginningWith:)`` gave; empty when the file has no such line.
  ///   - path: The file.
  ///   - options: How strictly to read.
  func makeParser(key: String, path: String, options: ReadOptions) -> any TranscriptParser
}

extension TranscriptDialect {
  func isCarry(_ line: ArraySlice<UInt8>) -> Bool { false }
  var resumesSessions: Bool { false }
  var ownsBlankBefore: Bool { false }
  func session(beginningWith line: ArraySlice<UInt8>) -> String? { nil }
}

/// Turns the lines of one session into entries.
///
/// Every line given MUST end up in the origin of an entry or be the project's own note.
protocol TranscriptParser: AnyObject {
  /// The head, as far as it is known; complete after ``finish()``.
  var head: SessionHead { get }
  /// The first line that the person said, for lists; layouts have no titles of their own.
  var firstPrompt: String? { get }
  /// What was guessed or is damaged.
  var findings: [Finding] { get }
  /// Takes a line with its line end.
  func take(_ line: TranscriptLine) -> [Entry]
  /// Ends the session.
  func finish() -> [Entry]
}

extension TranscriptParser {
  var firstPrompt: String? { nil }

  /// A text as a list shows it.
  static func prompt(_ text: String) -> String? {
    let line = text.prefix { !$0.isNewline }.prefix(100)
    return line.isEmpty ? nil : String(line)
  }
}

/// A line with its place.
struct TranscriptLine {
  /// The bytes with the line feed, if there is one.
  var bytes: [UInt8]
  var number: Int
  var offset: UInt64

  /// The line without its end.
  var text: ArraySlice<UInt8> {
    var text = bytes[...]
    if text.last == UInt8(ascii: "\n") { text.removeLast() }
    if text.last == 0x0D { text.removeLast() }
    return text
  }

  var isBlank: Bool { text.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}

/// Collects lines of a record until it is complete.
struct TranscriptBuffer {
  private let format: String
  private let path: String
  private(set) var bytes: [UInt8] = []
  private(set) var start: (number: Int, offset: UInt64)?

  init(format: String, path: String) {
    self.format = format
    self.path = path
  }

  var isEmpty: Bool { bytes.isEmpty }

  mutating func append(_ line: TranscriptLine) {
    if start == nil { start = (line.number, line.offset) }
    bytes.append(contentsOf: line.bytes)
  }

  func place(of line: TranscriptLine) -> Place {
    .line(path: path, line: line.number, byte: line.offset)
  }

  var place: Place {
    .line(path: path, line: start?.number ?? 1, byte: start?.offset ?? 0)
  }

  /// Gives the contents entries, each with a share of the record: a line, the last one the rest.
  ///
  /// No share is empty: a record without bytes would look as if nothing had to be kept of it.
  mutating func flush(_ contents: [Entry.Content], isEffective: Bool = true) -> [Entry] {
    defer {
      bytes = []
      start = nil
    }
    var contents = contents
    if contents.isEmpty {
      guard !bytes.isEmpty else { return [] }
      contents = [.opaque(OpaqueRecord(format: format, bytes: bytes[...]))]
    }
    var rest = bytes[...]
    return contents.enumerated().map { index, content in
      let after = contents.count - 1 - index
      var share = rest
      if after > 0 {
        let line = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
        let count = max(0, min(line - rest.startIndex, rest.count - after))
        share = rest.prefix(max(count, min(1, rest.count)))
      }
      rest = rest[share.endIndex...]
      return Entry(
        content, isEffective: isEffective, origin: Origin(format: format, bytes: share),
        place: place)
    }
  }
}
