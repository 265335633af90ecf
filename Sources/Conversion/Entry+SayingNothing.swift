internal import SessionModel

extension Entry {
  /// A record that a conversion added by the rules of the tool that it wrote for, such as a title that is
  /// repeated at the end, on the way back.
  ///
  /// There it says nothing. It is kept for that tool, should what was added there be stored.
  init?(sayingNothing entry: Entry) {
    guard let origin = entry.origin, !origin.bytes.isEmpty else { return nil }
    self.init(
      .opaque(OpaqueRecord(format: origin.format, bytes: [])), isEffective: false, origin: origin,
      place: entry.place)
  }

  /// Whether the entry is made by ``init(sayingNothing:)``.
  var saysNothing: Bool {
    if case .opaque(let record) = content { record.bytes.isEmpty } else { false }
  }
}
