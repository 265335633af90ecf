internal import JSONText
internal import SessionCoding

/// The last line: how many messages, where the notes of a conversion begin, and the hash of all
/// bytes before it.
struct ChatEnd {
  var messages: Int64
  /// The offset of the first line that a conversion noted; nil without any.
  var carry: UInt64?
  /// The SHA-256 in hexadecimal digits.
  var hash: String

  /// The line as it is written.
  var line: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.field("messages", messages)
    if let carry { json.field("carry", Int64(clamping: carry)) }
    json.field("sha256", hash)
    json.endObject()
    var out: [UInt8] = []
    ChatMarker.append(.end, json.bytes[...], to: &out)
    return out
  }

  init(messages: Int, carry: UInt64?, hash: String) {
    self.messages = Int64(messages)
    self.carry = carry
    self.hash = hash
  }

  /// Reads the line; nil when it does not say all that it should.
  init?(_ line: ArraySlice<UInt8>) {
    guard let marker = ChatMarker(line, maximumDepth: 8), marker.kind == .end,
      let messages = marker.value?["messages"]?.int64,
      let hash = marker.value?["sha256"]?.string?.string
    else { return nil }
    self.messages = messages
    self.hash = hash
    carry = marker.value?["carry"]?.int64.flatMap { UInt64(exactly: $0) }
  }
}
