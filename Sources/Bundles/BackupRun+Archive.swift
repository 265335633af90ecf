internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension BackupRun {
  /// Files of a session in a bag that have been packed.
  private struct Packed: Sendable {
    var item: BackupPlan.Item
    var outcome: Backup.Outcome
    /// Empty for a session that is too large to be held; it is packed when it is its turn.
    var members: [MemberPacker.Member] = []
    var isPacked = false
  }

  /// Writes an archive; sessions that do not come back from it are left out, and told.
  func write(archive path: String, _ forms: Forms) async throws(FormatError) -> BackupReport {
    var run = self
    while true {
      let (report, unproven) = try await run.attempt(archive: path, forms)
      if unproven.isEmpty { return report }
      run.unproven.merge(unproven) { first, _ in first }
    }
  }

  /// Writes an archive: the payload aside first, because the files before it have its digests.
  ///
  /// - Returns: What became of it, and the sessions because of which nothing was published.
  private func attempt(
    archive path: String, _ forms: Forms
  ) async throws(FormatError) -> (BackupReport, unproven: [BundleEntry.Identity: String]) {
    let root = BundleLayout.rootName(of: path)
    let existing = try reading { () throws(FileError) in try FileStatus(path: path) }
    var report = BackupReport(bundle: path)
    var payload = try writing { () throws(FileError) in
      try AtomicOutput(replacing: path + ".payload")
    }
    var members: [MemberIndex.Member] = []
    var manifest = BagManifest()
    var payloadBytes: UInt64 = 0
    var entries: [BundleEntry] = []
    var offset: UInt64 = 0
    func emit(_ member: MemberPacker.Member) throws(FormatError) {
      try writing { () throws(FileError) in try payload.write(member.bytes) }
      members.append(
        MemberIndex.Member(
          offset: offset, length: UInt64(member.bytes.count), size: UInt64(member.size),
          first: member.first, entries: member.entries))
      offset += UInt64(member.bytes.count)
    }
    var packer = BlobPacker(root: root)
    for blob in try blobs(forms) {
      try interruption.check()
      try packer.add(blob) { (member) throws(FormatError) in try emit(member) }
      manifest.digests[blob.path] = blob.digest
      payloadBytes += blob.size
    }
    try packer.finish { (member) throws(FormatError) in try emit(member) }
    for group in groups {
      try interruption.check()
      let results = await inOrder(group, jobs: options.jobs) { item in
        pack(item, forms, root: root)
      }
      for packed in results {
        let item = packed.item
        defer { meter.add(item) }
        switch packed.outcome {
        case .nothing: break
        case .failed(let reason):
          try interruption.check()
          report.items.append(line(item, .failed, reason: reason))
        case .unchanged(let known):
          var entry = known
          entry.bundle = known.bundle ?? base?.identifier
          entries.append(entry)
          report.items.append(line(item, .unchanged, path: known.path, bytes: known.bytes))
        case .prepared(let session):
          if packed.isPacked {
            for member in packed.members { try emit(member) }
          } else {
            var packer = MemberPacker(root: root)
            for file in session.files {
              try packer.add(file) { (member) throws(FormatError) in try emit(member) }
            }
            try packer.finish { (member) throws(FormatError) in try emit(member) }
          }
          for file in session.files {
            manifest.digests[file.path] = file.digest
            payloadBytes += file.size
          }
          entries.append(session.entry)
          report.items.append(
            line(
              item, item.known == nil ? .added : .changed, path: session.entry.path,
              bytes: session.entry.bytes))
        }
      }
    }
    report.items += plan.failures
    report.findings = findings
    try noteLeftOut(in: &report)
    for known in base?.current ?? []
    where !entries.contains(where: { $0.identity == known.identity }) {
      // What has gone from its store, or was not asked for, stays part of the series.
      var entry = known
      entry.bundle = known.bundle ?? base?.identifier
      entries.append(entry)
    }
    let tags = BagTags(
      agent: options.agent, manifest: manifest, payloadBytes: payloadBytes, entries: entries,
      contents: contents, omissions: report.omissions, group: base?.group,
      number: (base?.number ?? 0) + 1)
    report.identifier = tags.identifier
    report.number = tags.number
    try writing { () throws(FileError) in try payload.flush() }
    let prepared = entries.filter { $0.bundle == nil }
    let unproven = try await finish(
      path, root, tags, payload.temporaryPath, members, prepared, exists: existing != nil, &report)
    return (report, unproven)
  }

  private func pack(_ item: BackupPlan.Item, _ forms: Forms, root: String) -> Packed {
    var packed = Packed(item: item, outcome: outcome(item, forms))
    guard case .prepared(let session) = packed.outcome, session.entry.bytes <= 12 << 20 else {
      return packed
    }
    do throws(FormatError) {
      var members: [MemberPacker.Member] = []
      var packer = MemberPacker(root: root)
      for file in session.files { try packer.add(file) { members.append($0) } }
      try packer.finish { members.append($0) }
      packed.members = members
      packed.isPacked = true
    } catch {
      packed.outcome = .failed(error.description)
    }
    return packed
  }

  /// Puts the parts together and publishes the archive, then its side files.
  private func finish(
    _ path: String, _ root: String, _ tags: BagTags, _ payload: String,
    _ members: [MemberIndex.Member], _ prepared: [BundleEntry], exists: Bool,
    _ report: inout BackupReport
  ) async throws(FormatError) -> [BundleEntry.Identity: String] {
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
    var offset = UInt64(head.count)
    for var member in members {
      member.offset = offset
      offset += member.length
      all.append(member)
    }
    all.append(
      MemberIndex.Member(
        offset: offset, length: UInt64(end.count), size: UInt64(TarWriter.end.count), first: "",
        entries: 0))

    var output = try writing { () throws(FileError) in try DigestedOutput(path) }
    try writing { () throws(FileError) in try output.write(head) }
    let source = try reading { () throws(FileError) in try RandomAccessFile(path: payload) }
    var position: UInt64 = 0
    while true {
      try interruption.check()
      let piece = try reading { () throws(FileError) in
        try source.read(at: position, count: PayloadFile.pieceSize)
      }
      if piece.isEmpty { break }
      position += UInt64(piece.count)
      try writing { () throws(FileError) in try output.write(piece) }
    }
    try writing { () throws(FileError) in try output.write(end) }
    let index = MemberIndex(
      archiveSize: output.count, archiveDigest: output.digest.hex, members: all)
    report.archiveBytes = index.archiveSize
    let isDurable = options.isDurable
    if exists {
      if try Self.digest(of: path) == index.archiveDigest {
        for index in report.items.indices where report.items[index].status != .failed {
          report.items[index].status = .unchanged
        }
        try writeSideFiles(path, index)
        return [:]
      }
      guard options.replaces else {
        throw FormatError.existing(path)
      }
    }
    if options.proves {
      try writing { () throws(FileError) in try output.flush() }
      let staged = try Bundle(staged: output.temporaryPath, index)
      let unproven = try await proof(of: prepared, in: staged)
      guard unproven.isEmpty else { return unproven }
      report.proven = prepared.count { $0.kind == .session }
    }
    if exists {
      // Without its side files a bundle is complete; with those of another it looks damaged.
      try writing { () throws(FileError) in
        for suffix in [MemberIndex.suffix, MemberIndex.digestSuffix] {
          try removeFile(path + suffix)
        }
      }
    }
    do throws(FileError) {
      try output.commit(replacing: exists, durable: isDurable)
    } catch {
      if error.code == .exists { throw FormatError.existing(path) }
      throw FormatError(writing: error)
    }
    report.isWritten = true
    try writeSideFiles(path, index)
    return [:]
  }

  private func writeSideFiles(_ path: String, _ index: MemberIndex) throws(FormatError) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    try writing { () throws(FileError) in
      for (suffix, bytes) in [
        (MemberIndex.digestSuffix, Array("\(index.archiveDigest)  \(name)\n".utf8)),
        (MemberIndex.suffix, index.bytes),
      ] {
        // What is not as it should be, readable or not, is written anew.
        if let present = try? readFile(path + suffix), present == bytes { continue }
        var file = try AtomicOutput(replacing: path + suffix)
        try file.write(bytes)
        try file.commit(durable: options.isDurable)
      }
    }
  }

  /// The digest of a whole file.
  static func digest(of path: String) throws(FormatError) -> String {
    let file = try reading { () throws(FileError) in try RandomAccessFile(path: path) }
    var digest = ContentDigest()
    var offset: UInt64 = 0
    while true {
      let piece = try reading { () throws(FileError) in
        try file.read(at: offset, count: PayloadFile.pieceSize)
      }
      if piece.isEmpty { return digest.hex }
      digest.update(piece)
      offset += UInt64(piece.count)
    }
  }
}

extension FormatError {
  /// A bundle that stands in the way of another.
  fileprivate static func existing(_ path: String) -> FormatError {
    var error = FormatError(
      .notWritable, "a bundle with other content is there already", at: .file(path: path),
      advice: "choose another name, or replace it with --replace")
    error.isAboutTarget = true
    return error
  }
}

/// A file written aside whose digest is known when it is done.
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
