internal import FileIO
internal import JSONText

/// A piece of a carry as it is stored.
///
/// Its form is a JSON string, which every place that holds text can hold: Base64 of one byte for the
/// kind and of the content. Items and headers are compressed (raw DEFLATE after the size as a varint),
/// chunks that are passed on are not compressed again.
package enum CarryChunk {
  /// Whose carry is passed on.
  package enum Owner: UInt8 {
    /// The original's, which gets it back.
    case original = 4
    /// The session's own, from before the conversion that wrote this one.
    case session = 8
  }

  /// Records and their originals.
  case items([UInt8])
  /// The header of a carry that is passed on.
  case header([UInt8], of: Owner)
  /// A chunk of that carry.
  case passedOn([UInt8], of: Owner)

  /// The largest content that is decompressed.
  private static let largest = 1 << 30

  private var kind: UInt8 {
    switch self {
    case .items: 0
    case .header(_, let owner): owner.rawValue
    case .passedOn(_, let owner): owner.rawValue + 8
    }
  }

  /// The stored form.
  var json: [UInt8] {
    var bytes = [kind]
    switch self {
    case .items(let content), .header(let content, _):
      bytes.append(varint: content.count)
      bytes += Deflate.compress(content[...], level: Deflate.fastest)
    case .passedOn(let chunk, _): bytes += Self.bytes(chunk) ?? []
    }
    return Self.json(bytes)
  }

  /// Reads the stored form; nil when it is something else.
  init?(json: [UInt8]) {
    guard let bytes = Self.bytes(json), let kind = bytes.first else { return nil }
    var rest = bytes.dropFirst()
    switch kind {
    case 0, 4, 8:
      guard let size = rest.popVarint(), size <= Self.largest,
        let content = Deflate.decompress(rest, size: size)
      else { return nil }
      if kind == 0 {
        self = .items(content)
      } else if let owner = Owner(rawValue: kind) {
        self = .header(content, of: owner)
      } else {
        return nil
      }
    case 12, 16:
      guard let owner = Owner(rawValue: kind - 8) else { return nil }
      self = .passedOn(Self.json(Array(rest)), of: owner)
    default: return nil
    }
  }

  /// Whether the stored form is that of items, by its first character, which holds the kind.
  static func areItems(_ json: [UInt8]) -> Bool {
    json.dropFirst().first == UInt8(ascii: "A") && json.count > 4
  }

  /// The stored form for places that hold text.
  package static func json(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(ascii: "\"")] + Base64.encoded(bytes) + [UInt8(ascii: "\"")]
  }

  /// The stored form for places that hold bytes; nil when it is none.
  package static func bytes(_ json: [UInt8]) -> [UInt8]? {
    guard json.count > 2, json.first == UInt8(ascii: "\""), json.last == UInt8(ascii: "\"") else {
      return nil
    }
    return Base64.decode(json[1..<(json.count - 1)])
  }
}

extension [UInt8] {
  /// Appends a number, seven bits a byte, the lowest first (LEB128).
  mutating func append(varint number: Int) {
    var rest = UInt64(number)
    while rest >= 0x80 {
      append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}

extension ArraySlice<UInt8> {
  /// Takes a number that ``Array/append(varint:)`` wrote; nil when it is none.
  mutating func popVarint() -> Int? {
    var number: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = popFirst(), shift < 63 {
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(exactly: number) }
      shift += 7
    }
    return nil
  }
}
