internal import FileIO

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

  /// The folder's name for a working directory however it is spelled.
  ///
  /// The program asks the system where it is: links are followed where the folder exists here, and no
  /// slash is doubled or at the end.
  static func key(ofFolder path: String) -> String {
    guard path.hasPrefix("/") else { return key(for: path) }
    return key(for: pathFollowingLinks(path) ?? cleanPath(path))
  }

  /// Whether a folder has a name that the program gives: that of an absolute path, or one with a drive.
  static func isUsual(_ name: String) -> Bool {
    name.hasPrefix("-") || name.dropFirst().hasPrefix("--")
  }

  /// Whether a project folder is that of a working directory.
  static func isKey(_ project: String, of folder: String) -> Bool {
    project == key(for: folder) || project == key(ofFolder: folder)
  }
}
