internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension BackupRun {
  /// A session whose files have been packed.
  private struct Packed: Sendable {
    var item: BackupPlan.Item
    var outcome: Backup.Outcome
    /// Nil for a session that is too large to be held; it is packed when it is its turn.
    var members: [MemberPacker.Member]?
  }

  /// What became of all items.
  struct Packing {
    var items: [BackupReport.Item] = []
    /// What was added to the archive.
    var prepared: [BundleEntry] = []
    /// What an earlier bundle has.
    var unchanged: [BundleEntry] = []
  }

  /// Prepares all items, and adds to an archive what is new or has changed.
  func pack(
    _ forms: Forms, into archive: inout ArchiveOutput
  ) async throws(FormatError) -> Packing {
    var packing = Packing()
    let root = archive.root
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
          packing.items.append(line(item, .failed, reason: reason))
        case .unchanged(let known):
          packing.unchanged.append(known)
          packing.items.append(line(item, .unchanged, path: known.path, bytes: known.bytes))
        case .prepared(let session):
          if let members = packed.members {
            try archive.add(session.files, packed: members)
          } else {
            try archive.add(session.files)
          }
          packing.prepared.append(session.entry)
          packing.items.append(
            line(
              item, item.known == nil ? .added : .changed, path: session.entry.path,
              bytes: session.entry.bytes))
        }
      }
    }
    return packing
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
    } catch {
      packed.outcome = .failed(error.description)
    }
    return packed
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

  /// Writes an archive.
  ///
  /// - Returns: What became of it, and the sessions because of which nothing was published.
  private func attempt(
    archive path: String, _ forms: Forms
  ) async throws(FormatError) -> (BackupReport, unproven: [BundleEntry.Identity: String]) {
    let isEncrypted = !options.recipients.isEmpty
    let target =
      isEncrypted && !path.hasSuffix(AgeEncryption.suffix) ? path + AgeEncryption.suffix : path
    let existing = try reading { () throws(FileError) in try FileStatus(path: target) }
    if isEncrypted, existing != nil, !options.replaces {
      throw FormatError(existingBundle: target)
    }
    var report = BackupReport(bundle: target)
    // What is to be encrypted stays in a private folder until then.
    let root = BundleLayout.rootName(of: target)
    var archive = try ArchiveOutput(
      at: isEncrypted ? folder.path(of: root + BundleLayout.suffix) : path)
    try archive.add(blobs: try blobs(forms))
    let packing = try await pack(forms, into: &archive)
    try tell(packing, in: &report)
    var entries = packing.prepared
    for var entry in packing.unchanged {
      entry.bundle = entry.bundle ?? base?.identifier
      entries.append(entry)
    }
    let present = Set(entries.map(\.identity))
    for var entry in base?.current ?? [] where !present.contains(entry.identity) {
      // What has gone from its store, or was not asked for, stays part of the series.
      entry.bundle = entry.bundle ?? base?.identifier
      entries.append(entry)
    }
    let tags = BagTags(
      agent: options.agent, manifest: archive.manifest, payloadBytes: archive.payloadBytes,
      entries: entries, contents: contents, omissions: report.omissions, group: base?.group,
      number: (base?.number ?? 0) + 1)
    report.identifier = tags.identifier
    report.number = tags.number
    let staged = try archive.finish(tags, interruption)
    report.archiveBytes = staged.index.archiveSize
    if existing != nil, !isEncrypted {
      if try Self.digest(of: path) == staged.index.archiveDigest {
        for index in report.items.indices where report.items[index].status != .failed {
          report.items[index].status = .unchanged
        }
        try staged.index.writeSideFiles(of: path, durable: options.isDurable)
        return (report, [:])
      }
      guard options.replaces else { throw FormatError(existingBundle: path) }
    }
    if options.proves {
      let bundle = try staged.bundle()
      let holders = Set(packing.prepared.flatMap(\.holders))
      let series = try BundleSeries(
        bundle, bases: options.since.map { [$0] } ?? [],
        needed: bundle.current.filter { holders.contains($0.sourceID) },
        identity: options.identity)
      let unproven = try await proof(
        of: packing.prepared, in: series, catalogue: bundle.current)
      guard unproven.isEmpty else { return (report, unproven) }
      report.proven = packing.prepared.count { $0.kind == .session }
    }
    if isEncrypted {
      report.archiveBytes = try staged.encrypt(
        to: target, for: options.recipients, replacing: existing != nil,
        durable: options.isDurable)
    } else {
      try staged.publish(replacing: existing != nil, durable: options.isDurable)
    }
    report.isWritten = true
    return (report, [:])
  }

  /// Notes in a report what became of all items, and what is left out.
  func tell(_ packing: Packing, in report: inout BackupReport) throws(FormatError) {
    report.items = packing.items + plan.failures
    report.findings = findings
    try noteLeftOut(in: &report)
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
