internal import JSONText

/// A line of the form `<!-- chat:KIND {JSON} -->`: invisible to viewers, found by a line scanner.
///
/// The JSON is one object on one line. Every `--` in it is written `-\u002d`, so that the comment
/// cannot end early; the reader turns that back before it parses, so verbatim JSON keeps its bytes.
struct ChatMarker {
  /// What a marker introduces.
  enum Kind: String, CaseIterable {
    case message, block, event, checkpoint, branch, raw, end
  }

  var kind: Kind
  /// The object; nil when it is broken.
  var value: JSONValue?

  /// What every marker starts with.
  static let opening = Array("<!-- chat:".utf8)
  private static let closing = Array(" -->".utf8)
  /// How `--` is written.
  static let escapedDashes = Array("-\\u002d".utf8)

  /// The kind of a line that looks like a marker; nil for all other lines.
  ///
  /// - Parameter line: The line without its line feed.
  static func kind(of line: ArraySlice<UInt8>) -> Kind? {
    guard line.count > 18, line.starts(with: opening), line.last == UInt8(ascii: ">") else {
      return nil
    }
    let rest = line.dropFirst(opening.count)
    guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
      rest.index(after: space) < rest.endIndex,
      rest[space + 1] == UInt8(ascii: "{"),
      let kind = Kind(rawValue: String(decoding: rest[..<space], as: UTF8.self))
    else { return nil }
    let json = rest[(space + 1)...]
    guard json.count >= 6, json.suffix(5).elementsEqual([UInt8(ascii: "}")] + closing) else {
      return nil
    }
    return kind
  }

  /// What a line that is too long to be read seems to introduce, by its first bytes; its value is not
  /// known but for what a conversion noted, which is told by an empty chunk.
  init?(beginning line: ArraySlice<UInt8>) {
    guard line.starts(with: Self.opening) else { return nil }
    let rest = line.dropFirst(Self.opening.count)
    let name = rest.prefix { $0 != UInt8(ascii: " ") }
    guard let kind = Kind(rawValue: String(decoding: name, as: UTF8.self)) else { return nil }
    self.kind = kind
    let json = rest.dropFirst(name.count + 1)
    if kind == .raw, json.starts(with: "{\"chunk\":".utf8) || json.starts(with: "{\"carry\":".utf8)
    {
      // Cannot fail; if it did, the line would be taken for another record that is too long.
      value = (JSONDocument(ifValid: Array("{\"chunk\":[]}".utf8)))?.root
    }
  }

  /// Reads a line that ``kind(of:)`` accepts.
  init?(_ line: ArraySlice<UInt8>, maximumDepth: Int) {
    guard let kind = Self.kind(of: line) else { return nil }
    self.kind = kind
    let json = line.dropFirst(Self.opening.count + kind.rawValue.utf8.count + 1)
      .dropLast(Self.closing.count)
    guard
      let document = JSONDocument(
        ifValid:
          Self.unescaped(json), limits: JSONLimits(maximumDepth: maximumDepth))
    else { return }
    value = document.root
  }

  /// The JSON with `--` in its plain spelling.
  static func unescaped(_ json: ArraySlice<UInt8>) -> [UInt8] {
    replace(escapedDashes, by: [UInt8(ascii: "-"), UInt8(ascii: "-")], in: json)
  }

  /// The JSON with every `--` escaped.
  static func escaped(_ json: ArraySlice<UInt8>) -> [UInt8] {
    replace([UInt8(ascii: "-"), UInt8(ascii: "-")], by: escapedDashes, in: json)
  }

  /// Whether escaping the JSON and back gives the same bytes, and on one line.
  static func survives(_ json: ArraySlice<UInt8>) -> Bool {
    !json.contains(UInt8(ascii: "\n")) && !json.contains(UInt8(ascii: "\r"))
      && !contains(json, escapedDashes)
  }

  private static func contains(_ bytes: ArraySlice<UInt8>, _ pattern: [UInt8]) -> Bool {
    var index = bytes.startIndex
    while let dash = bytes[index...].firstIndex(of: pattern[0]) {
      if bytes[dash...].starts(with: pattern) { return true }
      index = dash + 1
    }
    return false
  }

  private static func replace(
    _ pattern: [UInt8], by replacement: [UInt8], in bytes: ArraySlice<UInt8>
  ) -> [UInt8] {
    guard contains(bytes, pattern) else { return Array(bytes) }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count + 64)
    var index = bytes.startIndex
    while let dash = bytes[index...].firstIndex(of: pattern[0]) {
      out.append(contentsOf: bytes[index..<dash])
      if bytes[dash...].starts(with: pattern) {
        out.append(contentsOf: replacement)
        index = dash + pattern.count
      } else {
        out.append(bytes[dash])
        index = dash + 1
      }
    }
    out.append(contentsOf: bytes[index...])
    return out
  }

  /// Appends a marker line.
  static func append(_ kind: Kind, _ json: ArraySlice<UInt8>, to out: inout [UInt8]) {
    out.append(contentsOf: opening)
    out.append(contentsOf: kind.rawValue.utf8)
    out.append(UInt8(ascii: " "))
    if json.contains(UInt8(ascii: "-")) {
      out.append(contentsOf: escaped(json))
    } else {
      out.append(contentsOf: json)
    }
    out.append(contentsOf: closing)
    out.append(UInt8(ascii: "\n"))
  }
}
