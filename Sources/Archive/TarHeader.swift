/// One header block of a tar archive, as POSIX ustar and GNU tar lay it out.
struct TarHeader {
  static let blockSize = 512

  var name: String
  var size: UInt64
  var type: UInt8

  /// Why a block is no header.
  enum Problem: Error {
    case checksum
    case number(String)
    case name
  }

  /// Reads a block.
  init(_ block: ArraySlice<UInt8>) throws(Problem) {
    let block = Array(block)
    guard let stated = Self.octal(block[148..<156]) else { throw .checksum }
    var unsigned: UInt64 = 0
    var signed: Int64 = 0
    for (index, byte) in block.enumerated() {
      let counted = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
      unsigned += UInt64(counted)
      signed += Int64(Int8(bitPattern: counted))
    }
    guard stated == unsigned || Int64(exactly: stated) == signed else { throw .checksum }
    guard let size = Self.number(block[124..<136]) else { throw .number("size") }
    self.size = size
    type = block[156]
    guard var name = Self.text(block[0..<100]) else { throw .name }
    // The prefix field exists in POSIX headers only; GNU's magic ends in a space.
    if Array(block[257..<263]) == Array("ustar\0".utf8) {
      guard let prefix = Self.text(block[345..<500]) else { throw .name }
      if !prefix.isEmpty { name = prefix + "/" + name }
    }
    self.name = name
  }

  static func text(_ field: ArraySlice<UInt8>) -> String? {
    String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Digits between blanks and NULs; an empty field is 0.
  private static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var hasEnded = false
    for byte in field.drop(while: { $0 == 0x20 }) {
      switch byte {
      case 0x30...0x37 where !hasEnded:
        guard value >> 60 == 0 else { return nil }
        value = value << 3 | UInt64(byte - 0x30)
      case 0, 0x20: hasEnded = true
      default: return nil
      }
    }
    return value
  }

  /// An octal number, or GNU's binary form for large ones.
  private static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
    guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
    // Negative numbers, and those of more than 63 bits, make no sense here.
    guard first == 0x80 else { return nil }
    var value: UInt64 = 0
    for byte in field.dropFirst() {
      guard value >> 55 == 0 else { return nil }
      value = value << 8 | UInt64(byte)
    }
    return value
  }
}
