/// What the graph needs to know of one record; never its content.
struct ClaudeNode {
  struct Flags: OptionSet {
    let rawValue: UInt16
    static let sideChain = Flags(rawValue: 1 << 0)
    static let meta = Flags(rawValue: 1 << 1)
    static let summary = Flags(rawValue: 1 << 2)
    static let boundary = Flags(rawValue: 1 << 3)
    /// An error of the API, which is shown and never sent.
    static let apiError = Flags(rawValue: 1 << 4)
    /// Content that makes the program drop the record from what it sends.
    static let malformed = Flags(rawValue: 1 << 5)
    /// Whether reading gives a message for it.
    static let message = Flags(rawValue: 1 << 6)
    /// Whether its time can be parsed.
    static let timed = Flags(rawValue: 1 << 7)
    /// Whether it is the last record of its response, whose usage counts.
    static let lastOfResponse = Flags(rawValue: 1 << 8)
  }

  /// The number of its identifier.
  var slot: Int32
  /// The number of its parent's identifier; negative when there is none.
  var parent: Int32 = -1
  /// The number of the identifier of the call's record, for results.
  var source: Int32 = -1
  /// Its line in the file, from 1.
  var line: Int32
  var kind: ClaudeKind
  var flags: Flags = []
  /// Milliseconds since 1970.
  var time: Int64 = 0
  /// A hash of what it belongs to; 0 for nothing.
  var link: UInt64 = 0

  /// A hash of the response's identifier; 0 when there is none.
  var response: UInt64 { kind == .assistant ? link : 0 }
  /// A hash of the first call that the record answers; 0 when it answers none.
  var answered: UInt64 { kind == .assistant ? 0 : link }
}

/// A 64-bit hash of bytes (FNV-1a), for telling identifiers apart in an index.
func hash64(_ bytes: some Sequence<UInt8>, seed: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
  var hash = seed
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  return hash == 0 ? 1 : hash
}
