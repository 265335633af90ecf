/// The check that stands between a name from a file and a path on disk.
public enum SafeName {
  /// Whether `name` can be one path component anywhere: `[A-Za-z0-9._-]{1,128}`, no leading `-` or
  /// `.`, no `..`.
  public static func isSafeFileName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard (1...128).contains(bytes.count), let first = bytes.first,
      first != UInt8(ascii: "-"), first != UInt8(ascii: ".")
    else { return false }
    var previous: UInt8 = 0
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        break
      case UInt8(ascii: "."):
        if previous == byte { return false }
      default:
        return false
      }
      previous = byte
    }
    return true
  }
}
