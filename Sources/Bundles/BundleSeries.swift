internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A bundle with the earlier ones of its series that it refers to.
struct BundleSeries: Sendable {
  let newest: Bundle
  private var others: [String: Bundle] = [:]

  /// Opens a bundle and finds those that it refers to: among `bases`, then beside it and beside these.
  ///
  /// - Throws: `.notFound` when one that is needed is in neither place.
  init(
    _ newest: Bundle, bases: [String], needed: [BundleEntry], identity: String?
  ) throws(FormatError) {
    self.newest = newest
    if case .vault(let vault) = newest.storage {
      others = Dictionary(vault.packs.map { ($0.path, $0) }) { first, _ in first }
      return
    }
    var missing = Set(needed.compactMap(\.bundle))
    missing.remove(newest.identifier)
    var candidates = bases[...]
    var hasListed = false
    while !missing.isEmpty {
      guard let path = candidates.popFirst() else {
        if hasListed { break }
        hasListed = true
        for path in [newest.path] + bases { candidates += try Self.beside(path) }
        continue
      }
      // Other archives in the folder may be anything; one that was named is opened again, for the reason.
      guard let bundle = try? Bundle(path, identity: identity), missing.contains(bundle.identifier)
      else {
        if bases.contains(path), !hasListed { _ = try Bundle(path, identity: identity) }
        continue
      }
      missing.remove(bundle.identifier)
      others[bundle.identifier] = bundle
    }
    if let identifier = missing.min() {
      throw FormatError(
        .notFound, "an earlier bundle of the series is missing: \(identifier)",
        at: .file(path: newest.path),
        advice: "put it in the same folder, or name it with --base")
    }
  }

  /// A pack that is to be added to a vault, with those that are there.
  init(_ pack: Bundle, of vault: Vault) {
    newest = pack
    others = Dictionary(vault.packs.map { ($0.path, $0) }) { first, _ in first }
  }

  private static func beside(_ path: String) throws(FormatError) -> [String] {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    let folder = path.contains("/") ? String(path.dropLast(name.count)) : "./"
    return try reading { () throws(FileError) in
      try listDirectory(folder).filter {
        $0.kind != .directory && $0.isNameExact && $0.name != name
          && BundleLayout.isArchive($0.name)
      }.map { folder + $0.name }
    }
  }

  /// The bundle that holds an entry's files.
  func bundle(of entry: BundleEntry) -> Bundle {
    entry.bundle.flatMap { others[$0] } ?? newest
  }

  /// The entries, by the bundle that holds them.
  func grouped(_ entries: [BundleEntry]) -> [(bundle: Bundle, entries: [BundleEntry])] {
    var groups: [String: [BundleEntry]] = [:]
    for entry in entries { groups[bundle(of: entry).path, default: []].append(entry) }
    return groups.sorted { $0.key < $1.key }.compactMap { path, entries in
      entries.first.map { (bundle(of: $0), entries) }
    }
  }
}
