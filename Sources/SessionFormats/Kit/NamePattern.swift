/// A part of a path in which `*` stands for any text: `rollout-*.jsonl`.
struct NamePattern {
  private let whole: String
  private let texts: [[UInt8]]

  init(_ part: String) {
    whole = part
    texts = part.split(separator: "*", omittingEmptySubsequences: false).map { Array($0.utf8) }
  }

  /// Whether a name fits; a star at the beginning stands for no leading dot.
  func matches(_ name: String) -> Bool {
    guard let first = texts.first, let last = texts.last, texts.count > 1 else {
      return name == whole
    }
    var rest = Array(name.utf8)[...]
    guard rest.starts(with: first) else { return false }
    rest = rest.dropFirst(first.count)
    guard rest.count >= last.count, rest.suffix(last.count).elementsEqual(last) else {
      return false
    }
    rest = rest.dropLast(last.count)
    for text in texts.dropFirst().dropLast() {
      guard
        let start = rest.indices.first(where: { rest[$0...].starts(with: text) })
      else { return false }
      rest = rest[(start + text.count)...]
    }
    return !(name.hasPrefix(".") && first.isEmpty)
  }
}
