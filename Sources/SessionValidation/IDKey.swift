import JSONText

/// A 64-bit stand-in for an identifier, so that the index holds no texts.
///
/// FNV-1a over the UTF-8 bytes: the same in every run, unlike `Hasher`, and byte-exact, unlike the
/// hash of `String`, for which canonically equivalent spellings are one. Among a million identifiers
/// two collide with a chance of about 1 in 40 million; the outcome is then a wrong finding, not loss.
struct IDKey: Hashable, Sendable {
  let value: UInt64

  init(_ bytes: some Sequence<UInt8>) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    value = hash
  }

  init(_ text: String) {
    self.init(text.utf8)
  }

  init(_ text: JSONString) {
    var bytes: [UInt8] = []
    text.appendUTF8(to: &bytes)
    self.init(bytes)
  }
}
