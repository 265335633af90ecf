internal import FileIO
internal import JSONText
internal import SessionModel

/// Where a session's file lies below the folder of its tool, as a field of the head.
///
/// By it a session that comes back goes to where it was.
enum FilePlace {
  private static let key = "path"

  /// - Parameter usual: Where the session would go without it; the folder is stated if it is another, so
  ///   that a session whose folder of work is mapped goes to the folder of the new one.
  static func extra(_ file: LocatedSession, of format: String, usual: String?) -> Extra? {
    var path = file.relativePath
    if path == usual { return nil }
    if let usual, let folder = LocatedSession.folder(of: usual),
      LocatedSession.folder(of: path) == folder
    {
      path = String(path.dropFirst(folder.count + 1))
    }
    return Extra(format: format, key: key, value: RawJSON(string: JSONString(path)))
  }

  /// The path that a head states, when a session with that identifier can be written there.
  ///
  /// - Parameter place: Where the session would go otherwise; a file that was read by itself goes into
  ///   that folder, by its own name.
  static func path(
    in head: SessionHead, id: String, of format: String, _ layout: FileLayout,
    otherwise place: String
  ) -> String? {
    guard let stated = head.extras.text(key, of: format) else { return nil }
    let folder = LocatedSession.folder(of: place).map { $0 + "/" } ?? ""
    let path = stated.contains("/") ? stated : folder + stated
    let stem = LocatedSession.stem(path)
    guard layout.holds(path),
      stem == id || layout.id(layout.name(of: path)).map({ $0 == id }) ?? true
    else {
      return nil
    }
    return path
  }
}

extension FileLayout {
  private static func isSafe(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  /// Whether a path is one that session files have, and safe to be written.
  func holds(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    return parts.allSatisfy(Self.isSafe)
      && patterns.contains { pattern in
        let wanted = pattern.split(separator: "/").map(String.init)
        return wanted.count == parts.count
          && zip(parts, wanted).allSatisfy { NamePattern($1).matches($0) }
      }
  }
}
