internal import Crypto

/// SHA-256 in lower-case hexadecimal digits.
struct ChatHash {
  private var hash = SHA256()

  mutating func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
  }

  /// The hash of everything so far.
  var hex: String { Self.hex(hash.finalize()) }

  static func hex(of bytes: [UInt8]) -> String {
    var hash = ChatHash()
    hash.update(bytes[...])
    return hash.hex
  }

  private static func hex(_ digest: SHA256.Digest) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(64)
    for byte in digest {
      for digit in [byte >> 4, byte & 15] { out.append(digit < 10 ? 48 + digit : 87 + digit) }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
