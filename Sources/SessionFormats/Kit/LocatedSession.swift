internal import FileIO

/// A session and the file that holds it.
struct LocatedSession: SessionHolder, Hashable {
  /// The identifier to open the session with.
  var id: String
  /// The file that is read.
  var path: String
  /// The path that places and names are taken from: the same, unless the session is staged.
  var name: String
  /// The path below the location that was opened.
  var relativePath: String
  /// The files beside it that may hold its carry.
  var sides: [String] = []
  /// The files beside it that describe it, by their paths from its folder.
  var descriptions: [String] = []
  /// What stands in these, once the session is read.
  var texts: [String: [UInt8]] = [:]
  /// Titles that an index of the store gives sessions, by their identifiers.
  var titles: [String: String] = [:]

  init(id: String, path: String, relativePath: String) {
    self.id = id
    self.path = path
    name = path
    self.relativePath = relativePath
  }

  var readPath: String { path }

  /// The file, those that describe it, and those that hold its carry.
  var files: [String] {
    let folder = Self.folder(of: path) ?? "."
    return [path] + descriptions.map { cleanPath(folder + "/" + $0) }
      + sides.map { folder + "/" + $0 }
  }

  /// The file's name without its last extension.
  var stem: String { Self.stem(relativePath) }

  /// The name of a path's last part without its last extension.
  static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
    return String(name[..<dot])
  }

  /// The folder of a path, or of the folder that many levels above it; nil where there is none.
  static func folder(of path: String, up levels: Int = 1) -> String? {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > levels else { return nil }
    parts.removeLast(levels)
    return parts == [""] ? "/" : parts.joined(separator: "/")
  }
}
