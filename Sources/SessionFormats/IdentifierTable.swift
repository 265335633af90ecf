internal import JSONText

/// Identifiers by number, in the order in which they were first seen.
///
/// Their bytes lie one after the other and are compared wherever hashes agree. An identifier costs
/// its own bytes and about twenty more, and keeps nothing else alive, as a part of a record would.
struct IdentifierTable {
  /// Where an identifier's bytes are.
  private struct Place {
    var piece: UInt32
    var start: UInt32
    var count: UInt32
  }

  /// A piece is full when it has so many bytes.
  private static let fullPiece = 60 << 10

  /// The bytes, in pieces, so that growing never needs room for all of them twice.
  private var pieces: [[UInt8]] = []
  private var stored = ChunkedArray<Place>()
  /// Open addressing: numbers with the upper half of their hashes before them; 0 where none is.
  private var places = [UInt64](repeating: 0, count: 16)

  /// How many there are.
  var count: Int { stored.count }

  /// The number of an identifier, which gets one if it has none.
  mutating func number(of identifier: JSONString) -> Int {
    let hash = Self.hash(identifier)
    let (place, found) = place(of: identifier, hash)
    if let found { return found }
    store(identifier)
    places[place] = hash | UInt64(stored.count)
    if stored.count * 3 > places.count * 2 { grow() }
    return stored.count - 1
  }

  private mutating func store(_ identifier: JSONString) {
    if pieces.last.map({ $0.count >= Self.fullPiece }) ?? true {
      var piece: [UInt8] = []
      piece.reserveCapacity(pieces.isEmpty ? 1 << 10 : 64 << 10)
      pieces.append(piece)
    }
    let last = pieces.count - 1
    let start = pieces[last].count
    identifier.appendUTF8(to: &pieces[last])
    stored.append(
      Place(
        piece: UInt32(clamping: last), start: UInt32(clamping: start),
        count: UInt32(clamping: pieces[last].count - start)))
  }

  /// The number of an identifier; nil if it was never seen.
  func find(_ identifier: JSONString) -> Int? {
    place(of: identifier, Self.hash(identifier)).found
  }

  /// The identifier with a number.
  subscript(_ number: Int) -> JSONString {
    let place = stored[number]
    let range = Int(place.start)..<Int(place.start + place.count)
    return JSONString(decodedUTF8: Array(pieces[Int(place.piece)][range]))
  }

  private func isStored(_ identifier: JSONString, at number: Int) -> Bool {
    let place = stored[number]
    let range = Int(place.start)..<Int(place.start + place.count)
    let piece = pieces[Int(place.piece)]
    return identifier.equals(piece.span.extracting(range))
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
        if isStored(identifier, at: number) { return (place, number) }
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
