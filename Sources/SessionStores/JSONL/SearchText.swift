/// A text cut into words as full-text search cuts it: letters and digits, without case.
struct SearchText {
  /// The words, in order.
  private(set) var words: [String] = []
  /// Where each word stands in the text.
  private(set) var ranges: [Range<String.Index>] = []

  init(_ text: String) {
    var start: String.Index?
    let scalars = text.unicodeScalars
    for index in scalars.indices {
      let properties = scalars[index].properties
      let isWord =
        properties.isAlphabetic || properties.numericType != nil
        || properties.generalCategory == .nonspacingMark
      if isWord {
        if start == nil { start = index }
      } else if let first = start {
        add(text, first..<index)
        start = nil
      }
    }
    if let first = start { add(text, first..<text.endIndex) }
  }

  private mutating func add(_ text: String, _ range: Range<String.Index>) {
    words.append(text[range].lowercased())
    ranges.append(range)
  }

  /// Where phrases begin, and how often each occurs; nil unless all of them do.
  func occurrences(of phrases: [[String]]) -> (counts: [Int], positions: Set<Int>)? {
    var counts: [Int] = []
    var positions: Set<Int> = []
    for phrase in phrases {
      guard let first = phrase.first else { return nil }
      var count = 0
      for index in words.indices where words[index] == first {
        guard words[index...].starts(with: phrase) else { continue }
        count += 1
        positions.formUnion(index..<(index + phrase.count))
      }
      if count == 0 { return nil }
      counts.append(count)
    }
    return (counts, positions)
  }
}
