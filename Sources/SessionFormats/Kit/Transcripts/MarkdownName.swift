internal import FileIO
internal import SessionCoding

/// Names of session files.
enum MarkdownName {
  static let suffix = ".md"
  /// The file that lists the sessions of a folder.
  static let index = "index.md"

  /// The file of a session: its identifier when that is a safe name, else a name derived from it.
  static func fileName(for id: String) -> String {
    let isSafe =
      SafeName.isSafeFileName(id) && id.utf8.count <= 100 && id.lowercased() + suffix != index
    if isSafe { return id + suffix }
    let kept = id.utf8.map {
      SafeName.isSafeFileName(String(decoding: [$0], as: UTF8.self)) ? $0 : UInt8(ascii: "_")
    }
    var name = String(decoding: kept.prefix(60), as: UTF8.self)
    while name.hasPrefix("-") || name.hasPrefix(".") { name.removeFirst() }
    return name.replacing("..", with: "__") + "_" + ContentHash(Array(id.utf8)[...]).hex + suffix
  }

  /// The name of a file without folder and ending.
  static func identifier(ofFile path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
  }
}
