internal import JSONText

/// One record of a session as a conversion wrote it, and what it was made of.
public struct CarryItem: Sendable, Hashable {
  /// Hashes of the entries here that stand for the original; empty when the target has no place for it.
  public var foreign: [ContentHash]
  /// The original record; empty for what the target's writer adds by itself, and nil for a record that
  /// is the target's own.
  public var original: ArraySlice<UInt8>?

  /// Creates an item.
  public init(foreign: [ContentHash], original: ArraySlice<UInt8>?) {
    self.foreign = foreign
    self.original = original
  }
}

extension ContentHash {
  /// A hash with a known value.
  public init(value: UInt64) { self.value = value }

  /// Sixteen hexadecimal digits.
  public var hex: String {
    var digits: [UInt8] = []
    append(to: &digits)
    return String(decoding: digits, as: UTF8.self)
  }

  /// Writes the sixteen hexadecimal digits as a string.
  func write(to writer: inout JSONWriter) { writer.ascii { append(to: &$0) } }

  /// Appends the sixteen hexadecimal digits as they are read.
  private func append(to bytes: inout [UInt8]) {
    for place in 0..<16 {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place) & 15)
      bytes.append(digit < 10 ? 48 + digit : 87 + digit)
    }
  }
}
