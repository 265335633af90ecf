public import FileIO

/// Headers and padding of a tar archive in which every run gives the same bytes.
///
/// Owner 0, and time 0 and mode 0644 where no others are given; a name or time that no ustar header
/// holds has a pax header before it.
public enum TarWriter {
  /// The two zero blocks at the end of an archive.
  public static let end = [UInt8](repeating: 0, count: 1_024)

  /// The zeros after a file's content.
  public static func padding(after size: UInt64) -> [UInt8] {
    [UInt8](repeating: 0, count: Int((512 - size % 512) % 512))
  }

  /// What stands before a file's content.
  ///
  /// - Parameters:
  ///   - mode: The permission bits.
  ///   - modified: When the content last changed.
  public static func header(
    name: String, size: UInt64, mode: UInt32 = 0o644,
    modified: FileStatus.Time = FileStatus.Time(seconds: 0, nanoseconds: 0)
  ) -> [UInt8] {
    let needsSize = size >= 1 << 33
    let time = (0..<(1 << 33)).contains(modified.seconds) ? UInt64(modified.seconds) : 0
    let needsTime = modified.nanoseconds != 0 || Int64(time) != modified.seconds
    func block(_ prefix: [UInt8], _ name: [UInt8], _ size: UInt64, _ type: UInt8) -> [UInt8] {
      Self.block(prefix: prefix, name: name, size: size, mode: mode, time: time, type: type)
    }
    if !needsSize, !needsTime, let (prefix, rest) = split(name) {
      return block(prefix, rest, size, UInt8(ascii: "0"))
    }
    var records: [UInt8] = []
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
    let fitting = isASCII ? split(name) : nil
    if needsTime { records += PaxRecords.record("mtime", modified.description) }
    if fitting == nil { records += PaxRecords.record("path", name) }
    if needsSize { records += PaxRecords.record("size", String(size)) }
    let last = name.utf8.split(separator: UInt8(ascii: "/")).last.map { Array($0) } ?? []
    let short = Array(last.map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }.prefix(80))
    var bytes = block(
      [], Array("PaxHeaders/".utf8) + short, UInt64(records.count), UInt8(ascii: "x"))
    bytes += records + padding(after: UInt64(records.count))
    let (prefix, rest) = fitting ?? ([], short)
    bytes += block(prefix, rest, needsSize ? 0 : size, UInt8(ascii: "0"))
    return bytes
  }

  /// The name as ustar's two fields hold it; nil when they cannot.
  private static func split(_ name: String) -> (prefix: [UInt8], name: [UInt8])? {
    let bytes = Array(name.utf8)
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    if bytes.count <= 100 { return ([], bytes) }
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "/") {
      let rest = bytes.count - index - 1
      if index <= 155, rest <= 100, rest > 0, index > 0 {
        return (Array(bytes[..<index]), Array(bytes[(index + 1)...]))
      }
    }
    return nil
  }

  private static func block(
    prefix: [UInt8], name: [UInt8], size: UInt64, mode: UInt32, time: UInt64, type: UInt8
  ) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: TarHeader.blockSize)
    func put(_ bytes: some Collection<UInt8>, at start: Int) {
      block.replaceSubrange(start..<(start + bytes.count), with: bytes)
    }
    func octal(_ value: UInt64, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
    put(name, at: 0)
    put(octal(UInt64(mode & 0o7777), digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(size, digits: 11), at: 124)
    put(octal(time, digits: 11), at: 136)
    put(Array("        ".utf8), at: 148)
    block[156] = type
    put(Array("ustar\u{0}00".utf8), at: 257)
    put(octal(0, digits: 7), at: 329)
    put(octal(0, digits: 7), at: 337)
    put(prefix, at: 345)
    let sum = block.reduce(UInt64(0)) { $0 + UInt64($1) }
    put(octal(sum, digits: 6) + [0, 0x20], at: 148)
    return block
  }
}
