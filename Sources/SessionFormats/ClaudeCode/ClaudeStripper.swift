internal import JSONText

/// Leaves records out of a chain: what followed them follows what they followed.
struct ClaudeStripper {
  /// The parents of the records that were left out, as JSON.
  private var parents: [ClaudeID: RawJSON] = [:]

  /// Notes a record that is left out.
  mutating func strip(_ root: JSONValue) {
    guard let id = ClaudeID(root["uuid"]) else { return }
    var parent = root["parentUuid"].map { RawJSON($0.raw) } ?? .null
    if let named = ClaudeID(root["parentUuid"]), let earlier = parents[named] { parent = earlier }
    parents[id] = parent
  }

  /// The line with a parent that is there; nil when its parent was not left out.
  func relinked(_ root: JSONValue, _ line: ArraySlice<UInt8>) -> [UInt8]? {
    guard !parents.isEmpty, let value = root["parentUuid"], let id = ClaudeID(value),
      let parent = parents[id]
    else { return nil }
    let shift = line.count - root.document.bytes.count
    guard shift == 0 else { return nil }
    let start = line.startIndex + value.range.lowerBound
    let end = line.startIndex + value.range.upperBound
    return Array(line[..<start]) + parent.bytes + line[end...]
  }
}
