/// How texts stand in a transcript, so that they read as what they are and come back byte for byte.
///
/// A line that could be taken for one of the transcript's own, or that would swallow what follows it
/// (a fence or fold that is never closed, a comment), gets a backslash in front; so does a line that
/// begins with backslashes and such a thing. Empty lines at either end are references.
enum MarkdownText {
  /// A text as prose, without a last line feed.
  ///
  /// - Parameter inFold: Whether it stands in a fold, which it must not end.
  static func prose(_ text: [UInt8], inFold: Bool = false) -> [UInt8] {
    let lines = lines(of: withoutEmptyEnds(CharacterReference.escape(text))[...])
    let open = openFences(lines)
    let foldsStand = !inFold && areFoldsClosed(lines)
    var out: [UInt8] = []
    for (number, line) in lines.enumerated() {
      if number > 0 { out.append(UInt8(ascii: "\n")) }
      let isOwn: Bool
      switch line.first {
      case UInt8(ascii: "<"): isOwn = line.starts(with: "<!--".utf8) || !foldsStand && isFold(line)
      case UInt8(ascii: "#"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "["):
        isOwn = isSpecial(line)
      case UInt8(ascii: "\\"): isOwn = isSpecial(line.drop { $0 == UInt8(ascii: "\\") })
      default: isOwn = open.contains(number)
      }
      if isOwn { out.append(UInt8(ascii: "\\")) }
      out += line
    }
    return out
  }

  /// The text that lines of prose say; empty lines at either end do not count.
  static func read(prose lines: [ArraySlice<UInt8>]) -> [UInt8] {
    var lines = lines[...]
    while let first = lines.first, MarkdownLine(first).isBlank { lines.removeFirst() }
    while let last = lines.last, MarkdownLine(last).isBlank { lines.removeLast() }
    return read(fenced: lines)
  }

  /// Appends a text in a code fence.
  static func appendFenced(_ text: [UInt8], info: StaticString, to out: inout [UInt8]) {
    let text = CharacterReference.escape(text)
    var (longest, run) = (2, 0)
    for byte in text {
      run = byte == UInt8(ascii: "`") ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = [UInt8](repeating: UInt8(ascii: "`"), count: longest + 1)
    out += fence + Array(info.description.utf8) + [UInt8(ascii: "\n")]
    for line in lines(of: text[...]) {
      let isEscaped =
        line.first == UInt8(ascii: "\\") && isSpecial(line.drop { $0 == UInt8(ascii: "\\") })
      if isEscaped || isOwn(line) { out.append(UInt8(ascii: "\\")) }
      out += line
      out.append(UInt8(ascii: "\n"))
    }
    out += fence + [UInt8(ascii: "\n"), UInt8(ascii: "\n")]
  }

  /// The text that the lines in a code fence say.
  static func read(fenced lines: some Sequence<ArraySlice<UInt8>>) -> [UInt8] {
    var out: [UInt8] = []
    var isFirst = true
    for line in lines {
      if !isFirst { out.append(UInt8(ascii: "\n")) }
      isFirst = false
      let isEscaped =
        line.first == UInt8(ascii: "\\") && isSpecial(line.drop { $0 == UInt8(ascii: "\\") })
      out += isEscaped ? line.dropFirst() : line
    }
    return CharacterReference.unescape(out)
  }

  static func lines(of text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }

  // MARK: What needs a backslash

  /// Whether a line ends even a text in a code fence.
  private static func isOwn(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.first == UInt8(ascii: "#") || line.first == UInt8(ascii: "<") else { return false }
    return MarkdownLine(line).endsText || line.starts(with: MarkdownCarry.opening)
  }

  /// Whether a line may stand behind a backslash that is not part of the text.
  private static func isSpecial(_ line: ArraySlice<UInt8>) -> Bool {
    if line.starts(with: "<!--".utf8) || isFold(line) || CodeFence(opening: line) != nil {
      return true
    }
    switch MarkdownLine(line) {
    case .blank, .text: return false
    default: return true
    }
  }

  private static func isFold(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: "<details".utf8) || line.starts(with: "</details".utf8)
  }

  /// Whether all folds of a text are opened and closed in it, and none looks like a transcript's own.
  private static func areFoldsClosed(_ lines: [ArraySlice<UInt8>]) -> Bool {
    var depth = 0
    for line in lines where line.first == UInt8(ascii: "<") && isFold(line) {
      if MarkdownLine(line).isFold { return false }
      depth += line.starts(with: "</".utf8) ? -1 : 1
      // One that is closed in its own line.
      if depth > 0, line.firstRange(of: MarkdownLine.foldEndLine) != nil,
        line.starts(with: "<d".utf8)
      {
        depth -= 1
      }
      if depth < 0 { return false }
    }
    return depth == 0
  }

  /// The numbers of the lines that open a code fence which is never closed.
  private static func openFences(_ lines: [ArraySlice<UInt8>]) -> Set<Int> {
    var open: Set<Int> = []
    /// The shortest fence of each character that is known to have no end.
    var endless: [UInt8: Int] = [:]
    var number = 0
    while number < lines.count {
      defer { number += 1 }
      guard let fence = CodeFence(opening: lines[number]) else { continue }
      let isEndless = endless[fence.character].map { fence.length >= $0 } ?? false
      if !isEndless, let end = lines[(number + 1)...].firstIndex(where: { fence.closes(with: $0) })
      {
        number = end
      } else {
        open.insert(number)
        endless[fence.character] = min(fence.length, endless[fence.character] ?? .max)
      }
    }
    return open
  }

  /// A text in whose first and last line something stands.
  private static func withoutEmptyEnds(_ text: [UInt8]) -> [UInt8] {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A }
    func spelled(_ spaces: ArraySlice<UInt8>) -> [UInt8] {
      spaces.contains(0x0A)
        ? spaces.flatMap { $0 == 0x0A ? Array("&#xA;".utf8) : [$0] } : Array(spaces)
    }
    let start = text.prefix(while: isSpace)
    guard start.count < text.count else {
      // Nothing but white space.
      guard let first = text.first else { return [] }
      var out: [UInt8] = []
      CharacterReference.append(UInt32(first), to: &out)
      return out + spelled(text.dropFirst())
    }
    let end = text[start.endIndex...].suffix(while: isSpace)
    guard start.contains(0x0A) || end.contains(0x0A) else { return text }
    return spelled(start) + text[start.endIndex..<end.startIndex] + spelled(end)
  }
}

extension ArraySlice<UInt8> {
  /// The longest end all of whose bytes are so.
  fileprivate func suffix(while isSo: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let start = lastIndex { !isSo($0) }.map { $0 + 1 } ?? startIndex
    return self[start...]
  }
}
