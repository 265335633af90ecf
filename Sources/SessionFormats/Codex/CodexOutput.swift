internal import JSONText

/// What the text of a result says about the outcome.
enum CodexOutput {
  /// Longer texts are no output that the program's own tools give.
  private static let longest = 1 << 20
  private static let markers = ["Process exited with code ", "Exit code: "]

  /// Whether a command failed, as far as the conventions of the program's own tools tell.
  ///
  /// Shell tools of before 2026 gave an object with `metadata.exit_code`; others say it in one of the
  /// first lines, before `Output:`.
  static func isFailure(_ text: JSONString) -> Bool {
    guard text.storedCount < longest else { return false }
    var beginning = ""
    text.withUTF8Prefix(300) { bytes in
      beginning = unsafe bytes.withUnsafeBufferPointer {
        unsafe String(decoding: $0, as: UTF8.self)
      }
    }
    if beginning.hasPrefix("{"),
      let code = JSONDocument(ifValid: Array(text.string.utf8))?.root["metadata"]?["exit_code"]?
        .int64
    {
      return code != 0
    }
    for line in beginning.split(
      separator: "\n", maxSplits: 5, omittingEmptySubsequences: false
    ).prefix(5) {
      if line == "Output:" { return false }
      for marker in markers where line.hasPrefix(marker) {
        return Int(line.dropFirst(marker.count)).map { $0 != 0 } ?? false
      }
    }
    return false
  }
}
