public import JSONText

/// How an original record differs from the native form of what a foreign store gives back for it.
public enum RecordDelta: Sendable, Hashable {
  /// How a format's records are compared.
  public enum Style: Sendable {
    /// Byte by byte: text lines.
    case bytes
    /// Member by member of a JSON object: database rows.
    case members
  }

  /// The native form is the original.
  case same
  /// The original keeps most bytes of a native form with this hash; `bytes` are those it has instead.
  case edited([RecordEdit], base: UInt64, bytes: ArraySlice<UInt8>)
  /// The original has these members instead of the native form's.
  case members([(key: String, value: RawJSON)])
  /// The original, whole.
  case whole(ArraySlice<UInt8>)

  /// Whether both say the same.
  public static func == (a: RecordDelta, b: RecordDelta) -> Bool {
    switch (a, b) {
    case (.same, .same): true
    case (.edited(let a1, let a2, let a3), .edited(let b1, let b2, let b3)):
      a1 == b1 && a2 == b2 && a3 == b3
    case (.members(let a), .members(let b)):
      a.elementsEqual(b) { $0.key == $1.key && $0.value == $1.value }
    case (.whole(let a), .whole(let b)): a == b
    default: false
    }
  }

  /// Feeds what equality compares.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .same: hasher.combine(0)
    case .edited(let edits, let base, let bytes):
      hasher.combine(edits)
      hasher.combine(base)
      hasher.combine(bytes)
    case .members(let members): hasher.combine(members.map(\.key))
    case .whole(let bytes): hasher.combine(bytes)
    }
  }
}

extension RecordDelta {
  /// The smallest description of the original relative to a base.
  public init(original: ArraySlice<UInt8>, base: [UInt8], style: Style) {
    if original.span.isEqual(to: base.span) {
      self = .same
      return
    }
    guard !base.isEmpty else {
      self = .whole(original)
      return
    }
    switch style {
    case .bytes: self = Self.edited(original, from: base)
    case .members: self = Self.members(of: original, base: base)
    }
  }

  private static func edited(_ original: ArraySlice<UInt8>, from base: [UInt8]) -> RecordDelta {
    let comparison = RecordComparison(of: original, from: base)
    guard comparison.kept > 64 else { return .whole(original) }
    return .edited(
      comparison.edits, base: ContentHash(base[...]).value, bytes: comparison.inserted[...])
  }

  private static func members(of original: ArraySlice<UInt8>, base: [UInt8]) -> RecordDelta {
    guard let wanted = JSONDocument(ifValid: Array(original)),
      let have = JSONDocument(ifValid: base),
      wanted.root.kind == .object, have.root.kind == .object
    else { return .whole(original) }
    var known: [String: ArraySlice<UInt8>] = [:]
    for (key, value) in have.root.members { known[key.string] = value.raw }
    var members: [(key: String, value: RawJSON)] = []
    for (key, value) in wanted.root.members {
      let name = key.string
      if known.removeValue(forKey: name).map({ $0.elementsEqual(value.raw) }) != true {
        members.append((name, RawJSON(value.raw)))
      }
    }
    let delta = RecordDelta.members(members)
    guard known.isEmpty, delta.applied(to: base).map({ $0.elementsEqual(original) }) == true else {
      return .whole(original)
    }
    return delta
  }

  /// The original, made from the native form of what the foreign store gives now.
  ///
  /// - Returns: nil when the native form has changed so that the delta does not fit.
  public func applied(to base: [UInt8]) -> [UInt8]? {
    switch self {
    case .same: return base
    case .whole(let bytes): return Array(bytes)
    case .edited(let edits, let hash, let bytes):
      guard ContentHash(base[...]).value == hash else { return nil }
      return Self.applied(edits, bytes, to: base)
    case .members(let members):
      guard let document = JSONDocument(ifValid: base), document.root.kind == .object else {
        return nil
      }
      var changes: [String: RawJSON] = [:]
      for member in members { changes[member.key] = member.value }
      var writer = JSONWriter(reserving: base.count)
      writer.beginObject()
      for (key, value) in document.root.members {
        writer.key(key)
        if let change = changes.removeValue(forKey: key.string) {
          writer.raw(change)
        } else {
          writer.raw(value.raw)
        }
      }
      for member in members where changes[member.key] != nil {
        writer.key(JSONString(member.key))
        writer.raw(member.value)
      }
      writer.endObject()
      // Rows are spelled as lines.
      if base.last == UInt8(ascii: "\n") { writer.newline() }
      return writer.bytes
    }
  }

  /// The native form with other bytes in some places; nil when it has no such places.
  private static func applied(
    _ edits: [RecordEdit], _ bytes: ArraySlice<UInt8>, to base: [UInt8]
  ) -> [UInt8]? {
    var original: [UInt8] = []
    original.reserveCapacity(base.count + bytes.count)
    var rest = base[...]
    var instead = bytes
    for edit in edits {
      guard edit.keep >= 0, edit.drop >= 0, edit.insert >= 0, edit.keep <= rest.count,
        edit.drop <= rest.count - edit.keep, edit.insert <= instead.count
      else { return nil }
      original += rest.prefix(edit.keep)
      original += instead.prefix(edit.insert)
      rest = rest.dropFirst(edit.keep + edit.drop)
      instead = instead.dropFirst(edit.insert)
    }
    guard instead.isEmpty else { return nil }
    return original + rest
  }
}
