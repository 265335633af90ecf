internal import JSONText

extension RawJSON {
  /// Whether two texts stand for one value, however they are spelled; what does not parse is its bytes.
  func hasValue(of other: RawJSON) -> Bool {
    if self == other { return true }
    guard let mine = JSONDocument(ifValid: Array(bytes)),
      let theirs = JSONDocument(ifValid: Array(other.bytes))
    else { return false }
    return mine.root.isSame(as: theirs.root)
  }

  /// Whether nothing is said: nothing at all, or an object without members.
  var saysNothing: Bool { self == .null || self == RawJSON("{}") }
}

extension JSONValue {
  /// Whether both are one value; the order of members is no part of it.
  fileprivate func isSame(as other: JSONValue) -> Bool {
    guard kind == other.kind else { return false }
    switch kind {
    case .object:
      var rest: [String: JSONValue] = [:]
      for (key, value) in other.members { rest[key.string] = value }
      for (key, value) in members {
        guard let found = rest.removeValue(forKey: key.string), value.isSame(as: found) else {
          return false
        }
      }
      return rest.isEmpty
    case .array:
      let (mine, theirs) = (Array(elements), Array(other.elements))
      return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.isSame(as: $1) }
    case .string: return string == other.string
    case .number: return raw == other.raw || double != nil && double == other.double
    case .null, .true, .false: return true
    }
  }
}
