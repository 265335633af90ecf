public import JSONText

/// A field that one format has and the model does not, kept in order with its exact bytes.
public struct Extra: Sendable, Hashable {
  /// The format that the field belongs to, such as `term-llm`.
  public var format: String
  /// The field's name in that format.
  public var key: String
  /// The value, byte for byte.
  public var value: RawJSON

  /// Creates an extra field.
  public init(format: String, key: String, value: RawJSON) {
    self.format = format
    self.key = key
    self.value = value
  }
}

extension [Extra] {
  /// The value of a format's field, if there is one.
  public func value(_ key: String, of format: String) -> RawJSON? {
    first { $0.key == key && $0.format == format }?.value
  }
}
