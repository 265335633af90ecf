internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the records of one session mean.
///
/// All records are scanned first, in order; then they are decoded, in the same order. A decoder MUST NOT
/// trap when these are others than were scanned, as when a file changes in between.
protocol RecordDecoder: Sendable {
  /// Whether the first record of a file is one that sessions of the format begin with.
  static func recognizes(_ first: JSONValue) -> Bool

  /// The session's identifier where its first record states it.
  static func id(in first: JSONValue) -> String?

  /// Starts with nothing known but the file.
  init(_ file: LocatedSession)

  /// Takes note of a record of any kind.
  ///
  /// Unless a decoder says otherwise, objects are scanned; what is no object or not UTF-8 is a finding.
  mutating func note(_ record: NativeRecord)

  /// Takes note of an object: facts of the head, its place in the conversation, what is wrong with it.
  mutating func scan(_ object: JSONValue, _ record: NativeRecord)

  /// Settles the head and the view that the tool has of the session.
  mutating func finishScan()

  /// The head; complete after ``finishScan()``.
  var head: SessionHead { get }

  /// What a list shows when there is no title.
  var firstPrompt: String? { get }

  /// What is wrong with the session by the format's own rules; complete after ``finishScan()``.
  var log: FindingLog { get set }

  /// What a record says, without origins and places; nothing for a record of an unknown kind.
  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry]
}

extension RecordDecoder {
  mutating func note(_ record: NativeRecord) {
    switch record.content {
    case .blank, .tooLong: break
    case .damaged(let message, let offset):
      log.add("record-decodes", .error, record.place(at: offset), message)
    case .object(let object):
      if let offset = object.document.firstInvalidUTF8 {
        log.add(
          "utf8", .warning, record.place(at: offset),
          "invalid UTF-8; each such byte reads as U+FFFD")
      }
      scan(object, record)
    }
  }
}
