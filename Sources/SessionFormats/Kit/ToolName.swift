internal import JSONText
internal import SessionCoding

/// Names of tools as the APIs of the providers demand them.
enum ToolName {
  /// The name itself when it fits `^[A-Za-z0-9_-]{1,64}$`, else one made from it that does.
  static func portable(_ name: JSONString) -> String {
    let text = name.string
    let kept = text.utf8.map { byte -> UInt8 in
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "-"): byte
      default: UInt8(ascii: "_")
      }
    }
    if kept.elementsEqual(text.utf8), (1...64).contains(kept.count) { return text }
    // Two names that differ must not become one.
    let hash = ContentHash(Array(text.utf8)[...]).hex.prefix(8)
    return String(decoding: kept.prefix(55), as: UTF8.self) + "_" + hash
  }
}
