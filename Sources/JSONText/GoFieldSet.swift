/// Some fields of a Go struct, by their numbers; those from 63 on are told apart no further.
public struct GoFieldSet: Sendable {
  private var bits: UInt64 = 0

  /// No field.
  public init() {}

  /// The fields with some numbers.
  public init(_ fields: [Int]) {
    for field in fields { insert(field) }
  }

  /// Adds a field.
  public mutating func insert(_ field: Int) { bits |= Self.bit(field) }

  /// Adds all fields of another set.
  public mutating func formUnion(_ other: GoFieldSet) { bits |= other.bits }

  /// Whether a field is among these.
  public func contains(_ field: Int) -> Bool { bits & Self.bit(field) != 0 }

  /// Whether none of these are among others.
  public func isDisjoint(with other: GoFieldSet) -> Bool { bits & other.bits == 0 }

  /// Whether all of these are among others.
  public func isSubset(of other: GoFieldSet) -> Bool { bits & ~other.bits == 0 }

  private static func bit(_ field: Int) -> UInt64 {
    1 &<< UInt64(truncatingIfNeeded: Swift.min(field, 63))
  }
}
