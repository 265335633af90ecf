internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The members of one marker, and the texts that are too long for it.
///
/// What is longer than 2 KiB stands in a `chat:raw {"part":NAME}` block behind the element.
struct ChatFields {
  /// The longest text kept inside a marker, in bytes.
  static let longest = 2_048

  var json = JSONWriter(reserving: 256)
  /// Texts that stand behind the element, by name.
  private(set) var parts: [(name: String, bytes: [UInt8])] = []

  init() { json.beginObject() }

  /// The finished object.
  mutating func finish() -> [UInt8] {
    json.endObject()
    return json.bytes
  }

  /// A text that stands behind the element.
  mutating func addPart(_ name: String, _ bytes: [UInt8]) { parts.append((name, bytes)) }

  mutating func text(_ name: StaticString, _ value: String?) {
    guard let value else { return }
    json.field(name, value)
  }

  /// A text of any length and content.
  mutating func text(_ name: StaticString, _ value: JSONString?) {
    guard let value else { return }
    var bytes: [UInt8] = []
    value.appendUnrepaired(to: &bytes)
    guard bytes.count <= Self.longest, let string = String(validating: bytes, as: UTF8.self) else {
      parts.append((name.description, bytes))
      return
    }
    json.field(name, string)
  }

  mutating func number(_ name: StaticString, _ value: Int64?) {
    guard let value else { return }
    json.field(name, value)
  }

  mutating func flag(_ name: StaticString, _ value: Bool?) {
    guard let value else { return }
    json.field(name, value)
  }

  mutating func names(_ name: StaticString, _ values: [StaticString]) {
    guard !values.isEmpty else { return }
    json.key(name)
    json.beginArray()
    for value in values { json.literal(value) }
    json.endArray()
  }

  mutating func null(_ name: StaticString) {
    json.key(name)
    json.null()
  }

  /// A time in its own spelling.
  mutating func time(_ name: StaticString, _ value: Timestamp?) {
    guard let value else { return }
    json.key(name)
    json.chatTime(value)
  }

  /// Token counts.
  mutating func tokens(_ name: StaticString, _ value: TokenUsage?) {
    guard let value else { return }
    json.key(name)
    json.beginObject()
    for (name, count) in value.chatCounts {
      if let count { json.field(name, count) }
    }
    json.endObject()
  }

  /// A value that is JSON already: inside when short and safe, else behind the element.
  mutating func raw(_ name: StaticString, _ value: RawJSON?) {
    guard let value else { return }
    guard value.isInline, value.bytes.count <= Self.longest else {
      parts.append((name.description, Array(value.bytes)))
      return
    }
    json.field(name, value)
  }

  /// Fields of single formats: `x`, or a part of that name.
  mutating func extras(_ extras: [Extra]) {
    guard !extras.isEmpty else { return }
    let bytes = ChatExtras.json(extras)
    if bytes.count <= Self.longest, ChatMarker.survives(bytes[...]) {
      json.key("x")
      json.raw(bytes[...])
    } else {
      parts.append(("x", bytes))
    }
  }
}

extension TokenUsage {
  /// The counts with the names they have in files.
  var chatCounts: [(StaticString, Int64?)] {
    [
      ("input", input), ("output", output), ("cache_read", cacheRead),
      ("cache_write", cacheWrite), ("prompt_total", promptTotal),
    ]
  }
}

extension RawJSON {
  /// Whether the value is one that a marker can hold verbatim.
  var isInline: Bool {
    // White space around a value would be lost.
    ChatMarker.survives(bytes)
      && (JSONDocument(ifValid: Array(bytes), limits: .go))?.root.range.count == bytes.count
      && String(validating: bytes, as: UTF8.self) != nil
  }
}

extension JSONWriter {
  /// A time: its text when that is RFC 3339, else an object that tells instant, zone and text.
  mutating func chatTime(_ time: Timestamp) {
    let spelling = time.text ?? time.rfc3339
    if !time.isSynthesised, let read = Timestamp(rfc3339: spelling), read == time,
      read.text == time.text
    {
      string(spelling)
      return
    }
    beginObject()
    if Timestamp(rfc3339: time.rfc3339) == time {
      field("at", time.rfc3339)
    } else {
      field("seconds", time.seconds)
      field("nanoseconds", Int64(time.nanoseconds))
      field("offset", Int64(time.offset))
    }
    if let text = time.text { field("text", text) }
    if time.isSynthesised { field("synthesised", true) }
    endObject()
  }
}
