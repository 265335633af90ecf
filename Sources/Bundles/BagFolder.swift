internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A bag that is a folder, such as an archive that was unpacked.
struct BagFolder: Sendable {
  let path: String

  /// Where a file is; nil if it is not there.
  func file(_ name: String) throws(FormatError) -> String? {
    try reading { () throws(FileError) in
      let file = path + "/" + name
      return try FileStatus(path: file, followingLinks: false)?.kind == .file ? file : nil
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
    try reading { () throws(FileError) in try Self.list(path, folder ?? "", &names, &walk) }
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
