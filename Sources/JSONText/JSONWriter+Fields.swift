extension JSONWriter {
  /// A key and its string value.
  public mutating func field(_ name: StaticString, _ value: String) {
    key(name)
    string(value)
  }

  /// A key and its string value.
  public mutating func field(_ name: StaticString, _ value: JSONString) {
    key(name)
    string(value)
  }

  /// A key and its whole number.
  public mutating func field(_ name: StaticString, _ value: Int64) {
    key(name)
    int(value)
  }

  /// A key and its whole number.
  public mutating func field(_ name: StaticString, _ value: Int) {
    key(name)
    int(value)
  }

  /// A key and its number.
  public mutating func field(_ name: StaticString, _ value: Double) {
    key(name)
    double(value)
  }

  /// A key and its truth value.
  public mutating func field(_ name: StaticString, _ value: Bool) {
    key(name)
    bool(value)
  }

  /// Verbatim; see ``raw(_:)-(RawJSON)``.
  public mutating func field(_ name: StaticString, _ value: RawJSON) {
    key(name)
    raw(value)
  }
}
