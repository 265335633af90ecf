/// A number of bytes as people spell it: `64M`, `1G`, `65536`.
public struct ByteSize: Sendable, Hashable, CustomStringConvertible {
  /// The number.
  public var bytes: Int

  /// Creates a size.
  public init(_ bytes: Int) { self.bytes = bytes }

  private static let units: [(letter: Character, bytes: Int)] = [
    ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10),
  ]

  /// Reads a whole number, alone or with one of the letters K, M and G, each 1024 times the one before.
  public init?(_ text: some StringProtocol) {
    var digits = text[...]
    var unit = 1
    if let last = digits.last,
      let found = Self.units.first(where: {
        $0.letter == last || $0.letter.lowercased() == "\(last)"
      })
    {
      digits.removeLast()
      unit = found.bytes
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let number = Int(digits),
      case let (bytes, overflow) = number.multipliedReportingOverflow(by: unit),
      !overflow
    else { return nil }
    self.bytes = bytes
  }

  /// The size in the largest unit that gives a whole number.
  public var description: String {
    for unit in Self.units where bytes > 0 && bytes.isMultiple(of: unit.bytes) {
      return "\(bytes / unit.bytes)\(unit.letter)"
    }
    return String(bytes)
  }

  /// The next size that is a whole number of M, of less than one M a whole number of K.
  public var roundedUp: ByteSize {
    let unit = bytes >= 1 << 20 ? 1 << 20 : 1 << 10
    let (sum, overflow) = bytes.addingReportingOverflow(unit - 1)
    return overflow ? self : ByteSize(sum / unit * unit)
  }
}
