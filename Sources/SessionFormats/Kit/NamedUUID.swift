internal import SessionCoding

/// UUIDs (version 8: of one's own making) that are the same whenever they are made from the same name.
enum NamedUUID {
  /// The usual spelling of a name's UUID.
  static func text(_ name: String) -> String {
    let high = ContentHash(value: hash64(name.utf8))
    let low = ContentHash(value: hash64(name.utf8, seed: 0x9E37_79B9_7F4A_7C15))
    var digits = Array((high.hex + low.hex).utf8)
    digits[12] = UInt8(ascii: "8")
    digits[16] = UInt8(ascii: "8")
    let text = String(decoding: digits, as: UTF8.self)
    let ends = [8, 12, 16, 20, 32]
    return zip([0] + ends, ends).map { start, end in
      String(text.utf8.prefix(end).dropFirst(start)) ?? ""
    }.joined(separator: "-")
  }

  /// Whether a text is a UUID in the usual spelling, of any version.
  static func isUUID(_ text: String) -> Bool {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.joined().allSatisfy {
        (48...57).contains($0) || (97...102).contains($0) || (65...70).contains($0)
      }
  }
}
