/// Names by which people know archives.
enum ArchiveName {
  private static let endings = [
    ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".zip", ".7z", ".age",
  ]

  /// Whether a path is named like an archive.
  static func isOne(_ path: String) -> Bool {
    let name = path.lowercased()
    return endings.contains { name.hasSuffix($0) }
  }
}
