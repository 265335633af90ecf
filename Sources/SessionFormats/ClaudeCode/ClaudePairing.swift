internal import JSONText

/// Keeps calls and results together as the API demands: unique identifiers, one result for each call,
/// in the turn after it.
struct ClaudePairing {
  private var open: [(source: JSONString, id: String)] = []
  private var used: Set<String> = []
  /// Whether results of calls that were written elsewhere are taken as they are.
  var trustsUnknown = false
  /// Whether one of the open calls' siblings was answered already.
  private(set) var hasResults = false

  /// Whether calls wait for results.
  var isOpen: Bool { !open.isEmpty }

  /// A call is made; gives the identifier to write.
  mutating func call(_ source: JSONString, fallback: () -> String) -> String {
    if open.isEmpty { hasResults = false }
    trustsUnknown = false
    var id = Self.sanitized(source.string)
    if id.isEmpty || used.contains(id) { id = fallback() }
    used.insert(id)
    open.append((source, id))
    return id
  }

  /// A result arrives; gives the identifier to write, or nil when it answers no open call.
  mutating func result(_ source: JSONString) -> String? {
    if let position = open.firstIndex(where: { $0.source == source }) {
      hasResults = true
      return open.remove(at: position).id
    }
    let id = Self.sanitized(source.string)
    return trustsUnknown && !id.isEmpty && used.insert(id).inserted ? id : nil
  }

  /// The calls that were never answered, which then count as answered.
  mutating func takeOpen() -> [String] {
    defer { open.removeAll() }
    return open.map(\.id)
  }

  /// Letters, digits, `_` and `-` only, at most 64 of them.
  static func sanitized(_ text: String) -> String {
    let kept = text.utf8.map { byte in
      switch byte {
      case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "-"): byte
      default: UInt8(ascii: "_")
      }
    }
    if kept.count <= 64, kept.elementsEqual(text.utf8) { return text }
    let tail = String(hash64(text.utf8), radix: 36)
    return String(decoding: kept.prefix(48), as: UTF8.self) + "_" + tail
  }
}
