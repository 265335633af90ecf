extension Fingerprint {
  /// Adds content of which only the fingerprint is known.
  ///
  /// - Complexity: O(log *n*) for *n* bytes.
  public mutating func append(_ next: Fingerprint) {
    // Each sum of all sums before it counts the ones before the part once more for each of its bytes.
    let modulus: UInt64 = 65_521
    let (sum, sums) = (UInt64(adler & 0xFFFF), UInt64(adler >> 16))
    let (nextSum, nextSums) = (UInt64(next.adler & 0xFFFF), UInt64(next.adler >> 16))
    let before = (sum + modulus - 1) % modulus
    let joinedSum = (before + nextSum) % modulus
    let joinedSums = (sums + nextSums + before * (next.count % modulus)) % modulus
    adler = UInt32(joinedSums << 16 | joinedSum)
    crc = CyclicCode.product(crc, CyclicCode.shift(bytes: next.count)) ^ next.crc
    count &+= next.count
  }
}

/// Polynomials over two elements, modulo that of CRC-32; the highest bit is the constant term.
private enum CyclicCode {
  private static let modulus: UInt32 = 0xEDB8_8320
  private static let one: UInt32 = 1 << 31

  /// The factor by which so many more bytes move what stands before them.
  static func shift(bytes: UInt64) -> UInt32 {
    var result = one
    // x to the power of eight, of sixteen, and so on.
    var power: UInt32 = one >> 8
    var rest = bytes
    while rest > 0 {
      if rest & 1 == 1 { result = product(result, power) }
      power = product(power, power)
      rest >>= 1
    }
    return result
  }

  static func product(_ a: UInt32, _ b: UInt32) -> UInt32 {
    var product: UInt32 = 0
    var term = b
    for place in 0..<32 {
      if a & one >> UInt32(place) != 0 { product ^= term }
      term = term & 1 == 1 ? term >> 1 ^ modulus : term >> 1
    }
    return product
  }
}
