/// The JSON names of a Go struct's fields, matched as Go's `encoding/json` matches keys.
///
/// An exact match wins, else the first name that is equal under simple case folding: ASCII letters,
/// and U+017F (ſ) for s and U+212A (K) for k.
public struct GoFields: Sendable {
  private struct Name: Sendable {
    var bytes: [UInt8]
    var folded: [UInt8]
    /// The first eight bytes.
    var prefix: UInt64
  }

  private let names: [Name]
  /// Fields that a later `null` empties.
  let resetByNull: [Bool]

  /// The number of names.
  public var count: Int { names.count }

  /// - Parameters:
  ///   - names: In the order in which they are usually written, which makes matching fast.
  ///   - resetByNull: Names of fields of pointer, map or interface type, which a `null` after a
  ///     value empties. All others but arrays keep an earlier value (arrays are always emptied).
  public init(_ names: [String], resetByNull: Set<String> = []) {
    self.names = names.map { name in
      let bytes = Array(name.utf8)
      return Name(
        bytes: bytes, folded: Self.fold(bytes),
        prefix: bytes.span.word(at: 0, fill: 0))
    }
    self.resetByNull = names.map { resetByNull.contains($0) }
  }

  /// The same for names known at compile time.
  public init(_ names: [StaticString], resetByNull: Set<String> = []) {
    self.init(names.map { $0.description }, resetByNull: resetByNull)
  }

  /// The field a key belongs to; `expected` is tried first.
  func index(of key: TapeNode, in document: JSONDocument, at node: Int, expected: Int) -> Int? {
    if key.flags.isDisjoint(with: .needsDecoding) {
      let bytes = document.bytes
      let text = bytes.span
      let start = Int(key.start) &+ 1
      let length = Int(key.end &- key.start) &- 2
      if let index = exact(text, start, length, expected) { return index }
      if key.flags.isEmpty { return caseInsensitive(text, start, length) }
    }
    var decoded: [UInt8] = []
    document.string(at: node).appendUTF8(to: &decoded)
    if let index = exact(decoded.span, 0, decoded.count, expected) { return index }
    let folded = Self.fold(decoded)
    return names.firstIndex { $0.folded == folded }
  }

  @inline(__always)
  private func exact(_ text: Span<UInt8>, _ start: Int, _ length: Int, _ expected: Int) -> Int? {
    let prefix = text.word(at: start, fill: 0) & Word.mask(length)
    let names = names.span
    var index = expected
    var left = names.count
    while left > 0 {
      if index >= names.count { index = 0 }
      if names[index].prefix == prefix, names[index].bytes.count == length,
        length <= 8
          || text.equals(
            from: start &+ 8, names[index].bytes.span, from: 8, count: length &- 8)
      {
        return index
      }
      index &+= 1
      left &-= 1
    }
    return nil
  }

  /// For ASCII keys.
  private func caseInsensitive(_ text: Span<UInt8>, _ start: Int, _ length: Int) -> Int? {
    let names = names.span
    for index in names.indices where names[index].folded.count == length {
      let folded = names[index].folded.span
      var place = 0
      while place < length, Self.lower(text[start &+ place]) == folded[place] { place &+= 1 }
      if place == length { return index }
    }
    return nil
  }

  @inline(__always)
  private static func lower(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }

  private static func fold(_ bytes: [UInt8]) -> [UInt8] {
    var folded: [UInt8] = []
    folded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: [0xC5, 0xBF]) {
        folded.append(UInt8(ascii: "s"))
        index += 2
      } else if bytes[index...].starts(with: [0xE2, 0x84, 0xAA]) {
        folded.append(UInt8(ascii: "k"))
        index += 3
      } else {
        folded.append(lower(bytes[index]))
        index += 1
      }
    }
    return folded
  }
}
