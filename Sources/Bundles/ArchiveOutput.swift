internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// An archive while it is written: the payload first and staged, because the files before it have its
/// digests.
struct ArchiveOutput: ~Copyable {
  let path: String
  /// The top-level folder in the archive.
  let root: String
  private var payload: AtomicOutput
  private var members: [MemberIndex.Member] = []
  private var offset: UInt64 = 0
  /// The digests of the files so far.
  private(set) var manifest = BagManifest()
  /// The size of the files so far.
  private(set) var payloadBytes: UInt64 = 0

  init(at path: String) throws(FormatError) {
    self.path = path
    root = BundleLayout.rootName(of: path)
    payload = try writing { () throws(FileError) in
      try AtomicOutput(replacing: path + ".payload")
    }
  }

  /// Adds media that several sessions share, in the order of their names.
  mutating func add(blobs: [PayloadFile]) throws(FormatError) {
    var packer = BlobPacker(root: root)
    for blob in blobs {
      try packer.add(blob) { (member) throws(FormatError) in try write(member) }
      note(blob)
    }
    try packer.finish { (member) throws(FormatError) in try write(member) }
  }

  /// Adds the files of a session.
  mutating func add(_ files: [PayloadFile]) throws(FormatError) {
    var packer = MemberPacker(root: root)
    for file in files {
      try packer.add(file) { (member) throws(FormatError) in try write(member) }
    }
    try packer.finish { (member) throws(FormatError) in try write(member) }
    for file in files { note(file) }
  }

  /// Adds files that were packed already.
  mutating func add(_ files: [PayloadFile], packed: [MemberPacker.Member]) throws(FormatError) {
    for member in packed { try write(member) }
    for file in files { note(file) }
  }

  private mutating func note(_ file: PayloadFile) {
    manifest.digests[file.path] = file.digest
    payloadBytes += file.size
  }

  private mutating func write(_ member: MemberPacker.Member) throws(FormatError) {
    do throws(FileError) {
      try payload.write(member.bytes)
    } catch {
      throw FormatError(writing: error)
    }
    members.append(
      MemberIndex.Member(
        offset: offset, length: UInt64(member.bytes.count), size: UInt64(member.size),
        first: member.first, entries: member.entries))
    offset += UInt64(member.bytes.count)
  }

  /// Puts the parts together; nothing is at the archive's place yet.
  mutating func finish(
    _ tags: BagTags, _ interruption: Interruption
  ) throws(FormatError) -> StagedArchive {
    do throws(FileError) {
      try payload.flush()
    } catch {
      throw FormatError(writing: error)
    }
    var plain: [UInt8] = []
    let files = tags.files
    for name in BundleLayout.tags {
      let bytes = files[name] ?? []
      plain += TarWriter.header(name: root + "/" + name, size: UInt64(bytes.count))
      plain += bytes + TarWriter.padding(after: UInt64(bytes.count))
    }
    let head = GzipMember.pack(plain[...])
    let end = GzipMember.pack(TarWriter.end[...])
    var all = [
      MemberIndex.Member(
        offset: 0, length: UInt64(head.count), size: UInt64(plain.count),
        first: BundleLayout.tags[0], entries: BundleLayout.tags.count)
    ]
    var position = UInt64(head.count)
    for var member in members {
      member.offset = position
      position += member.length
      all.append(member)
    }
    all.append(
      MemberIndex.Member(
        offset: position, length: UInt64(end.count), size: UInt64(TarWriter.end.count), first: "",
        entries: 0))

    let payloadPath = payload.temporaryPath
    var output = try writing { () throws(FileError) in try DigestedOutput(path) }
    try writing { () throws(FileError) in try output.write(head) }
    let source = try reading { () throws(FileError) in try RandomAccessFile(path: payloadPath) }
    var read: UInt64 = 0
    while true {
      try interruption.check()
      let piece = try reading { () throws(FileError) in
        try source.read(at: read, count: PayloadFile.pieceSize)
      }
      if piece.isEmpty { break }
      read += UInt64(piece.count)
      try writing { () throws(FileError) in try output.write(piece) }
    }
    try writing { () throws(FileError) in
      try output.write(end)
      try output.flush()
    }
    let index = MemberIndex(
      archiveSize: output.count, archiveDigest: output.digest.hex, members: all)
    return StagedArchive(path: path, index: index, output: output)
  }
}

/// A whole archive that is not at its place yet.
struct StagedArchive: ~Copyable {
  let path: String
  let index: MemberIndex
  private var output: DigestedOutput

  fileprivate init(path: String, index: MemberIndex, output: consuming DigestedOutput) {
    self.path = path
    self.index = index
    self.output = output
  }

  /// The archive, opened where it is now.
  func bundle() throws(FormatError) -> Bundle {
    try Bundle(staged: output.temporaryPath, index)
  }

  /// Publishes the archive, then its side files.
  ///
  /// - Parameter isPack: Whether it goes into a vault, where the index is compressed.
  /// - Throws: `.notWritable` when a file is there and none is to be replaced.
  consuming func publish(
    replacing: Bool, durable: Bool, isPack: Bool = false
  ) throws(FormatError) {
    let path = path
    let index = index
    if replacing {
      // Without its side files a bundle is complete; with those of another it looks damaged.
      try writing { () throws(FileError) in
        for suffix in [MemberIndex.suffix, MemberIndex.digestSuffix] {
          try removeFile(path + suffix)
        }
      }
    }
    do throws(FileError) {
      try output.commit(replacing: replacing, durable: durable)
    } catch {
      if error.code == .exists { throw FormatError(existingBundle: path) }
      throw FormatError(writing: error)
    }
    try index.writeSideFiles(of: path, durable: durable, isPack: isPack)
  }
}

extension StagedArchive {
  /// Publishes the archive encrypted, with its digest beside it, but without an index, which has names.
  ///
  /// - Returns: The size of the encrypted archive.
  consuming func encrypt(
    to target: String, for recipients: [String], replacing: Bool, durable: Bool
  ) throws(FormatError) -> UInt64 {
    let stage = try writing { () throws(FileError) in try StagedDirectory(nextTo: target) }
    let encrypted = stage.path(of: "archive")
    try AgeEncryption.encrypt(output.temporaryPath, to: encrypted, for: recipients)
    let digest = try BackupRun.digest(of: encrypted)
    let size = try reading { () throws(FileError) in try FileStatus(path: encrypted)?.size ?? 0 }
    let name = target.split(separator: "/").last.map(String.init) ?? target
    do throws(FileError) {
      if replacing { try removeFile(target + MemberIndex.digestSuffix) }
      try stage.publishFile("archive", at: target, replacing: replacing, durable: durable)
      var file = try AtomicOutput(replacing: target + MemberIndex.digestSuffix)
      try file.write("\(digest)  \(name)\n")
      try file.commit(durable: durable)
    } catch {
      if error.code == .exists { throw FormatError(existingBundle: target) }
      throw FormatError(writing: error)
    }
    return size
  }
}

extension MemberIndex {
  /// Writes the digest and the index beside an archive, where they are not there already.
  func writeSideFiles(
    of path: String, durable: Bool, isPack: Bool = false
  ) throws(FormatError) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    try writing { () throws(FileError) in
      for (suffix, bytes) in [
        (Self.digestSuffix, Array("\(archiveDigest)  \(name)\n".utf8)),
        isPack
          ? (Self.packedSuffix, GzipMember.pack(self.bytes[...])) : (Self.suffix, self.bytes),
      ] {
        // What is not as it should be, readable or not, is written anew.
        if let present = try? readFile(path + suffix), present == bytes { continue }
        var file = try AtomicOutput(replacing: path + suffix)
        try file.write(bytes)
        try file.commit(durable: durable)
      }
    }
  }
}

extension FormatError {
  /// A bundle that stands in the way of another.
  init(existingBundle path: String) {
    self.init(
      .notWritable, "a bundle with other content is there already", at: .file(path: path),
      advice: "choose another name, or replace it with --replace")
    isAboutTarget = true
  }
}

/// A staged file whose digest is known when it is done.
private struct DigestedOutput: ~Copyable {
  private var output: AtomicOutput
  private(set) var digest = ContentDigest()

  var count: UInt64 { output.bytesWritten }

  init(_ path: String) throws(FileError) { output = try AtomicOutput(replacing: path) }

  mutating func write(_ bytes: [UInt8]) throws(FileError) {
    digest.update(bytes)
    try output.write(bytes)
  }

  var temporaryPath: String { output.temporaryPath }

  mutating func flush() throws(FileError) { try output.flush() }

  consuming func commit(replacing: Bool, durable: Bool) throws(FileError) {
    if replacing {
      try output.commit(durable: durable)
    } else {
      try output.commitIfAbsent(durable: durable)
    }
  }
}
