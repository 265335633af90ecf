internal import SessionCoding

/// Looks for media in a file that comes in pieces.
struct MediumScan {
  private var rest: [UInt8] = []
  /// Where the rest, or the next piece, stands in the file.
  private var offset: UInt64 = 0

  /// Gives the texts that have come to their end, with their places in the file.
  mutating func look(
    at piece: ArraySlice<UInt8>,
    _ body: (_ offset: UInt64, _ text: ArraySlice<UInt8>) throws(FormatError) -> Void
  ) throws(FormatError) {
    var bytes = piece
    if !rest.isEmpty {
      rest += piece
      bytes = rest[...]
    }
    let (found, tail) = Base64Runs.find(in: bytes)
    for range in found where range.count <= Base64Runs.largest {
      try body(offset + UInt64(range.lowerBound - bytes.startIndex), bytes[range])
    }
    let kept = bytes.endIndex - tail <= Base64Runs.largest ? bytes[tail...] : []
    offset += UInt64(bytes.count - kept.count)
    rest = Array(kept)
  }
}
