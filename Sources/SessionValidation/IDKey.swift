import JSONText

/// A 64-bit stand-in for an identifier, so that the index holds no texts.
///
/// FNV-1a over the UTF-8 bytes: the same in every run, unlike `Hasher`, and byte-exact, unlike the
/// hash of `String`, for which canonically equivalent spellings are one. Among a million identifiers
/// two collide with a chance of about 1 in 40 million; the outcome is then a wrong finding, not loss.
struct IDKey: Hashable, Sendable {
  let value: UInt64

  init(_ bytes: Span<UInt8>) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
    value = hash
  }

  init(_ text: String) {
    self.init(text.utf8.span)
  }

  init(_ text: JSONString) {
    self = text.withDecodedBytes { IDKey($0) }
  }
}
