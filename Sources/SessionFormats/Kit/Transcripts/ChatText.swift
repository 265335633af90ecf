internal import JSONText
internal import SessionCoding

/// How text stands in a file: as it is after its marker, or in a code fence.
enum ChatText {
  /// How the bytes of a fenced text are spelled.
  enum Encoding: String {
    /// One JSON string in ASCII: the text has characters that editors and viewers change.
    case json
    /// Base64: the bytes are not UTF-8.
    case base64
  }

  /// A text ready to be written in a fence.
  struct Fenced {
    var body: [UInt8]
    var endsLine: Bool
    var encoding: Encoding?

    /// - Parameter bytes: The text, of which one final line feed is not shown.
    init(_ bytes: [UInt8]) {
      if String(validating: bytes, as: UTF8.self) == nil {
        self.init(body: Array(Base64.encode(bytes).utf8), endsLine: false, encoding: .base64)
      } else if ChatText.hasForbiddenCharacter(bytes) {
        self.init(body: ChatText.asciiJSON(bytes), endsLine: false, encoding: .json)
      } else if bytes.last == UInt8(ascii: "\n") {
        self.init(body: bytes.dropLast(), endsLine: true, encoding: nil)
      } else {
        self.init(body: bytes, endsLine: false, encoding: nil)
      }
    }

    private init(body: [UInt8], endsLine: Bool, encoding: Encoding?) {
      self.body = body
      self.endsLine = endsLine
      self.encoding = encoding
    }

    /// Appends the fence with the text in it.
    func append(to out: inout [UInt8], info: StaticString) {
      let fence = [UInt8](repeating: UInt8(ascii: "`"), count: ChatText.fenceLength(for: body))
      out.append(contentsOf: fence)
      switch encoding {
      case .json: out.append(contentsOf: "json".utf8)
      case .base64: out.append(contentsOf: "text".utf8)
      case nil: out.append(contentsOf: info.description.utf8)
      }
      out.append(UInt8(ascii: "\n"))
      out.append(contentsOf: body)
      out.append(UInt8(ascii: "\n"))
      out.append(contentsOf: fence)
      out.append(UInt8(ascii: "\n"))
    }
  }

  /// One backtick more than the longest run in the text, at least three.
  static func fenceLength(for bytes: [UInt8]) -> Int {
    var longest = 2
    var run = 0
    for byte in bytes {
      if byte == UInt8(ascii: "`") {
        run += 1
        if run > longest { longest = run }
      } else {
        run = 0
      }
    }
    return longest + 1
  }

  /// Whether editors or viewers may change the text: controls but LF and TAB, U+007F, U+0085,
  /// U+2028, U+2029, U+FEFF.
  static func hasForbiddenCharacter(_ bytes: [UInt8]) -> Bool {
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x20 {
        if byte != 0x0A, byte != 0x09 { return true }
      } else if byte == 0x7F {
        return true
      } else if byte == 0xC2 {
        if index + 1 < bytes.count, bytes[index + 1] == 0x85 { return true }
      } else if byte == 0xE2 {
        if index + 2 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] | 1 == 0xA9 {
          return true
        }
      } else if byte == 0xEF {
        if index + 2 < bytes.count, bytes[index + 1] == 0xBB, bytes[index + 2] == 0xBF {
          return true
        }
      }
      index += 1
    }
    return false
  }

  /// Whether a text can stand after its marker without a fence.
  static func isPlain(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, first != UInt8(ascii: "\n"), bytes.last != UInt8(ascii: "\n")
    else { return false }
    return !hasForbiddenCharacter(bytes) && String(validating: bytes, as: UTF8.self) != nil
      && !CodeFence.leavesOpen(bytes[...])
  }
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

  /// A JSON string in ASCII, escapes as Python's `json.dumps` writes them.
  static func asciiJSON(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [UInt8(ascii: "\"")]
    out.reserveCapacity(bytes.count + bytes.count / 4)
    func unit(_ value: UInt16, _ out: inout [UInt8]) {
      out.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
      for shift: UInt16 in [12, 8, 4, 0] {
        let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
        out.append(digit < 10 ? 48 + digit : 87 + digit)
      }
    }
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C: out.append(contentsOf: [0x5C, UInt8(truncatingIfNeeded: scalar.value)])
      case 0x08: out.append(contentsOf: [0x5C, UInt8(ascii: "b")])
      case 0x09: out.append(contentsOf: [0x5C, UInt8(ascii: "t")])
      case 0x0A: out.append(contentsOf: [0x5C, UInt8(ascii: "n")])
      case 0x0C: out.append(contentsOf: [0x5C, UInt8(ascii: "f")])
      case 0x0D: out.append(contentsOf: [0x5C, UInt8(ascii: "r")])
      case 0x20..<0x7F: out.append(UInt8(truncatingIfNeeded: scalar.value))
      default: for value in scalar.utf16 { unit(value, &out) }
      }
    }
    out.append(UInt8(ascii: "\""))
    return out
  }
}
