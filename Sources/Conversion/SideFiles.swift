internal import FileIO
internal import SessionCoding
internal import SessionModel

/// What lies beside the sessions of a store, which copies within a format take along.
///
/// It is the files that belong to a session and lie in a folder named after it. The session's own file
/// and those that describe it are written by the format.
struct SideFiles {
  private let source: any SessionSource
  /// The main files of sessions that are copied for themselves.
  private let mains: Set<ExactPath>
  /// Every file that one of these sessions is read from.
  private let read: Set<ExactPath>
  private let isDurable: Bool
  private let info: FormatInfo

  /// - Parameter copied: The sessions of the source that are copied.
  init(
    of source: any SessionSource, _ format: any SessionFormat, copied: [ListedSession],
    isDurable: Bool
  ) {
    self.source = source
    info = format.info
    mains = Set(copied.compactMap(\.files.first).map(Self.key))
    read = Set(copied.flatMap(\.files).map(Self.key))
    self.isDurable = isDurable
  }

  /// By what a file is told from others, however its path is spelled.
  static func key(_ path: String) -> ExactPath { ExactPath(cleanPath(path)) }

  /// The files that describe a session, which the format writes, and where it does.
  static func descriptions(
    of session: ListedSession, besides target: String
  ) -> [(path: String, place: String)] {
    guard let main = session.files.first, let own = stem(main), let other = stem(target) else {
      return []
    }
    return session.files.dropFirst().compactMap { path in
      guard path != main else { return nil }
      if path.hasPrefix(own + "/") || path.hasPrefix(own + ".") {
        return (path, other + path.dropFirst(own.count))
      }
      // In a folder that has but this session.
      let (from, to) = (main.split(separator: "/"), target.split(separator: "/"))
      guard from.last == to.last else { return nil }
      let parts = path.split(separator: "/")
      let shared = zip(from.dropLast(), parts).prefix { $0 == $1 }.count
      let ups = Array(repeating: "..", count: from.count - shared)
      let rest = ups + parts.dropFirst(shared).map(String.init)
      return (path, cleanPath(target + "/" + rest.joined(separator: "/")))
    }
  }

  /// Copies the files of a session that are not at the target yet, with their modes and times.
  ///
  /// - Parameter target: The session's main file there.
  /// - Returns: The files at the target that have other content and were left alone, and what is not
  ///   copied because it grants access.
  func copy(of id: String, besides target: String) throws(FormatError) -> [Finding] {
    guard let files = try source.files(of: id), let main = files.first else { return [] }
    var findings: [Finding] = []
    for file in files.dropFirst() where !mains.contains(Self.key(file.path)) && isOfTool(file) {
      guard let place = Self.place(of: file, besides: target, main: main),
        Self.key(place) != Self.key(file.path)
      else {
        continue
      }
      if info.grantsAccess(file: file.name) {
        findings.append(
          Finding(
            rule: "copy.side-file", severity: .info, place: .file(path: file.path),
            message: "a file beside the session grants access, so it is not copied"))
        continue
      }
      do throws(FileError) {
        if try !copy(file.path, to: place) {
          findings.append(
            Finding(
              rule: "copy.side-file", severity: .warning, place: .file(path: place),
              message: "a file beside the session is there with other content, and stays"))
        }
      } catch {
        throw FormatError(writing: error)
      }
    }
    return findings
  }

  /// Whether a file is one of the tool's own.
  ///
  /// What conversions stored beside a session is written, or left out, with the session.
  private func isOfTool(_ file: SessionFile) -> Bool { !file.name.hasPrefix("carryover-") }

  /// Says which files of a session another format does not get; nil when there are none.
  func leftBehind(of id: String) throws(FormatError) -> Finding? {
    guard let files = try source.files(of: id), let main = files.first else { return nil }
    let left = files.filter { !read.contains(Self.key($0.path)) && isOfTool($0) }
    // A key is not what people look for first.
    guard let first = left.first(where: { !info.grantsAccess(file: $0.name) }) ?? left.first else {
      return nil
    }
    let others = left.count > 1 ? " and \(left.count - 1) more" : ""
    return Finding(
      rule: "store.side-files", severity: .info, place: .file(path: main.path),
      message:
        "files that belong to the session are not taken along: \(first.relativePath)\(others)",
      isSalvaged: true)
  }

  /// Where a file goes; nil for one that does not lie in a folder named after the session.
  private static func place(
    of file: SessionFile, besides target: String, main: SessionFile
  ) -> String? {
    guard let own = stem(main.path), let other = stem(target),
      let folder = stem(main.relativePath)
    else { return nil }
    if file.path.hasPrefix(own + "/") { return other + file.path.dropFirst(own.count) }
    // A folder elsewhere in the store, as `tasks/<session>/`.
    let session = folder.split(separator: "/").last ?? ""
    let depth = main.relativePath.split(separator: "/").count
    let root = target.split(separator: "/", omittingEmptySubsequences: false).dropLast(depth)
    var parts = file.relativePath.split(separator: "/")
    guard let index = parts.dropLast().firstIndex(of: session) else { return nil }
    parts[index] = other.split(separator: "/").last ?? ""
    return (root + parts).joined(separator: "/")
  }

  /// A path without the ending of its name.
  private static func stem(_ path: String) -> String? {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
    return String(path[..<dot])
  }

  /// Copies a file; false when another one is there.
  private func copy(_ path: String, to place: String) throws(FileError) -> Bool {
    guard let status = try FileStatus(path: path), status.kind == .file else { return true }
    if let present = try FileStatus(path: place, followingLinks: false) {
      guard present.kind == .file, present.size == status.size else { return false }
      return try fingerprint(ofFile: place) == fingerprint(ofFile: path)
    }
    if let slash = place.utf8.lastIndex(of: UInt8(ascii: "/")) {
      try createDirectory(String(place[..<slash]))
    }
    let source = try RandomAccessFile(path: path)
    var output = try AtomicOutput(replacing: place, expecting: .nothing)
    var offset: UInt64 = 0
    while true {
      let piece = try source.read(at: offset, count: 1 << 20)
      if piece.isEmpty { break }
      try output.write(piece)
      offset += UInt64(piece.count)
    }
    try output.commitIfAbsent(durable: isDurable)
    try setAttributes(
      of: place, permissions: status.permissions & 0o777, modified: status.modified)
    return true
  }
}
