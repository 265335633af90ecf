import CDeflate

/// A 128-bit content fingerprint: CRC-32, Adler-32 and length.
///
/// It costs a fraction of a nanosecond per byte and detects change, not attack. Splitting the
/// content over several `update` calls makes no difference.
public struct Fingerprint: Hashable, Sendable {
  /// The CRC-32 of the content (the polynomial of gzip).
  public internal(set) var crc: UInt32
  /// The Adler-32 of the content.
  public internal(set) var adler: UInt32
  /// The length of the content in bytes.
  public internal(set) var count: UInt64

  /// The fingerprint of no content.
  public init() {
    crc = 0
    adler = 1
    count = 0
  }

  /// The fingerprint of `bytes`.
  public init(of bytes: [UInt8]) {
    self.init()
    update(bytes)
  }

  /// Adds `bytes` to the content.
  public mutating func update(_ bytes: [UInt8]) {
    update(bytes.span)
  }

  /// Adds `bytes` to the content.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    update(bytes.span)
  }

  /// Adds `bytes` to the content.
  public mutating func update(_ bytes: Span<UInt8>) {
    // In pieces that stay in the cache between the two passes.
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + 64 << 10)
      let piece = bytes.extracting(start..<end)
      unsafe piece.withUnsafeBytes { raw in
        crc = unsafe libdeflate_crc32(crc, raw.baseAddress, raw.count)
        adler = unsafe libdeflate_adler32(adler, raw.baseAddress, raw.count)
      }
      start = end
    }
    count &+= UInt64(bytes.count)
  }
}

extension Fingerprint: CustomStringConvertible, LosslessStringConvertible {
  /// `crc-adler-count`: two numbers of eight hexadecimal digits, and the length in hexadecimal.
  public var description: String {
    "\(Self.hex(crc))-\(Self.hex(adler))-\(String(count, radix: 16))"
  }

  /// Reads what `description` wrote, and nothing else.
  public init?(_ description: String) {
    let parts = description.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let crc = UInt32(parts[0], radix: 16),
      let adler = UInt32(parts[1], radix: 16), let count = UInt64(parts[2], radix: 16)
    else { return nil }
    self.crc = crc
    self.adler = adler
    self.count = count
    guard self.description == description else { return nil }
  }

  private static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
