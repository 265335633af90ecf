internal import JSONText

/// Links records past those that are left out: what followed one of these follows what it followed.
struct Relinker: Sendable {
  private let id: StaticString
  private let links: [StaticString]
  /// What stands in the place of records that were left out, as JSON, by their identifiers.
  private var places: [String: RawJSON] = [:]

  /// - Parameters:
  ///   - id: The member that identifies a record.
  ///   - links: The members that name another record, the parent first.
  init(id: StaticString, links: [StaticString]) {
    self.id = id
    self.links = links
  }

  /// Notes a record that is left out.
  ///
  /// - Parameter replacement: The record that was written in its place; nil for its parent.
  mutating func leaveOut(_ record: JSONValue, replacedBy replacement: String? = nil) {
    guard let id = record.text(id) else { return }
    if let replacement {
      places[id] = RawJSON(string: JSONString(replacement))
    } else {
      let parent = links.first.flatMap { record[$0] }
      places[id] =
        parent?.string.flatMap { places[$0.string] } ?? parent.map { RawJSON($0.raw) } ?? .null
    }
  }

  /// The record with links that lead somewhere; nil when none of them was left out.
  func relinked(_ record: JSONValue) -> [UInt8]? {
    guard !places.isEmpty else { return nil }
    let changes = links.compactMap { name -> (range: Range<Int>, place: RawJSON)? in
      guard let value = record[name], let place = value.string.flatMap({ places[$0.string] }) else {
        return nil
      }
      return (value.range, place)
    }
    guard !changes.isEmpty else { return nil }
    var bytes = record.document.bytes
    for (range, place) in changes.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      bytes.replaceSubrange(range, with: place.bytes)
    }
    return bytes
  }
}
