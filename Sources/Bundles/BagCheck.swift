internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Checks the files of a bag: rules B1 to B9 and B11 of the layout.
struct BagCheck {
  struct File {
    var size: UInt64
    /// Empty when contents are not looked at.
    var digest: String
  }

  let path: String
  let depth: Verification.Depth
  /// What other packs of a vault hold.
  var elsewhere: Set<BundleEntry.Identity> = []
  var findings: [Finding] = []
  private(set) var files: [String: File] = [:]
  private var references: Set<String> = []
  /// The blobs without which originals are not whole.
  private var needed: Set<String> = []
  /// The notes of originals, by the folders of the sessions.
  private var notes: [String: SourceNote] = [:]

  init(path: String, depth: Verification.Depth) {
    self.path = path
    self.depth = depth
  }

  mutating func add(
    _ rule: String, _ severity: Severity, _ message: String, file: String? = nil
  ) {
    findings.append(
      Finding(
        rule: rule, severity: severity,
        place: .file(path: file.map { "\(path):\($0)" } ?? path), message: message))
  }

  mutating func run(_ bundle: Bundle, _ interruption: Interruption) throws(FormatError) {
    if case .archive = bundle.storage { try sideFiles(isWhole: depth != .quick) }
    do throws(FormatError) {
      try walk(bundle, interruption)
    } catch {
      if error.code == .interrupted || error.code == .notReadable { throw error }
      add("archive.readable", .error, error.message)
      return
    }
    checkDeclaration(bundle)
    checkManifest(bundle)
    checkTagManifest(bundle)
    checkOxum(bundle)
    checkIndex(bundle)
    checkBlobs()
    if case .archive(let archive, let index?) = bundle.storage {
      try check(index, of: archive.open())
    }
  }

  private static let noteEnd = "/" + BundleLayout.sourceNote

  // MARK: Walking

  private mutating func walk(_ bundle: Bundle, _ interruption: Interruption)
    throws(FormatError)
  {
    let isQuick = depth == .quick
    let walk = try bundle.forEachFile { (file) throws(FormatError) in
      try interruption.check()
      if let problem = BagPath.problem(file.path) {
        add("archive.path", .error, "the path \(problem)", file: file.path)
      }
      let isFolder = if case .folder = bundle.storage { true } else { false }
      if isQuick, isFolder, file.path.hasPrefix("data/") {
        files[file.path] = File(size: file.size, digest: "")
        return
      }
      var digest = ContentDigest()
      let name = file.path.split(separator: "/").last ?? ""
      let refers = depth == .full && file.path.hasPrefix("data/sessions/")
      var scan =
        refers && ["session.jsonl", "transcript.md", "source.json"].contains(name)
        ? BlobScan() : nil
      var note: [UInt8]? = !isQuick && file.path.hasSuffix(Self.noteEnd) ? [] : nil
      while let piece = try file.next() {
        if !isQuick || !file.path.hasPrefix("data/") { digest.update(piece) }
        scan?.look(at: piece)
        if note?.count ?? 0 < 64 << 20 { note?.append(contentsOf: piece) }
      }
      if let scan { references.formUnion(scan.found) }
      if let note = note.flatMap({ SourceNote($0) }) {
        notes[String(file.path.dropLast(Self.noteEnd.count))] = note
      }
      files[file.path] = File(
        size: file.size,
        digest: isQuick && file.path.hasPrefix("data/") ? "" : digest.hex)
    }
    for (path, kind) in walk.foreign {
      add(
        "archive.path", .error,
        kind == .symbolicLink ? "a symbolic link, which no bundle has" : "no ordinary file",
        file: path)
    }
    for warning in walk.warnings { add("archive.end", .warning, warning) }
    var folded: [String: String] = [:]
    for name in files.keys.sorted(by: BagManifest.precedes) {
      if let other = folded.updateValue(name, forKey: BagPath.folded(name)) {
        add("archive.path", .error, "the name differs from \(other) in case only", file: name)
      }
    }
    if case .archive = bundle.storage, let root = walk.root,
      root != BundleLayout.rootName(of: path)
    {
      add(
        "archive.root-name", .warning,
        "the folder in the archive is called \(root), not like the archive")
    }
  }

  // MARK: Tag files

  private mutating func checkDeclaration(_ bundle: Bundle) {
    let bytes = bundle.tags[BundleLayout.declaration] ?? []
    if BagDeclaration.version(bytes) == nil {
      add("archive.declaration", .error, "is not a declaration of version 1.0", file: "bagit.txt")
    }
    if files["fetch.txt"] != nil {
      add(
        "archive.complete", .error, "files that are to be fetched are not there", file: "fetch.txt")
    }
  }

  private func manifest(_ name: String, _ bundle: Bundle, _ problem: (Int, String) -> Void)
    -> BagManifest?
  {
    bundle.tags[name].map { BagManifest($0, problem: problem) }
  }

  private mutating func checkManifest(_ bundle: Bundle) {
    var problems: [(Int, String)] = []
    let name = BundleLayout.manifest
    guard let manifest = manifest(name, bundle, { problems.append(($0, $1)) }) else {
      add("archive.payload", .error, "there is no \(name)")
      return
    }
    for (line, message) in problems {
      add("archive.payload", .error, message, file: "\(name):\(line)")
    }
    for path in manifest.paths {
      if let problem = BagPath.problem(path) {
        add("archive.path", .error, "a path in the manifest \(problem)", file: path)
      }
      guard path.hasPrefix("data/") else {
        add("archive.payload", .error, "the manifest names a file outside data/", file: path)
        continue
      }
      guard let file = files[path] else {
        add("archive.payload", .error, "is in the manifest, but not there", file: path)
        continue
      }
      if !file.digest.isEmpty, file.digest != manifest.digests[path] {
        add("archive.payload", .error, "is not what the manifest says", file: path)
      }
    }
    for path in files.keys.sorted(by: BagManifest.precedes)
    where path.hasPrefix("data/") && manifest.digests[path] == nil {
      add("archive.payload", .error, "is there, but not in the manifest", file: path)
    }
    for path in files.keys.sorted()
    where path.hasPrefix("manifest-") && path != name && path.hasSuffix(".txt") {
      add("archive.payload", .info, "is of a kind that is not checked", file: path)
    }
  }

  private mutating func checkTagManifest(_ bundle: Bundle) {
    let name = BundleLayout.tagManifest
    var problems: [(Int, String)] = []
    guard let manifest = manifest(name, bundle, { problems.append(($0, $1)) }) else {
      add("archive.tags", .warning, "there is no \(name), so other tag files are not checked")
      return
    }
    for (line, message) in problems {
      add("archive.tags", .error, message, file: "\(name):\(line)")
    }
    for path in manifest.paths {
      guard let file = files[path] else {
        add("archive.tags", .error, "is in the tag manifest, but not there", file: path)
        continue
      }
      if file.digest != manifest.digests[path] {
        add("archive.tags", .error, "is not what the tag manifest says", file: path)
      }
    }
    for path in files.keys.sorted(by: BagManifest.precedes)
    where !path.hasPrefix("data/") && path != name && manifest.digests[path] == nil {
      add("archive.tags", .warning, "is not in the tag manifest", file: path)
    }
  }

  private mutating func checkOxum(_ bundle: Bundle) {
    guard let stated = bundle.info["Payload-Oxum"] else {
      add("archive.oxum", .warning, "bag-info.txt states no Payload-Oxum")
      return
    }
    let payload = files.filter { $0.key.hasPrefix("data/") }
    let found = "\(payload.values.reduce(UInt64(0)) { $0 &+ $1.size }).\(payload.count)"
    if found != stated {
      add("archive.oxum", .error, "the Payload-Oxum is \(found), not \(stated)")
    }
  }

  // MARK: Catalogue and blobs

  private mutating func checkIndex(_ bundle: Bundle) {
    guard let bytes = bundle.tags[BundleLayout.index] else {
      add("archive.index", .error, "there is no index.jsonl, so nothing is restored")
      return
    }
    var bad: [Int] = []
    let entries = BundleEntry.read(bytes) { bad.append($0) }
    for line in bad {
      add(
        "archive.index", .error, "is no entry, so it is not restored",
        file: "\(BundleLayout.index):\(line)")
    }
    var byFolder: [String: [(name: String, file: File)]] = [:]
    for (path, file) in files {
      guard let folder = BundleLayout.folder(of: path) else { continue }
      byFolder[folder, default: []].append((String(path.dropFirst(folder.count + 1)), file))
    }
    var listed: Set<String> = []
    let known = Set(entries.map(\.identity))
    for entry in entries where entry.bundle == nil {
      listed.insert(entry.path)
      for holder in entry.holders {
        var identity = entry.identity
        identity.id = holder
        guard !known.contains(identity), !elsewhere.contains(identity) else { continue }
        add(
          "archive.index", .error,
          "has files that lie with the session \(holder), which is not there",
          file: entry.path)
      }
      guard let held = byFolder[entry.path] else {
        add("archive.index", .error, "is in the catalogue, but not there", file: entry.path)
        continue
      }
      check(entry, held)
    }
    for folder in byFolder.keys.sorted(by: BagManifest.precedes) where !listed.contains(folder) {
      add("archive.index", .warning, "is not in the catalogue", file: folder)
    }
  }

  private mutating func check(_ entry: BundleEntry, _ held: [(name: String, file: File)]) {
    let size = held.reduce(UInt64(0)) { $0 &+ $1.file.size }
    if size != entry.bytes {
      add("archive.index", .warning, "has \(size) bytes, not \(entry.bytes)", file: entry.path)
    }
    guard depth != .quick else { return }
    checkOriginal(of: entry, held)
    let session = held.first { $0.name == BundleLayout.canonicalFile }
    if session?.file.digest != entry.sessionDigest {
      add("archive.index", .warning, "session.jsonl is another one", file: entry.path)
    }
  }

  /// Checks that what the note of an original lists is there, and that it has places to go back to.
  private mutating func checkOriginal(
    of entry: BundleEntry, _ held: [(name: String, file: File)]
  ) {
    var raw: [String: File] = [:]
    for (name, file) in held where name.hasPrefix("raw/") && name != BundleLayout.sourceNote {
      raw[String(name.dropFirst(4))] = file
    }
    if notes[entry.path] == nil, !entry.store.isEmpty {
      add(
        "archive.original", .error,
        "its source.json, which says where its files go, is missing or damaged", file: entry.path)
      return
    }
    var note =
      notes[entry.path]
      ?? SourceNote(tool: "", profile: nil, id: "", how: "", path: "", store: "", files: [])
    if note.files.isEmpty {
      // A bundle of another program: everything in `raw/` is the original.
      note.files = raw.map { name, file in
        SourceNote.File(name: name, relativePath: name, size: file.size, digest: file.digest)
      }
    }
    for file in note.files {
      if !StagedStore.isInside(file.relativePath) {
        add(
          "archive.original", .error, "the place of a file is not one to write to", file: entry.path
        )
      }
      guard file.holder == nil else { continue }
      if let present = raw[file.name] {
        // What is whole only with its media is put together by whoever reads the originals.
        if file.cuts.isEmpty, present.digest != file.digest {
          add(
            "archive.original", .error, "is not what its note says",
            file: entry.path + "/raw/" + file.name)
        }
      } else {
        add("archive.original", .error, "the file \(file.name) is missing", file: entry.path)
      }
      for cut in file.cuts { needed.insert(cut.blob) }
    }
    if note.rawDigest != entry.rawDigest {
      add("archive.index", .error, "the original is another one", file: entry.path)
    }
  }

  private mutating func checkBlobs() {
    let prefix = BundleLayout.blobs + "/"
    var present: Set<String> = []
    for (path, file) in files where path.hasPrefix(prefix) {
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      present.insert(name)
      if !file.digest.isEmpty, file.digest != name || path != prefix + name.prefix(2) + "/" + name {
        add("archive.blobs", .error, "the blob's name is not its digest", file: path)
      }
    }
    for name in references.union(needed).subtracting(present).sorted() {
      add("archive.blobs", .error, "the blob \(name) is referred to, but not there")
    }
    guard depth == .full else { return }
    for name in present.subtracting(references).sorted() {
      add("archive.blobs", .info, "nothing refers to the blob \(name)")
    }
  }
}

/// Looks for references to blobs in a text that comes in pieces: `"blob":"sha256:…"` of notes, and the links
/// of transcripts.
private struct BlobScan {
  /// How references begin, and what stands between that and the digest: of a link its first two digits and
  /// a slash.
  private static let marks = [
    (lead: Array("\"blob\":\"sha256:".utf8), gap: 0),
    (lead: Array("](\(BundleLayout.blobsFromSession)/sha256/".utf8), gap: 3),
  ]
  private static let longest = (marks.map { $0.lead.count + $0.gap }.max() ?? 0) + 64
  private var rest: [UInt8] = []
  private(set) var found: Set<String> = []

  mutating func look(at piece: ArraySlice<UInt8>) {
    rest += piece
    var position = 0
    while let first = rest[position...].firstIndex(where: {
      $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "]")
    }) {
      for (lead, gap) in Self.marks where rest[first...].starts(with: lead) {
        let start = first + lead.count + gap
        guard start + 64 <= rest.count else { continue }
        found.insert(String(decoding: rest[start..<(start + 64)], as: UTF8.self))
      }
      position = first + 1
    }
    rest.removeFirst(rest.count - min(rest.count, Self.longest))
  }
}
