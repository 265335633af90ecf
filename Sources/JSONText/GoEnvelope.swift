/// The members of an object before one of its fields, where many objects begin with the same bytes.
///
///     let envelope = GoEnvelope(of: object, before: payload)
///     let document = try envelope.document(line, in: line.indices, limits: .go)
///     let next = document.flatMap { envelope.object(of: $0, fields: fields) }
public final class GoEnvelope: Sendable {
  /// A beginning that is longer than this many bytes is hardly met again.
  private static let maximumCount = 1_024

  private let prefix: JSONPrefix
  private let places: FieldPlaces

  /// The fields up to the one before whose value the beginning ends, that one included.
  public let fields: GoFieldSet

  /// Nil if the field has no value, or if what is before it is long, or repeats or holds members that
  /// match no field, or bytes that are not UTF-8.
  public init?(of object: GoObject, before field: Int) {
    let document = object.document
    guard document.firstInvalidUTF8 == nil, let value = object.onlyPlace(field), value > 1,
      Int(document.nodes[value].start) - document.start <= Self.maximumCount
    else { return nil }
    prefix = JSONPrefix(upTo: value - 1, in: document)
    var fields = GoFieldSet()
    var places = object.places
    places.withPlaces { places in
      for field in places.indices {
        if places[field] > 0, places[field] <= value {
          fields.insert(field)
        } else {
          places[field] = 0
        }
      }
    }
    self.places = places
    self.fields = fields
  }

  /// Scans a text, a part of some bytes, that begins alike; nil if this one does not.
  public func document(
    _ bytes: [UInt8], in range: Range<Int>, limits: JSONLimits
  ) throws(JSONError) -> JSONDocument? {
    let beginning = prefix.text
    guard bytes.span.extracting(range).starts(with: beginning.span) else { return nil }
    return try JSONDocument(bytes, in: range, limits: limits, resuming: prefix)
  }

  /// The object that a text which begins alike holds.
  ///
  /// - Parameter document: A document of this envelope.
  public func object(of document: JSONDocument, fields: GoFields) -> GoObject {
    GoObject(document, after: places, self.fields, key: prefix.nodes.count - 1, fields)
  }
}
