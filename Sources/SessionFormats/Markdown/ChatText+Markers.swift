internal import JSONText

extension ChatText {
  /// Whether a line is `<!-- chat:` behind any number of backslashes.
  static func looksEscaped(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first, first == UInt8(ascii: "\\") || first == UInt8(ascii: "<") else {
      return false
    }
    return line.drop { $0 == UInt8(ascii: "\\") }.starts(with: ChatMarker.opening)
  }

  /// Appends a plain text: lines that could be taken for markers get a backslash in front.
  static func appendPlain(_ bytes: [UInt8], to out: inout [UInt8]) {
    forEachLine(bytes[...]) { line in
      if looksEscaped(line) { out.append(UInt8(ascii: "\\")) }
      out.append(contentsOf: line)
      out.append(UInt8(ascii: "\n"))
    }
  }
}
