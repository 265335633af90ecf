internal import CNettle

/// The SHA-256 of content that arrives in pieces.
///
/// A copy goes on by itself, so ``hex`` can be asked for at any point.
public struct ContentDigest: Sendable {
  private var state = sha256_ctx()

  /// The digest of no content yet.
  public init() { unsafe nettle_sha256_init(&state) }

  /// Adds bytes to the content.
  public mutating func update(_ bytes: [UInt8]) { update(bytes[...]) }

  /// Adds bytes to the content.
  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer {
      // The library copies nothing from a null pointer only where the count is zero.
      unsafe nettle_sha256_update(&state, $0.count, $0.baseAddress)
    }
  }

  /// The digest so far as 64 lower-case hexadecimal digits.
  public var hex: String {
    var copy = state
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
    unsafe digest.withUnsafeMutableBufferPointer {
      unsafe nettle_sha256_digest(&copy, $0.count, $0.baseAddress)
    }
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * digest.count)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The digest of some bytes as 64 lower-case hexadecimal digits.
  public static func hex(of bytes: [UInt8]) -> String {
    var digest = ContentDigest()
    digest.update(bytes)
    return digest.hex
  }
}
