extension FileStatus {
  /// What stands at a path as far as can be told; nil for nothing, and for what cannot be looked at.
  ///
  /// For guesses and for lists only, as when a location is recognised: whoever reads the file then says
  /// why it cannot be read. It MUST NOT decide whether something is written or left out.
  public static func guess(_ path: String) -> FileStatus? { (try? FileStatus(path: path)) ?? nil }
}

/// The content of a directory as far as can be told; nothing for one that cannot be listed.
///
/// As ``FileStatus/guess(_:)``, for guesses and for lists only.
public func guessListing(_ path: String) -> [DirectoryEntry] { (try? listDirectory(path)) ?? [] }
