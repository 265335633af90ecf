/// The JSON names of a Go struct's fields, matched as Go's `encoding/json` matches keys.
///
/// An exact match wins, else the first name that is equal under simple case folding: ASCII letters,
/// and U+017F (ſ) for s and U+212A (K) for k.
public final class GoFields: Sendable {
  /// The names as they are.
  let names: FieldNames
  private let folded: [[UInt8]]
  /// Fields that a later `null` empties.
  let resetByNull: [Bool]

  /// The number of names.
  public var count: Int { names.count }

  /// - Parameters:
  ///   - names: 32 at most, in the order in which they are usually written, which makes matching fast.
  ///   - resetByNull: Names of fields of pointer, map or interface type, which a `null` after a
  ///     value empties. All others but arrays keep an earlier value (arrays are always emptied).
  public init(_ names: [String], resetByNull: Set<String> = []) {
    self.names = FieldNames(names)
    folded = names.map { Self.fold(Array($0.utf8)) }
    self.resetByNull = names.map { resetByNull.contains($0) }
  }

  /// The same for names known at compile time.
  public convenience init(_ names: [StaticString], resetByNull: Set<String> = []) {
    self.init(names.map { $0.description }, resetByNull: resetByNull)
  }

  /// The field a key belongs to that is not plain, or not any of the names as they are.
  func index(ofKeyAt node: Int, in document: JSONDocument) -> Int? {
    let key = document.nodes[node]
    if key.flags.isEmpty {
      return document.withTape { text, _ in
        caseInsensitive(text, Int(key.start) &+ 1, Int(key.end &- key.start) &- 2)
      }
    }
    let decoded = document.decodedUTF8(at: node)
    let exact = names.index(of: decoded.span)
    if exact >= 0 { return exact }
    let name = Self.fold(decoded)
    return folded.firstIndex { $0 == name }
  }

  /// For ASCII keys.
  private func caseInsensitive(_ text: Span<UInt8>, _ start: Int, _ length: Int) -> Int? {
    for index in folded.indices where folded[index].count == length {
      let name = folded[index]
      var place = 0
      while place < length, Self.lower(text[start &+ place]) == name[place] { place &+= 1 }
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
