/// A code fence of CommonMark (§4.5), as far as it matters where one begins and ends.
struct CodeFence {
  /// The fence's character: a backtick or a tilde.
  var character: UInt8
  /// How many of them.
  var length: Int

  /// The fence that a line opens; nil for all other lines.
  init?(opening line: ArraySlice<UInt8>) {
    let rest = line.drop { $0 == UInt8(ascii: " ") }
    guard rest.startIndex - line.startIndex <= 3, let character = rest.first,
      character == UInt8(ascii: "`") || character == UInt8(ascii: "~")
    else { return nil }
    let info = rest.drop { $0 == character }
    let length = info.startIndex - rest.startIndex
    guard length >= 3 else { return nil }
    // A line such as ```` ```x``` ```` is inline code.
    if character == UInt8(ascii: "`"), info.contains(character) { return nil }
    self.character = character
    self.length = length
  }

  /// Whether a line closes the fence.
  func closes(with line: ArraySlice<UInt8>) -> Bool {
    let rest = line.drop { $0 == UInt8(ascii: " ") }
    guard rest.startIndex - line.startIndex <= 3 else { return false }
    let tail = rest.drop { $0 == character }
    return tail.startIndex - rest.startIndex >= length
      && tail.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 0x0D }
  }

  /// The fence that a text opens and does not close.
  static func open(in bytes: ArraySlice<UInt8>) -> CodeFence? {
    guard bytes.contains(UInt8(ascii: "`")) || bytes.contains(UInt8(ascii: "~")) else {
      return nil
    }
    var open: CodeFence?
    ChatText.forEachLine(bytes) { line in
      if let fence = open {
        if fence.closes(with: line) { open = nil }
      } else {
        open = CodeFence(opening: line)
      }
    }
    return open
  }
}
