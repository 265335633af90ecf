internal import FileIO

/// Where a tool keeps its session files below its folder.
struct FileLayout: Sendable {
  /// Paths of session files, their parts with `*` for any text: `sessions/*/*.jsonl`.
  var patterns: [String]

  /// Paths of files that list or name sessions and that the tool makes anew, with `*` as above.
  var companions: [String] = []

  /// Files that describe a session, by their paths from the folder of its own, whose name is fixed then.
  var descriptions: [String] = []

  /// Names of files among those of the patterns that are no sessions, with `*` as above.
  var others: [String] = []

  /// Whether single files, and folders further down, look like those of another format, so that only the
  /// tool's whole folder is recognised.
  var isKnownByFolder = false

  /// Whether the carry stands in lines of the session's own file, see ``LineCarry``, else beside it.
  var carriesInLines = false

  /// The identifier in the name of a session, see ``name(of:)``; nil where names do not tell.
  var id: @Sendable (_ name: String) -> String? = { _ in nil }

  /// The session files of a location and how many parts of the patterns the location itself stands for.
  struct Listing {
    var files: [String] = []
    /// Names of carry files by the folder that holds them.
    var sides: [ExactPath: [String]] = [:]
    var level = 0
  }

  /// Lists the session files below a folder of the tool, its own one or one further down, by name.
  func list(_ folder: String, _ store: inout StoreFiles) throws(FileError) -> Listing {
    let patterns = patterns.map { $0.split(separator: "/").map(String.init) }
    for level in 0..<(patterns.map(\.count).max() ?? 0) {
      var listing = Listing(level: level)
      for pattern in patterns where level < pattern.count {
        try Self.walk(folder, "", pattern[level...], &listing, &store)
      }
      if !listing.files.isEmpty {
        // Names that only differ in how they spell a letter are different files.
        var seen: Set<ExactPath> = []
        listing.files = listing.files.filter {
          seen.insert(ExactPath($0)).inserted && isSession($0)
        }
        .sorted { bytesPrecede($0, $1) }
        return listing
      }
    }
    return Listing()
  }

  /// The name of a session: that of its file, or of a folder above it where files all have the same name.
  ///
  /// That is the nearest folder whose name is not fixed. One of which only some are meant, such as
  /// `agent-*`, is one of several in a session: its name follows that of the session.
  func name(of path: String) -> String {
    let parts = path.split(separator: "/")
    for pattern in patterns {
      let wanted = pattern.split(separator: "/")
      guard wanted.last == parts.last, let star = wanted.lastIndex(where: { $0.contains("*") }),
        wanted.count - star <= parts.count,
        zip(wanted[star...], parts.suffix(wanted.count - star))
          .allSatisfy({ NamePattern(String($0)).matches(String($1)) })
      else { continue }
      let name = String(parts[parts.count - (wanted.count - star)])
      guard wanted[star] != "*", let above = wanted[..<star].lastIndex(of: "*"),
        wanted.count - above <= parts.count
      else { return name }
      return parts[parts.count - (wanted.count - above)] + "." + name
    }
    return LocatedSession.stem(path)
  }

  private func isSession(_ path: String) -> Bool {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return !others.contains { NamePattern($0).matches(name) }
  }

  /// The files of ``companions`` that are there.
  func storeFiles(in folder: String) throws(FileError) -> [String] {
    // What else stands there is told with the sessions.
    var (listing, store) = (Listing(), StoreFiles())
    for pattern in companions {
      let parts = pattern.split(separator: "/").map(String.init)
      try Self.walk(folder, "", parts[...], &listing, &store)
    }
    return listing.files.sorted()
  }

  private static func walk(
    _ root: String, _ below: String, _ pattern: ArraySlice<String>, _ listing: inout Listing,
    _ store: inout StoreFiles
  ) throws(FileError) {
    guard let part = pattern.first else { return }
    let folder = below.isEmpty ? root : root + "/" + below
    let isLast = pattern.count == 1
    let wanted = NamePattern(part)
    var sides: [String] = []
    for entry in try listDirectory(folder) {
      guard entry.isNameExact else {
        if wanted.matches(entry.name) { store.noteName(of: entry, in: folder) }
        continue
      }
      let relative = below.isEmpty ? entry.name : below + "/" + entry.name
      if isLast, entry.kind == .file, SideCarry.isName(entry.name) { sides.append(entry.name) }
      guard wanted.matches(entry.name) else { continue }
      if isLast {
        if store.isFile(entry, at: root + "/" + relative) { listing.files.append(relative) }
      } else if entry.kind == .directory {
        do throws(FileError) {
          try walk(root, relative, pattern.dropFirst(), &listing, &store)
        } catch {
          store.noteUnreadable(root + "/" + relative, error)
        }
      } else {
        store.noteLinkedFolder(entry, at: root + "/" + relative)
      }
    }
    if !sides.isEmpty { listing.sides[ExactPath(folder)] = sides }
  }

  /// The tool's own folder, when a location is the one with which all patterns begin.
  func root(of path: String) -> String {
    guard let first = patterns.first?.split(separator: "/").first, !first.contains("*"),
      path.split(separator: "/").last == first,
      let folder = LocatedSession.folder(of: path.hasSuffix("/") ? String(path.dropLast()) : path)
    else { return path }
    return folder
  }
}
