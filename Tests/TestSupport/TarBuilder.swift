/// Makes tar archives byte by byte, also such as no program would make.
public struct TarBuilder {
  /// The archive so far, without its end.
  public private(set) var bytes: [UInt8] = []

  /// Starts an empty archive.
  public init() {}

  /// The archive with its end mark.
  public var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1_024) }

  /// Adds an entry.
  ///
  /// - Parameters:
  ///   - name: The name as it goes into the header, cut to its field.
  ///   - type: The kind; `0` is a file.
  ///   - size: What the header says; nil for the content's real size.
  ///   - link: What a link points to.
  public mutating func add(
    _ name: String, _ content: [UInt8] = [], type: Character = "0", size: Int? = nil,
    link: String = ""
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: some Collection<UInt8>, at start: Int, limit: Int) {
      for (index, byte) in text.prefix(limit).enumerated() { header[start + index] = byte }
    }
    func octal(_ value: Int, _ digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
    put(name.utf8, at: 0, limit: 100)
    put(octal(0o644, 7), at: 100, limit: 7)
    put(octal(0, 7), at: 108, limit: 7)
    put(octal(0, 7), at: 116, limit: 7)
    put(octal(size ?? content.count, 11), at: 124, limit: 11)
    put(octal(0, 11), at: 136, limit: 11)
    put("        ".utf8, at: 148, limit: 8)
    put(String(type).utf8, at: 156, limit: 1)
    put(link.utf8, at: 157, limit: 100)
    put("ustar\u{0}00".utf8, at: 257, limit: 8)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + [0, 0x20], at: 148, limit: 8)
    bytes += header + content
    bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// Adds a pax header for the entry that follows.
  public mutating func addPax(_ records: [(String, String)], type: Character = "x") {
    var content: [UInt8] = []
    for (key, value) in records {
      let body = " \(key)=\(value)\n".utf8.count
      var length = body + 1
      while String(length).utf8.count + body != length { length += 1 }
      content += Array("\(length) \(key)=\(value)\n".utf8)
    }
    add("PaxHeaders/x", content, type: type)
  }
}
