internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says entries of other formats in lines of this one.
protocol LineEncoder {
  /// Starts an empty session.
  init(_ head: SessionHead, id: String)

  /// How the format's lines name each other; nil where they do not.
  static var links: Relinker? { get }

  /// The identifier of the last line that the tool goes on from; nil where lines have none.
  var leaf: String? { get }

  /// The files that describe the session, when all is written; nil for those that its head keeps.
  var descriptions: [Description]? { get }

  /// Takes note of a line of the format itself, which is written as it is.
  mutating func follow(_ object: JSONValue)

  /// Takes note of such a line and what it says; for formats in which another file tells what of the
  /// lines is in use.
  mutating func pass(_ object: JSONValue, saying entry: Entry)

  /// Writes the lines that say an entry; nothing for what the format has no place for.
  ///
  /// - Returns: How many entries reading them gives.
  /// - Throws: `.notExpressible` where leaving the entry out would break the session.
  mutating func write(_ entry: Entry, to json: inout JSONWriter) throws(FormatError) -> Int

  /// Writes what stands at the end of a session that is not just what it was.
  ///
  /// - Returns: How many entries reading it gives.
  mutating func finish(to json: inout JSONWriter) throws(FormatError) -> Int

  /// A line of the carry, with a part or the header as the value of a name, see ``LineCarry``.
  func carryLine(_ name: StaticString, _ value: [UInt8]) -> [UInt8]
}

extension LineEncoder {
  static var links: Relinker? { nil }
  var leaf: String? { nil }
  var descriptions: [Description]? { nil }

  mutating func pass(_ object: JSONValue, saying entry: Entry) { follow(object) }

  func carryLine(_ name: StaticString, _ value: [UInt8]) -> [UInt8] {
    var json = JSONWriter(reserving: value.count + 64)
    json.beginObject()
    json.field("type", "carryover")
    json.field(name, RawJSON(value[...]))
    json.endObject()
    json.newline()
    return json.bytes
  }
}
