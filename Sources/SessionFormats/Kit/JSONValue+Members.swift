internal import JSONText
internal import SessionModel

extension JSONValue {
  /// The decoded text of a member that is a string.
  func text(_ name: StaticString) -> String? { self[name]?.string?.string }

  /// The time that a member states, as RFC 3339 or as milliseconds since 1970.
  func time(_ name: StaticString) -> Timestamp? {
    guard let value = self[name] else { return nil }
    if let text = value.string { return Timestamp(rfc3339: text.string) }
    return value.double.flatMap { Timestamp(milliseconds: $0) }
  }

  /// The members that a format's mapping does not name, to be kept as they are.
  func extras(of format: String, except names: [StaticString]) -> [Extra] {
    members(except: names).map { key, value in
      Extra(format: format, key: key.string, value: RawJSON(value.raw))
    }
  }
}

extension Timestamp {
  /// The time so many milliseconds after the beginning of 1970; nil when no date says it.
  init?(milliseconds: Double) {
    guard milliseconds.magnitude < 1e15 else { return nil }
    let whole = Int64(milliseconds)
    let seconds = whole >= 0 ? whole / 1_000 : -((999 - whole) / 1_000)
    guard Self.statableSeconds.contains(seconds) else { return nil }
    self.init(seconds: seconds, nanoseconds: Int32(whole - seconds * 1_000) * 1_000_000)
  }

  /// Milliseconds since 1970; of times that cannot be stated, those of the first or the last that can.
  var milliseconds: Int64 { heldSeconds * 1_000 + Int64(nanoseconds / 1_000_000) }

  /// The seconds, held at the first or the last that can be stated.
  var heldSeconds: Int64 {
    min(max(seconds, Self.statableSeconds.lowerBound), Self.statableSeconds.upperBound)
  }

  /// The spelling of JavaScript's `toISOString`: UTC, with three digits of a second.
  ///
  /// Years outside 0001 to 9999, which it spells otherwise, are held at these.
  var javaScript: String {
    var bytes: [UInt8] = []
    Timestamp(seconds: heldSeconds).appendDateAndTime(separator: UInt8(ascii: "T"), to: &bytes)
    let digits = String(1_000 + min(max(0, nanoseconds / 1_000_000), 999)).dropFirst()
    return String(decoding: bytes, as: UTF8.self) + "." + digits + "Z"
  }
}

extension RawJSON {
  /// A string.
  init(string text: JSONString) {
    var json = JSONWriter(reserving: text.utf8Count + 2)
    json.string(text)
    self.init(json.bytes[...])
  }
}

extension [Extra] {
  /// A format's value of a field that is a string.
  func text(_ key: String, of format: String) -> String? {
    value(key, of: format).flatMap { JSONDocument(ifValid: [UInt8]($0.bytes)) }?.root.string?.string
  }
}

extension JSONWriter {
  /// Writes the members of one format that a value was read with, but for some.
  mutating func extras(_ extras: [Extra], of format: String, except names: Set<String> = []) {
    for extra in extras where extra.format == format && !names.contains(extra.key) {
      key(JSONString(extra.key))
      raw(extra.value)
    }
  }

  /// Writes an object of texts, in their order, and of what else is written.
  mutating func object(
    _ texts: KeyValuePairs<StaticString, JSONString>,
    _ members: (inout JSONWriter) -> Void = { _ in }
  ) {
    beginObject()
    for (name, text) in texts { field(name, text) }
    members(&self)
    endObject()
  }

  /// Writes a member that is an array.
  mutating func array<Element>(
    _ name: StaticString, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
  ) {
    key(name)
    beginArray()
    for element in elements { write(&self, element) }
    endArray()
  }
}
