/// The members of an object sorted into the fields of a Go struct, in one pass.
///
/// Where a field occurs once this is only a table of tape positions. Where it is repeated, the value
/// is what Go's `encoding/json` would hold after decoding all occurrences one over the other.
public struct GoObject: Sendable {
  private let document: JSONDocument
  /// The tape index of the last occurrence, 0 if there is none (0 is never a member's value).
  private let last: [UInt32]
  /// The values of repeated fields.
  private var resolved: [Int: JSONValue?] = [:]

  /// The members that match no field, in order.
  public let unknown: [(key: JSONString, value: JSONValue)]

  /// Whether some field was matched more than once.
  public var hasRepeats: Bool { !resolved.isEmpty }

  /// Nil unless `value` is an object.
  public init?(_ value: JSONValue, fields: GoFields) {
    guard value.kind == .object else { return nil }
    let document = value.document
    var last = [UInt32](repeating: 0, count: fields.count)
    var unknown: [(key: JSONString, value: JSONValue)] = []
    var occurrences: [Int: [JSONValue]] = [:]
    fields.names.forEachMember(of: value.index, in: document) { name, key in
      let value = JSONValue(document: document, index: key &+ 1)
      guard let field = name >= 0 ? name : fields.index(ofKeyAt: key, in: document) else {
        unknown.append((document.string(at: key), value))
        return
      }
      if last[field] != 0 {
        let earlier = JSONValue(document: document, index: Int(last[field]))
        occurrences[field, default: [earlier]].append(value)
      }
      last[field] = UInt32(truncatingIfNeeded: key &+ 1)
    }
    self.document = document
    self.last = last
    self.unknown = unknown
    for (field, values) in occurrences {
      resolved[field] = .some(GoMerge.merge(values, resetByNull: fields.resetByNull[field]))
    }
  }

  /// The value to decode for a field; nil if there is none or it is `null`, which Go leaves unset.
  ///
  /// Of a repeated field the last value wins, except that objects merge member by member and arrays
  /// element by element, the last length winning. Such a merged value belongs to a document of its
  /// own, so its ``JSONValue/range`` says nothing about the original text; a merged object holds the
  /// members of all occurrences one after the other.
  /// A `null` after a value leaves the value, but empties an array and a field the ``GoFields`` names
  /// as reset by null.
  public subscript(_ index: Int) -> JSONValue? {
    if !resolved.isEmpty, let value = resolved[index] { return value }
    guard let value = last(index), !value.isNull else { return nil }
    return value
  }

  /// Whether a field occurs, be it as `null`.
  @inline(__always)
  public func has(_ index: Int) -> Bool { last.indices.contains(index) && last[index] != 0 }

  /// Whether a field has no value or `null`, or, if such count too, an empty string.
  public func isUnset(_ index: Int, orEmptyString: Bool) -> Bool {
    guard resolved.isEmpty, last.indices.contains(index) else {
      guard let value = self[index] else { return true }
      return orEmptyString && value.string?.isEmpty ?? false
    }
    let place = Int(last[index])
    if place == 0 { return true }
    let node = document.nodes[place]
    switch node.kind {
    case .null: return true
    case .string: return orEmptyString && node.end &- node.start == 2
    case .false, .true, .number, .array, .object: return false
    }
  }

  /// The last occurrence as it stands in the text, `null` included: what a raw JSON field holds.
  public func last(_ index: Int) -> JSONValue? {
    guard has(index) else { return nil }
    return JSONValue(document: document, index: Int(last[index]))
  }
}
