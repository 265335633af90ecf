internal import SessionCoding

/// Names of files and sessions for identifiers that cannot be one.
enum DerivedName {
  /// What of an identifier may stand in a name, and a hash of all of it: `[A-Za-z0-9_-]`, no leading `-`.
  static func name(for id: String) -> String {
    let kept = id.utf8.map { byte in
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "-"): byte
      default: UInt8(ascii: "_")
      }
    }
    let name = String(decoding: kept.prefix(80), as: UTF8.self).drop { $0 == "-" }
    return name + "_" + ContentHash(Array(id.utf8)[...]).hex
  }
}
