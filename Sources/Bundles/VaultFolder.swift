internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The files of a vault, as they are once a run that was cut off is completed.
///
/// A run prepares everything in a folder of its own inside the vault, names that ``pendingName`` in
/// one step, and then moves the files to their places. Until that is done, each file is in one place
/// or the other, so both together are the vault.
struct VaultFolder: Sendable {
  static let preparedName = ".carryover-new"
  static let pendingName = ".carryover-pending"

  let path: String
  let hasPending: Bool
  /// The folder inside whose files come before those of the vault.
  private let added: String

  /// The vault as it will be with what is in a folder inside it.
  init(_ path: String, adding added: String) {
    self.path = path
    self.added = added
    hasPending = true
  }

  init(_ path: String) throws(FormatError) {
    self.path = path
    added = Self.pendingName
    hasPending = try reading { () throws(FileError) in
      try FileStatus(path: path + "/" + Self.pendingName, followingLinks: false)?.kind
        == .directory
    }
  }

  /// Where a file is; nil if it is nowhere.
  func file(_ name: String) throws(FormatError) -> String? {
    try reading { () throws(FileError) in
      if hasPending {
        let pending = path + "/" + added + "/" + name
        if try FileStatus(path: pending, followingLinks: false)?.kind == .file { return pending }
      }
      let settled = path + "/" + name
      return try FileStatus(path: settled, followingLinks: false)?.kind == .file ? settled : nil
    }
  }

  /// The tag files that every bundle has, by name.
  func tagFiles() throws(FormatError) -> [String: [UInt8]] {
    var tags: [String: [UInt8]] = [:]
    for name in BundleLayout.tags {
      guard let file = try file(name) else { continue }
      tags[name] = try reading { () throws(FileError) in try readFile(file) }
    }
    return tags
  }

  /// Walks the files in byte order.
  func forEachFile(
    below folder: String?, _ body: (BundleFile) throws(FormatError) -> Void
  ) throws(FormatError) -> BundleWalk {
    var walk = BundleWalk()
    walk.root = path.split(separator: "/").last.map(String.init)
    var names: Set<String> = []
    for base in hasPending ? [path, path + "/" + added] : [path] {
      try reading { () throws(FileError) in
        try Self.list(base, folder ?? "", &names, &walk)
      }
    }
    for name in names.sorted(by: BagManifest.precedes) {
      guard let file = try file(name) else { continue }
      let source = try reading { () throws(FileError) in try RandomAccessFile(path: file) }
      var offset: UInt64 = 0
      try body(
        BundleFile(path: name, size: source.size) { () throws(FormatError) in
          let piece = try reading { () throws(FileError) in
            try source.read(at: offset, count: 256 << 10)
          }
          offset += UInt64(piece.count)
          return piece.isEmpty ? nil : piece[...]
        })
    }
    return walk
  }

  private static func list(
    _ base: String, _ folder: String, _ names: inout Set<String>, _ walk: inout BundleWalk
  ) throws(FileError) {
    let place = folder.isEmpty ? base : base + "/" + folder
    guard try FileStatus(path: place, followingLinks: false)?.kind == .directory else { return }
    for entry in try listDirectory(place) {
      if folder.isEmpty, entry.name == preparedName || entry.name == pendingName { continue }
      let name = folder.isEmpty ? entry.name : folder + "/" + entry.name
      guard entry.isNameExact, entry.kind == .file || entry.kind == .directory else {
        walk.foreign.append((name, entry.kind))
        continue
      }
      if entry.kind == .directory {
        try list(base, name, &names, &walk)
      } else {
        names.insert(name)
      }
    }
  }
}
