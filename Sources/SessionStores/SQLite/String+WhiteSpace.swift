internal import SessionFormats

extension String {
  /// Without the white space at both ends that Go's `strings.TrimSpace` removes.
  var trimmingUnicodeWhiteSpace: String {
    guard let bytes = UnicodeWhiteSpace.trimmed(Array(utf8)[...]) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
