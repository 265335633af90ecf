/// One value (or object key) of the offset tape.
///
/// Nodes stand in text order. A container is followed by its content, an object by key, value, key,
/// value; `next` jumps over the whole subtree.
struct TapeNode: Sendable {
  /// Byte offset of the first byte, quotes and brackets included.
  var start: UInt32
  /// Byte offset after the last byte.
  var end: UInt32
  /// Index of the first node after this subtree; while a container is open, its parent.
  var next: UInt32
  var kind: JSONValue.Kind
  var flags: StringFlags
}

/// What the scanner learned about one string, so that nobody has to look again.
struct StringFlags: OptionSet, Sendable {
  let rawValue: UInt8

  /// There is at least one backslash.
  static let escaped = StringFlags(rawValue: 1)
  /// There is at least one byte above 0x7F.
  static let nonASCII = StringFlags(rawValue: 2)
  /// An escape that Go's plain encoder would have spelled otherwise (`\/`, `\u0041`, `\u001F`).
  static let nonCanonical = StringFlags(rawValue: 4)
  /// The bytes are not valid UTF-8.
  static let invalidUTF8 = StringFlags(rawValue: 8)
  /// There is a raw U+2028 or U+2029.
  static let separator = StringFlags(rawValue: 16)
  /// An escaped surrogate without its partner.
  static let loneSurrogate = StringFlags(rawValue: 32)

  /// Decoded content is not simply the bytes between the quotes.
  static let needsDecoding: StringFlags = [.escaped, .invalidUTF8]
  /// Decoding replaces something by U+FFFD.
  static let inexact: StringFlags = [.invalidUTF8, .loneSurrogate]
}
