/// Finds Base64 texts in bytes of any kind: what a medium is in a JSON string.
///
/// A text counts from ``smallest`` on. To find it not every byte is looked at: of the bytes that a
/// text as long would have to cover, the last one that cannot be Base64 tells where to go on.
enum Base64Runs {
  /// The length of the shortest text that counts: media of more than 4 KiB.
  static let smallest = 5_464
  /// Longer texts are left alone, so that little is held at a time.
  static let largest = 16 << 20

  /// The texts, padding included, and where a text begins that the end of the bytes cuts off.
  static func find(in bytes: ArraySlice<UInt8>) -> (found: [Range<Int>], tail: Int) {
    var found: [Range<Int>] = []
    var start = bytes.startIndex
    while bytes.endIndex - start >= smallest {
      // The last byte in reach that ends a text is where the next may begin after.
      var place = start + smallest
      while place > start, isDigit[Int(bytes[place - 1])] { place -= 1 }
      if place > start {
        start = place
        continue
      }
      var end = start + smallest
      while end < bytes.endIndex, isDigit[Int(bytes[end])] { end += 1 }
      if end == bytes.endIndex { return (found, start) }
      var padded = end
      while padded < bytes.endIndex, padded < end + 2, bytes[padded] == UInt8(ascii: "=") {
        padded += 1
      }
      if padded == bytes.endIndex { return (found, start) }
      if (padded - start).isMultiple(of: 4) { found.append(start..<padded) }
      start = padded
    }
    var tail = bytes.endIndex
    while tail > start, isDigit[Int(bytes[tail - 1])] || bytes[tail - 1] == UInt8(ascii: "=") {
      tail -= 1
    }
    return (found, tail)
  }

  private static let isDigit: [Bool] = (0...255).map { (byte: UInt8) in
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
