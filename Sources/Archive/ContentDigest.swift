internal import Crypto

/// A SHA-256 in the making.
public struct ContentDigest: Sendable {
  private var hash = SHA256()

  /// The digest of no content yet.
  public init() {}

  /// Adds bytes to the content.
  public mutating func update(_ bytes: [UInt8]) { update(bytes[...]) }

  /// Adds bytes to the content.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  /// The digest so far as 64 lower-case hexadecimal digits.
  public var hex: String { Self.hex(of: hash.finalize()) }

  /// The digest of some bytes as 64 lower-case hexadecimal digits.
  public static func hex(of bytes: [UInt8]) -> String {
    var digest = ContentDigest()
    digest.update(bytes)
    return digest.hex
  }

  private static func hex(of digest: SHA256.Digest) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(64)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
