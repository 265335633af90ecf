internal import SessionModel

extension Timestamp {
  /// As the program writes times: in UTC with three digits of a second, more where the time has more.
  ///
  /// Years that do not have four digits, which it cannot read, become 1970.
  var codex: String {
    var text: [UInt8] = []
    let isWritable = Self.statableSeconds.contains(seconds)
    let plain = isWritable ? self : Timestamp(seconds: 0)
    Timestamp(seconds: plain.seconds, nanoseconds: plain.nanoseconds).appendDateAndTime(
      separator: UInt8(ascii: "T"), to: &text)
    // Date and time take 19 bytes, then comes what the time has of a fraction.
    if text.count == 19 { text.append(UInt8(ascii: ".")) }
    while text.count < 23 { text.append(UInt8(ascii: "0")) }
    return String(decoding: text, as: UTF8.self) + "Z"
  }
}
