/// The records of a pax extended header that matter here: `<length> <key>=<value>\n`.
struct PaxRecords {
  var path: String?
  var size: UInt64?
  /// Whether the entry is one of GNU's sparse files.
  var isSparse = false

  init() {}

  /// Reads records; nil when they are damaged.
  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let space = rest.firstIndex(of: 0x20),
        let length = Int(String(decoding: rest[..<space], as: UTF8.self)),
        length > space - rest.startIndex + 1, length <= rest.count
      else { return nil }
      let record = rest.prefix(length)
      rest = rest.dropFirst(length)
      guard record.last == 0x0A, let sign = record.firstIndex(of: UInt8(ascii: "=")), sign > space
      else { return nil }
      let key = String(decoding: record[(space + 1)..<sign], as: UTF8.self)
      let value = record[(sign + 1)...].dropLast()
      switch key {
      case "path":
        guard let text = String(validating: value, as: UTF8.self), !text.utf8.contains(0) else {
          return nil
        }
        path = text
      case "size":
        guard let number = UInt64(String(decoding: value, as: UTF8.self)) else { return nil }
        size = number
      default:
        if key.hasPrefix("GNU.sparse.") { isSparse = true }
      }
    }
  }

  /// The content of a header with one record.
  static func record(_ key: String, _ value: String) -> [UInt8] {
    let body = key.utf8.count + value.utf8.count + 3
    var length = body + 1
    while String(length).utf8.count + body != length { length += 1 }
    return Array("\(length) \(key)=\(value)\n".utf8)
  }
}
