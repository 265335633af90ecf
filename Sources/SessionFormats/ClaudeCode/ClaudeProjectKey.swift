/// Names of project folders: the working folder with dashes.
enum ClaudeProjectKey {
  /// The folder's name for a working directory, as the program on Linux forms it.
  ///
  /// Every UTF-16 code unit outside `[a-zA-Z0-9]` becomes a dash; beyond 200 characters the rest is
  /// a hash in base 36 (both observed with 2.1.329).
  static func key(for path: String) -> String {
    var name: [UInt8] = []
    var hash: Int32 = 0
    for unit in path.utf16 {
      hash = hash &* 31 &+ Int32(unit)
      switch unit {
      case 48...57, 65...90, 97...122: name.append(UInt8(truncatingIfNeeded: unit))
      default: name.append(UInt8(ascii: "-"))
      }
    }
    let text = String(decoding: name, as: UTF8.self)
    guard name.count > 200 else { return text }
    return text.prefix(200) + "-" + String(hash.magnitude, radix: 36)
  }
}
