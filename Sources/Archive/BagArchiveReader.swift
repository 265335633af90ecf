/// Walks the files of a bag in a tar archive; every name is checked before it is given out.
public final class BagArchiveReader {
  /// A file of the bag.
  public struct File: Sendable, Hashable {
    /// The path from the bag's root.
    public var path: String
    /// The number of bytes.
    public var size: UInt64
  }

  private let tar: TarReader
  /// The bag's one top-level folder, known after the first file.
  public private(set) var root: String?
  private var seen: [String: String] = [:]

  /// Creates a reader over an archive that was opened at its start, or at a part of it.
  public init(_ tar: TarReader, root: String? = nil) {
    self.tar = tar
    self.root = root
  }

  /// What is unusual at the end of the archive; complete after the last file.
  public var warnings: [String] { tar.warnings }

  /// The next file; nil at the end.
  ///
  /// - Throws: `.refusedName` and `.duplicateName` besides what reading reports.
  public func next() throws(ArchiveError) -> File? {
    while let entry = try tar.next() {
      let path = try path(of: entry)
      guard entry.kind == .file else { continue }
      if path.isEmpty {
        throw ArchiveError(.refusedName, "a file stands beside the bag", entry: entry.name)
      }
      if let other = seen.updateValue(path, forKey: BagPath.folded(path)) {
        throw ArchiveError(
          .duplicateName,
          other == path
            ? "two files have the same name" : "a file's name differs from \(other) in case only",
          entry: path)
      }
      return File(path: path, size: entry.size)
    }
    return nil
  }

  /// The next bytes of the current file; nil at its end.
  public func read() throws(ArchiveError) -> ArraySlice<UInt8>? { try tar.read() }

  /// All of the current file.
  ///
  /// - Throws: `.limit` above a number of bytes.
  public func readAll(limit: Int) throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let part = try read() {
      guard part.count <= limit - bytes.count else {
        throw ArchiveError(.limit, "a file that is held in memory has more than \(limit) bytes")
      }
      bytes += part
    }
    return bytes
  }

  /// The path from the root; empty for the root itself.
  private func path(of entry: TarEntry) throws(ArchiveError) -> String {
    var name = Substring(entry.name)
    while name.hasPrefix("./") { name = name.dropFirst(2) }
    if entry.kind == .directory, name.isEmpty || name == "." { return "" }
    if let problem = BagPath.problem(String(name)) {
      throw ArchiveError(
        .refusedName, "a name \(problem); nothing was unpacked", entry: entry.name)
    }
    let slash = name.firstIndex(of: "/")
    let top = String(name[..<(slash ?? name.endIndex)])
    if let root, root != top {
      throw ArchiveError(
        .refusedName, "the archive has a second top-level folder beside \(root)",
        entry: entry.name)
    }
    guard let slash else {
      if entry.kind == .directory { root = top }
      return ""
    }
    root = top
    return String(name[name.index(after: slash)...])
  }
}
