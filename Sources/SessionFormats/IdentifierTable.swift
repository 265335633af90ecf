internal import JSONText

/// Identifiers by number, in the order in which they were first seen.
///
/// Their bytes lie one after the other and are compared wherever hashes agree. An identifier costs
/// its own bytes and about twenty more, and keeps nothing else alive, as a part of a record would.
struct IdentifierTable {
  private var bytes: [UInt8] = []
  /// Where the bytes of each end.
  private var ends: [Int] = []
  /// Open addressing: numbers with the upper half of their hashes before them; 0 where none is.
  private var places = [UInt64](repeating: 0, count: 16)

  /// How many there are.
  var count: Int { ends.count }

  /// The number of an identifier, which gets one if it has none.
  mutating func number(of identifier: JSONString) -> Int {
    let hash = Self.hash(identifier)
    let (place, found) = place(of: identifier, hash)
    if let found { return found }
    identifier.appendUTF8(to: &bytes)
    ends.append(bytes.count)
    places[place] = hash | UInt64(ends.count)
    if ends.count * 3 > places.count * 2 { grow() }
    return ends.count - 1
  }

  /// The number of an identifier; nil if it was never seen.
  func find(_ identifier: JSONString) -> Int? {
    place(of: identifier, Self.hash(identifier)).found
  }

  /// The identifier with a number.
  subscript(_ number: Int) -> JSONString { JSONString(decodedUTF8: Array(bytes[range(number)])) }

  private func range(_ number: Int) -> Range<Int> {
    (number == 0 ? 0 : ends[number - 1])..<ends[number]
  }

  private static let numberBits: UInt64 = 32
  private static let numberMask: UInt64 = 1 << numberBits - 1

  private static func hash(_ identifier: JSONString) -> UInt64 {
    UInt64(truncatingIfNeeded: identifier.hashValue) & ~numberMask
  }

  private func place(of identifier: JSONString, _ hash: UInt64) -> (place: Int, found: Int?) {
    let mask = places.count - 1
    var place = Int(hash >> Self.numberBits) & mask
    while places[place] != 0 {
      if places[place] & ~Self.numberMask == hash {
        let number = Int(places[place] & Self.numberMask) - 1
        if identifier.equals(bytes.span.extracting(range(number))) { return (place, number) }
      }
      place = (place + 1) & mask
    }
    return (place, nil)
  }

  private mutating func grow() {
    let old = places
    places = [UInt64](repeating: 0, count: old.count * 2)
    let mask = places.count - 1
    for entry in old where entry != 0 {
      var place = Int(entry >> Self.numberBits) & mask
      while places[place] != 0 { place = (place + 1) & mask }
      places[place] = entry
    }
  }
}
