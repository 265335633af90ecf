internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension BackupRun {
  /// Adds to a vault what is new or has changed.
  ///
  /// - Parameter newest: The newest snapshot so far.
  func write(
    to writer: VaultWriter, after newest: VaultSnapshot?, _ forms: Forms
  ) async throws(FormatError) -> BackupReport {
    var run = self
    while true {
      let (report, unproven) = try await run.attempt(writer, newest, forms)
      if unproven.isEmpty { return report }
      run.unproven.merge(unproven) { first, _ in first }
    }
  }

  /// Writes a pack, when there is anything for it, and then a snapshot.
  ///
  /// - Returns: What became of it, and the sessions because of which nothing was published.
  private func attempt(
    _ writer: VaultWriter, _ latest: VaultSnapshot?, _ forms: Forms
  ) async throws(FormatError) -> (BackupReport, unproven: [BundleEntry.Identity: String]) {
    var report = BackupReport(bundle: writer.path)
    let name = writer.nextName
    var archive = try ArchiveOutput(at: writer.stagePath(name, folder))
    try archive.add(blobs: try blobs(forms))
    let packing = try await pack(forms, into: &archive)
    try tell(packing, in: &report)
    var newest: [BundleEntry.Identity: BundleEntry] = [:]
    for entry in base?.entries ?? [] { newest[entry.identity] = entry }
    for entry in packing.unchanged + packing.prepared { newest[entry.identity] = entry }
    if !packing.prepared.isEmpty {
      let tags = BagTags(
        agent: options.agent, manifest: archive.manifest, payloadBytes: archive.payloadBytes,
        entries: packing.prepared, contents: contents, omissions: report.omissions, group: nil,
        number: 1)
      let staged = try archive.finish(tags, interruption)
      if options.proves {
        let unproven = try await proof(
          of: packing.prepared, in: BundleSeries(try staged.bundle(), of: writer.vault),
          catalogue: Array(newest.values))
        guard unproven.isEmpty else { return (report, unproven) }
        report.proven = packing.prepared.count { $0.kind == .session }
      }
      try interruption.check()
      report.archiveBytes = try writer.publish(staged, as: name)
    }
    let entries = Array(newest.values)
    let snapshot = try writer.publish(entries, as: name, after: latest, agent: options.agent)
    report.identifier = snapshot.name
    report.number = writer.vault.names.count + (snapshot.isNew ? 1 : 0)
    report.isWritten = snapshot.isNew || !packing.prepared.isEmpty
    var stamps = stamps ?? VaultStamps(of: writer.vault)
    stamps.replace(by: entries, in: writer.vault, for: writer.recipients)
    return (report, [:])
  }
}
