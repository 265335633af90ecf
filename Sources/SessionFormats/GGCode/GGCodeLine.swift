internal import JSONText
internal import SessionModel

/// A line of a session file, told apart and decoded.
struct GGCodeLine {
  enum Content {
    /// White space only; skipped by every reader.
    case blank
    /// A record with content.
    case content(Entry.Content)
    /// A record that the tool ignores: an unknown type or a known one without its payload.
    case ignored(type: String)
    /// A line that the tool drops, with the reason and the offset in the line.
    case damaged(message: String, offset: Int)
  }

  private(set) var content: Content
  /// The record, when the line decodes to one.
  private(set) var record: GGCodeRecord?
  /// The offset of the first byte that is not UTF-8.
  private(set) var invalidUTF8: Int?

  /// - Parameter id: The identifier of the session.
  init(_ native: NativeRecord, id: String) {
    switch native.content {
    case .blank, .tooLong: content = .blank
    case .damaged(let message, let offset): content = .damaged(message: message, offset: offset)
    case .object(let root):
      // White space that is none of JSON's may stand before the text.
      let shift = root.range.lowerBound - root.offset - native.bytes.startIndex
      do throws(GGCodeDamage) {
        let record = root.isNull ? nil : try GGCodeRecord(root)
        content =
          try record.map { r throws(GGCodeDamage) in
            try Self.content(of: r, id: id)
          } ?? .ignored(type: "")
        self.record = record
        invalidUTF8 = root.document.firstInvalidUTF8.map { $0 + shift }
      } catch {
        content = .damaged(
          message: error.message, offset: min(error.offset + shift, native.bytes.count))
      }
    }
  }

  private static func content(
    of record: GGCodeRecord, id: String
  ) throws(GGCodeDamage) -> Content {
    let kind = try record.kind()
    try record.checkUnused(by: kind)
    guard let kind else { return .ignored(type: try record.string(.type)?.string ?? "") }
    let content = try GGCodeEntry.content(of: record, kind: kind, id: id)
    return content.map { .content($0) } ?? .ignored(type: kind.rawValue)
  }
}
