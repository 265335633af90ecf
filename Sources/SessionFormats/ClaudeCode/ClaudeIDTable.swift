/// Identifiers of records by number, in the order in which they were first named.
///
/// UUIDs lie side by side, sixteen bytes each, and are found by open addressing; others are rare.
struct ClaudeIDTable: RandomAccessCollection {
  private var words = ChunkedArray<(UInt64, UInt64)>()
  /// The identifiers that are no UUIDs, by their numbers, and the numbers by the identifiers.
  private var texts: [Int32: String] = [:]
  private var numbers: [String: Int32] = [:]
  /// Numbers of UUIDs; −1 where none is.
  private var places = [Int32](repeating: -1, count: 16)
  /// The UUID that was named last, and its number: most records name the one before them.
  private var last: (high: UInt64, low: UInt64, number: Int32) = (0, 0, -1)

  var startIndex: Int { 0 }
  var endIndex: Int { words.count }

  subscript(_ number: Int) -> ClaudeID {
    if !texts.isEmpty, let text = texts[Int32(number)] { return .text(text) }
    return .uuid(words[number].0, words[number].1)
  }

  /// The number of an identifier; nil if it was never named.
  func find(_ id: ClaudeID) -> Int32? {
    switch id {
    case .text(let text): numbers[text]
    case .uuid(let high, let low): place(high, low).found
    }
  }

  /// The number of an identifier, which gets the next one if it has none.
  mutating func insert(_ id: ClaudeID) -> (number: Int32, isNew: Bool) {
    let number = Int32(clamping: words.count)
    switch id {
    case .text(let text):
      if let found = numbers[text] { return (found, false) }
      numbers[text] = number
      texts[number] = text
      words.append((0, 0))
    case .uuid(let high, let low):
      if last.number >= 0, last.high == high, last.low == low { return (last.number, false) }
      let (place, found) = place(high, low)
      last = (high, low, found ?? number)
      if let found { return (found, false) }
      words.append((high, low))
      places[place] = number
      if words.count * 4 > places.count * 3 { grow() }
    }
    return (number, true)
  }

  private func place(_ high: UInt64, _ low: UInt64) -> (place: Int, found: Int32?) {
    let mask = places.count - 1
    var place = Self.hash(high, low) & mask
    while places[place] >= 0 {
      if words[Int(places[place])] == (high, low) { return (place, places[place]) }
      place = (place + 1) & mask
    }
    return (place, nil)
  }

  /// Other numbers in each run, so that no file can be made whose identifiers all meet in one place.
  private static let secret = (UInt64.random(in: 1...UInt64.max), UInt64.random(in: 1...UInt64.max))

  private static func hash(_ high: UInt64, _ low: UInt64) -> Int {
    let product = (high ^ secret.0).multipliedFullWidth(by: low ^ secret.1)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }

  private mutating func grow() {
    let old = places
    places = [Int32](repeating: -1, count: old.count * 2)
    let mask = places.count - 1
    for number in old where number >= 0 {
      let (high, low) = words[Int(number)]
      var place = Self.hash(high, low) & mask
      while places[place] >= 0 { place = (place + 1) & mask }
      places[place] = number
    }
  }
}
