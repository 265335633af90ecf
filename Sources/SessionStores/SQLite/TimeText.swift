internal import FileIO
internal import SessionFormats
public import SessionModel

/// How points in time are written: as the tool writes them in this process's zone.
///
/// The tool compares these texts byte by byte, so one database should know one zone only.
enum TimeText {
  /// `2026-03-02 00:10:10.638893007 +1100 AEDT`; in UTC where the zone's name is one that the tool
  /// writes but cannot read.
  static func spelling(of time: Timestamp) -> [UInt8] {
    let zone = SystemClock.localZone(at: time.seconds)
    guard isReadable(zone.name) else { return TermLLMTime.spelling(of: time) }
    var local = time
    local.offset = zone.offset
    var text: [UInt8] = []
    text.reserveCapacity(48)
    local.appendDateAndTime(separator: UInt8(ascii: " "), to: &text)
    text.append(UInt8(ascii: " "))
    local.appendOffset(colon: false, to: &text)
    text.append(UInt8(ascii: " "))
    text.append(contentsOf: zone.name.utf8)
    return text
  }

  /// Go reads names of three to five capital letters, and `±hh`.
  static func isReadable(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    if let first = bytes.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
      return bytes.count == 3
    }
    return bytes.count >= 3 && bytes.count <= 4
      && bytes.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
  }
}

extension SQLiteValue {
  /// A point in time as it is stored.
  static func time(_ time: Timestamp) -> SQLiteValue { .text(TimeText.spelling(of: time)) }

  /// The same, NULL for Go's zero time.
  static func optionalTime(_ time: Timestamp) -> SQLiteValue {
    time.isGoZero ? .null : .time(time)
  }

  /// A text, NULL when it is empty.
  static func unlessEmpty(_ text: String) -> SQLiteValue {
    text.isEmpty ? .null : SQLiteValue(text)
  }

  static func bool(_ value: Bool) -> SQLiteValue { .integer(value ? 1 : 0) }
}

extension Timestamp {
  /// The present instant in the local zone.
  public static var nowInLocalZone: Timestamp {
    let now = SystemClock.now
    return Timestamp(
      seconds: now.seconds, nanoseconds: now.nanoseconds,
      offset: SystemClock.localOffset(at: now.seconds))
  }
}
