/// The labels and values of `bag-info.txt`, in order.
public struct BagInfo: Sendable, Hashable {
  /// A label and its value.
  public struct Field: Sendable, Hashable {
    /// The label, compared without regard to case.
    public var label: String
    /// The value on one line.
    public var value: String
  }

  /// All fields.
  public private(set) var fields: [Field] = []

  /// An empty list.
  public init() {}

  /// Reads fields; lines that begin with white space continue the value before them.
  public init(_ bytes: [UInt8]) {
    for line in bytes.split(separator: 0x0A) {
      var line = String(decoding: line, as: UTF8.self)
      if line.hasSuffix("\r") { line.removeLast() }
      if line.hasPrefix(" ") || line.hasPrefix("\t") {
        guard !fields.isEmpty else { continue }
        fields[fields.count - 1].value += " " + line.drop { $0 == " " || $0 == "\t" }
      } else if let colon = line.firstIndex(of: ":") {
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        fields.append(Field(label: String(line[..<colon]), value: String(value)))
      }
    }
  }

  /// The first value of a label.
  public subscript(_ label: String) -> String? {
    fields.first { $0.label.lowercased() == label.lowercased() }?.value
  }

  /// Adds a field; line ends in the value become spaces.
  public mutating func add(_ label: String, _ value: String) {
    let line = value.split(whereSeparator: \.isNewline).joined(separator: " ")
    fields.append(Field(label: label, value: line))
  }

  /// The file's text.
  public var bytes: [UInt8] {
    fields.flatMap { Array("\($0.label): \($0.value)\n".utf8) }
  }
}

/// The file that makes a folder a bag.
public enum BagDeclaration {
  /// The two lines of version 1.0.
  public static let bytes = Array(
    "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".utf8)

  /// The version that a declaration states; nil when it is none or of another encoding.
  public static func version(_ bytes: [UInt8]) -> String? {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0.last == 0x0D ? $0.dropLast() : $0, as: UTF8.self)
    }
    if lines.last == "" { lines.removeLast() }
    guard lines.count == 2, lines[0].hasPrefix("BagIt-Version: "),
      lines[1] == "Tag-File-Character-Encoding: UTF-8"
    else { return nil }
    let version = String(lines[0].dropFirst("BagIt-Version: ".count))
    return ["1.0", "0.97"].contains(version) ? version : nil
  }
}
