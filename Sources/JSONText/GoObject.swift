/// The members of an object sorted into the fields of a Go struct, in one pass.
///
/// Where a field occurs once this is only a table of tape positions. Where it is repeated, the value
/// is what Go's `encoding/json` would hold after decoding all occurrences one over the other.
public struct GoObject: Sendable {
  /// What most objects have none of.
  private final class Rest: Sendable {
    let unknown: [(key: JSONString, value: JSONValue)]
    /// The values of repeated fields.
    let resolved: [Int: JSONValue?]

    init(_ unknown: [(key: JSONString, value: JSONValue)], _ resolved: [Int: JSONValue?]) {
      self.unknown = unknown
      self.resolved = resolved
    }
  }

  let document: JSONDocument
  /// The last occurrence of each field.
  let places: FieldPlaces
  private let rest: Rest?

  /// The members that match no field, in order.
  public var unknown: [(key: JSONString, value: JSONValue)] { rest?.unknown ?? [] }

  /// Whether some field was matched more than once.
  public var hasRepeats: Bool { rest.map { !$0.resolved.isEmpty } ?? false }

  /// Nil unless `value` is an object.
  public init?(_ value: borrowing JSONValue, fields: borrowing GoFields) {
    guard value.kind == .object else { return nil }
    let (document, index) = (value.document, value.index)
    var places = FieldPlaces()
    var others: [(field: Int?, key: Int)] = []
    document.withTape { text, nodes in
      places.withPlaces { found in
        fields.names.forEachMember(of: index, from: index + 1, text, nodes) { name, key in
          guard let field = name >= 0 ? name : fields.index(ofKeyAt: key, in: document) else {
            others.append((nil, key))
            return
          }
          // Of a repeated field all but the last are set apart.
          if found[field] != 0 { others.append((field, Int(found[field]) &- 1)) }
          found[field] = UInt32(truncatingIfNeeded: key &+ 1)
        }
      }
    }
    self.document = document
    self.places = places
    rest = others.isEmpty ? nil : Self.rest(others, document, places, fields)
  }

  private static func rest(
    _ others: [(field: Int?, key: Int)], _ document: JSONDocument, _ places: FieldPlaces,
    _ fields: GoFields
  ) -> Rest {
    func value(_ place: Int) -> JSONValue { JSONValue(document: document, index: place) }
    var unknown: [(key: JSONString, value: JSONValue)] = []
    var occurrences: [Int: [JSONValue]] = [:]
    for (field, key) in others {
      if let field {
        occurrences[field, default: []].append(value(key + 1))
      } else {
        unknown.append((document.string(at: key), value(key + 1)))
      }
    }
    var resolved: [Int: JSONValue?] = [:]
    for (field, earlier) in occurrences {
      let values = earlier + [value(places[field])]
      resolved[field] = .some(GoMerge.merge(values, resetByNull: fields.resetByNull[field]))
    }
    return Rest(unknown, resolved)
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
    if let rest, let value = rest.resolved[index] { return value }
    guard let value = last(index), !value.isNull else { return nil }
    return value
  }

  /// Whether a field occurs, be it as `null`.
  public func has(_ index: Int) -> Bool { places[index] > 0 }

  /// The last occurrence as it stands in the text, `null` included: what a raw JSON field holds.
  public func last(_ index: Int) -> JSONValue? {
    guard has(index) else { return nil }
    return JSONValue(document: document, index: places[index])
  }
}
