internal import JSONText
internal import SessionModel

/// Unknown members of this format's objects, kept and written back where they cannot do harm.
enum GGCodeExtras {
  /// Marks a member of the record itself where the record also has a payload with members.
  static let recordPrefix = "record."

  /// Every name that some release decodes, in the form in which keys are compared.
  private static let known: Set<String> = Set(
    (GGCodeRecord.fields.names + GGCodeMessage.blockFields.names).map(\.description)
      + [
        "id", "role", "content", "mime", "base64", "input_tokens", "output_tokens",
        "cache_read_tokens", "cache_write_tokens", "prompt_tokens_total", "turn_index", "source",
        "usage", "ttft", "think_time", "duration", "tool_success", "tool_error", "tool_duration",
        "event_id", "stream_id", "data", "provider",
      ])

  /// Whether a release might take a member of this name for one of its own.
  static func isKnown(_ key: String) -> Bool { known.contains(folded(key)) }

  /// A key as Go's decoder compares it.
  static func folded(_ key: String) -> String {
    var folded = String.UnicodeScalarView()
    for scalar in key.unicodeScalars {
      switch scalar {
      case "\u{17F}": folded.append("s")
      case "\u{212A}": folded.append("k")
      case "A"..."Z": folded.append(Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value) | 0x20))
      default: folded.append(scalar)
      }
    }
    return String(folded)
  }
}

extension JSONWriter {
  /// Writes unknown members; those of the record only where `ofRecord` is true, and only those then.
  mutating func ggcodeExtras(_ extras: [Extra], ofRecord: Bool = false) {
    for extra in extras where extra.format == GGCode.id {
      var name = extra.key
      guard name.hasPrefix(GGCodeExtras.recordPrefix) == ofRecord else { continue }
      if ofRecord { name.removeFirst(GGCodeExtras.recordPrefix.count) }
      guard !GGCodeExtras.isKnown(name) else { continue }
      key(JSONString(name))
      compact(extra.value.bytes)
    }
  }
}
