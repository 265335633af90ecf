internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What a command prints on standard output; nothing reaches a terminal that could steer it.
struct Page: ~Copyable {
  /// The styles of readable output.
  enum Style: String {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
  }

  private var output: StandardOutput
  private let hasColors: Bool

  init(_ options: OutputOptions, errors: Bool = false) {
    output = StandardOutput(errors: errors)
    hasColors =
      !options.noColor && isTerminal(errors ? 2 : 1)
      && (environmentVariable("NO_COLOR") ?? "").isEmpty
      && environmentVariable("TERM") != "dumb"
  }

  /// Whether nobody reads any more.
  var isBroken: Bool { output.isBroken }

  /// Prints a text in a style.
  mutating func print(_ text: String, _ style: Style? = nil, end: String = "\n") throws(Ending) {
    let safe = Self.harmless(text)
    if let style, hasColors {
      try write("\u{1B}[\(style.rawValue)m\(safe)\u{1B}[0m\(end)")
    } else {
      try write(safe + end)
    }
  }

  /// Prints bytes of text as they are, but for control characters, each line after an indentation.
  mutating func print(_ text: JSONString, indent: String) throws(Ending) {
    var bytes: [UInt8] = []
    text.appendUTF8(to: &bytes)
    var line: [UInt8] = []
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.endIndex
      line.removeAll(keepingCapacity: true)
      if start < end { line += Array(indent.utf8) }
      Self.appendHarmless(bytes[start..<end], to: &line)
      line.append(0x0A)
      try write(line[...])
      start = end < bytes.endIndex ? end + 1 : end
    }
  }

  /// Prints bytes that are known to be harmless, such as JSON.
  mutating func write(_ bytes: ArraySlice<UInt8>) throws(Ending) {
    do throws(FileError) {
      try output.write(bytes)
    } catch {
      throw Ending(output: error)
    }
  }

  /// Prints a whole file.
  mutating func write(contentsOf path: String) throws(Ending) {
    do throws(FileError) {
      try output.write(contentsOf: path)
    } catch {
      throw Ending(output: error)
    }
  }

  private mutating func write(_ text: String) throws(Ending) {
    try write(Array(text.utf8)[...])
  }

  /// Ends the page.
  mutating func finish() throws(Ending) {
    do throws(FileError) {
      try output.flush()
    } catch {
      throw Ending(output: error)
    }
  }

  /// A text in which control characters, which could steer a terminal, are made visible.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F...0x9F ~= $0.value })
    else { return text }
    var bytes: [UInt8] = []
    appendHarmless(Array(text.utf8)[...], to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `^X` for control characters and `^?` for those of the upper range; tabs and line ends stay.
  private static func appendHarmless(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) {
    var position = bytes.startIndex
    while position < bytes.endIndex {
      let byte = bytes[position]
      let next = position + 1 < bytes.endIndex ? bytes[position + 1] : 0
      position += 1
      switch byte {
      case 0x09, 0x0A: out.append(byte)
      case 0..<0x20: out += [UInt8(ascii: "^"), byte + 0x40]
      case 0x7F: out += Array("^?".utf8)
      case 0xC2 where 0x80...0x9F ~= next:
        out += Array("^?".utf8)
        position += 1
      default: out.append(byte)
      }
    }
  }
}
