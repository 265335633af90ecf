internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The original of a session, taken out of a bundle into a private folder and checked.
struct StagedSession: Sendable {
  var entry: BundleEntry
  var note: SourceNote
  /// Where the files of `raw/` are now, by their names there; `source.json` is left out.
  var files: [String: String] = [:]
  /// Why the original cannot be used.
  var damage: String?
}

/// Takes originals out of bundles.
struct SessionUnpacking {
  private let folder: String
  private var byFolder: [String: Int] = [:]
  private var sessions: [StagedSession] = []
  private var manifest = BagManifest()
  /// The files of originals that the manifest lists, from the folders of their sessions.
  private var paths: [String: [String]] = [:]
  /// The sessions whose notes were found.
  private var noted: Set<Int> = []
  /// How many files were unpacked.
  private var count = 0

  /// Whether of an archive with an index only the parts with the originals are read.
  private let readsParts: Bool

  /// - Parameters:
  ///   - folder: A private folder that nothing else uses.
  ///   - readsParts: Whether of an archive with an index only what is needed is read, and the rest not
  ///     checked.
  init(into folder: String, readsParts: Bool = false) {
    self.folder = folder
    self.readsParts = readsParts
  }

  /// Unpacks the originals of some entries, all of one bundle.
  ///
  /// With a member index only their part of an archive is read.
  mutating func unpack(_ entries: [BundleEntry], of bundle: Bundle) throws(FormatError)
    -> [StagedSession]
  {
    try writing { () throws(FileError) in try createDirectory(folder) }
    byFolder = [:]
    sessions = []
    manifest = BagManifest(bundle.tags[BundleLayout.manifest] ?? []) { _, _ in }
    paths = [:]
    noted = []
    for path in manifest.digests.keys {
      guard let folder = BundleLayout.folder(of: path) else { continue }
      let name = String(path.dropFirst(folder.count + 1))
      guard name.hasPrefix("raw/"), name != BundleLayout.sourceNote else { continue }
      paths[folder, default: []].append(name)
    }
    for (index, entry) in entries.enumerated() {
      byFolder[entry.path] = index
      sessions.append(
        StagedSession(
          entry: entry,
          note: SourceNote(
            tool: entry.tool, profile: nil, id: entry.sourceID, how: "copy", path: "", store: "",
            files: [])))
    }
    var lost: FormatError?
    if bundle.hasIndex, entries.count <= 4 || readsParts {
      var ranges: [String: [Range<UInt64>]] = [:]
      if case .archive(_, let members?) = bundle.storage { ranges = members.rangesByFolder }
      for (index, entry) in entries.enumerated() {
        do throws(FormatError) {
          try bundle.forEachFile(below: entry.path, in: ranges[entry.path]) {
            (file) throws(FormatError) in
            try take(file)
          }
        } catch  where [.damaged, .notRecognised].contains(error.code) {
          // The others lie in other parts of the archive.
          sessions[index].damage = error.description
        }
      }
    } else {
      lost = try bundle.forEachReadableFile { (file) throws(FormatError) in try take(file) }
    }
    for index in sessions.indices { check(index, lost) }
    try putMediaBack(from: bundle)
    return sessions
  }

  /// Completes originals whose media lie among the blobs.
  private mutating func putMediaBack(from bundle: Bundle) throws(FormatError) {
    var needed: Set<String> = []
    for session in sessions where session.damage == nil {
      for file in session.note.files { needed.formUnion(file.cuts.map(\.blob)) }
    }
    guard !needed.isEmpty else { return }
    let place = folder + "/" + BundleLayout.digestStart(bundle.path + "\nblobs", 32)
    try writing { () throws(FileError) in try createDirectory(place) }
    let folders =
      needed.count <= 4
      ? Set(needed.map { "\(BundleLayout.blobs)/\($0.prefix(2))" }).sorted()
      : [BundleLayout.blobs]
    for folder in folders {
      try bundle.forEachFile(below: folder) { (file) throws(FormatError) in
        let name = file.path.split(separator: "/").last.map(String.init) ?? ""
        guard needed.contains(name), file.path == BundleLayout.blob(name),
          try copy(file, to: place + "/" + name) == name
        else { return }
        needed.remove(name)
      }
    }
    for index in sessions.indices where sessions[index].damage == nil {
      for file in sessions[index].note.files where !file.cuts.isEmpty {
        if let missing = file.cuts.first(where: { needed.contains($0.blob) }) {
          sessions[index].damage = "the blob \(missing.blob) is missing or damaged"
        } else if let path = sessions[index].files[file.name],
          try !OriginalAssembly.complete(path, file, from: place)
        {
          sessions[index].damage = "\(file.name) with its media is not what its note says"
        }
      }
    }
    discardTree(place)
  }

  private mutating func take(_ file: BundleFile) throws(FormatError) {
    guard let folder = BundleLayout.folder(of: file.path), let index = byFolder[folder] else {
      return
    }
    let name = file.path.dropFirst(folder.count + 1)
    guard name.hasPrefix("raw/"), BagPath.problem(String(name)) == nil else { return }
    let stated = manifest.digests[file.path]
    if name == BundleLayout.sourceNote {
      let bytes = try file.readAll(limit: 64 << 20)
      if ContentDigest.hex(of: bytes) != stated { note(file.path, differsFor: index) }
      if let note = SourceNote(bytes) {
        sessions[index].note = note
        noted.insert(index)
      }
      return
    }
    // The names of a bundle are not those of files here.
    count += 1
    let target = "\(self.folder)/\(count)"
    if try copy(file, to: target) != stated { note(file.path, differsFor: index) }
    sessions[index].files[String(name.dropFirst(4))] = target
  }

  private mutating func note(_ path: String, differsFor index: Int) {
    sessions[index].damage = "\(path) is not what the bundle's manifest says"
  }

  /// Copies a file out of the bundle; gives its digest.
  private func copy(_ file: BundleFile, to target: String) throws(FormatError) -> String {
    if file.size <= PayloadFile.pieceSize {
      // Most files are small, and nobody else sees the folder.
      let bytes = try file.readAll()
      _ = try writing { () throws(FileError) in try createFileIfAbsent(target, bytes) }
      return ContentDigest.hex(of: bytes)
    }
    var digest = ContentDigest()
    var output = try writing { () throws(FileError) in try AtomicOutput(replacing: target) }
    while let piece = try file.next() {
      digest.update(piece)
      do throws(FileError) { try output.write(piece) } catch { throw FormatError(writing: error) }
    }
    do throws(FileError) {
      try output.commit(durable: false)
    } catch {
      throw FormatError(writing: error)
    }
    return digest.hex
  }

  /// - Parameter lost: Why some of the bundle cannot be read.
  private mutating func check(_ index: Int, _ lost: FormatError?) {
    let entry = sessions[index].entry
    let names = sessions[index].files.keys
    // Bundles of other programs have none.
    let needsNote =
      !entry.store.isEmpty || manifest.digests["\(entry.path)/\(BundleLayout.sourceNote)"] != nil
    let end = lost.map { ", because the bundle is damaged: \($0.message)" } ?? ""
    for path in paths[entry.path] ?? [] where !names.contains(String(path.dropFirst(4))) {
      sessions[index].damage =
        sessions[index].damage ?? "\(entry.path)/\(path) is missing\(end)"
    }
    for file in sessions[index].note.files where file.holder == nil && !names.contains(file.name) {
      sessions[index].damage = sessions[index].damage ?? "the file \(file.name) is missing\(end)"
    }
    if needsNote, !noted.contains(index) {
      sessions[index].damage =
        sessions[index].damage
        ?? "its source.json, which says where its files go, is missing or damaged\(end)"
    }
    if names.isEmpty, sessions[index].note.files.isEmpty {
      sessions[index].damage = sessions[index].damage ?? "its original is missing\(end)"
    }
    if sessions[index].note.files.isEmpty {
      // A bundle of another program: everything in `raw/` is the original.
      sessions[index].note.files = names.sorted().map {
        SourceNote.File(
          name: $0, relativePath: $0, size: 0,
          digest: manifest.digests[entry.path + "/raw/" + $0] ?? "")
      }
    }
    for file in sessions[index].note.files where file.holder == nil && file.cuts.isEmpty {
      if manifest.digests[entry.path + "/raw/" + file.name] != file.digest {
        sessions[index].damage =
          sessions[index].damage ?? "the file \(file.name) is not what its note says"
      }
    }
    sessions[index].note.tool = entry.tool
    if sessions[index].note.id.isEmpty { sessions[index].note.id = entry.sourceID }
    if sessions[index].note.rawDigest != entry.rawDigest {
      sessions[index].damage =
        sessions[index].damage ?? "its original is not the one in the catalogue"
    }
  }
}
