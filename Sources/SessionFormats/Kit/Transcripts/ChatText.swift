/// Texts of transcripts, line by line.
enum ChatText {
  /// Lines as text, without empty ones at either end.
  static func trimmed(_ lines: [String]) -> String {
    var lines = lines[...]
    while lines.first?.allSatisfy({ $0 == " " }) == true { lines.removeFirst() }
    while lines.last?.allSatisfy({ $0 == " " }) == true { lines.removeLast() }
    return lines.joined(separator: "\n")
  }

  /// A file without the byte order mark that some editors put in front.
  static func withoutMark(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text
  }

  /// Calls the body with each line; bytes that end with a line feed have an empty last line.
  static func forEachLine(_ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) -> Void) {
    var start = bytes.startIndex
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      body(bytes[start..<end])
      start = end + 1
    }
    body(bytes[start...])
  }
}
