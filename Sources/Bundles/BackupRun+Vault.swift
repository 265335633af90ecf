internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension BackupRun {
  /// Adds to a vault what is new or has changed.
  func write(to vault: VaultWriter, _ forms: Forms) async throws(FormatError) -> BackupReport {
    do throws(FormatError) {
      return try await add(to: vault, forms)
    } catch {
      vault.discard()
      throw error
    }
  }

  private func add(to vault: VaultWriter, _ forms: Forms) async throws(FormatError)
    -> BackupReport
  {
    var report = BackupReport(bundle: vault.path)
    var prepared: [(item: BackupPlan.Item, session: PreparedSession)] = []
    var entries: [String: BundleEntry] = [:]
    for entry in base?.entries ?? [] { entries[entry.path] = entry }
    var manifest = BagManifest(base?.tags[BundleLayout.manifest] ?? []) { _, _ in }
    var payloadBytes =
      (base?.info["Payload-Oxum"]?.split(separator: ".").first).flatMap { UInt64($0) } ?? 0
    let known = manifest
    for blob in try blobs(forms) where try payload?.size(of: blob.path) != blob.size {
      try vault.add(blob.path, blob)
      if known.digests[blob.path] == nil { payloadBytes += blob.size }
      manifest.digests[blob.path] = blob.digest
    }
    for group in groups {
      try interruption.check()
      let results = await inOrder(group, jobs: options.jobs) { item in
        (item, prepare(item, forms, vault))
      }
      for (item, outcome) in results {
        defer { meter.add(item) }
        switch outcome {
        case .nothing: break
        case .failed(let reason):
          try interruption.check()
          report.items.append(line(item, .failed, reason: reason))
        case .unchanged(let entry):
          entries[entry.path] = entry
          report.items.append(line(item, .unchanged, path: entry.path, bytes: entry.bytes))
        case .prepared(let session):
          payloadBytes -= min(payloadBytes, item.replacedBytes(by: session))
          for file in session.files {
            manifest.digests[file.path] = file.digest
            payloadBytes += file.size
          }
          entries[session.entry.path] = session.entry
          prepared.append((item, session))
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
    let knownContents = (base?.info["Session-Bag-Contents"]).map {
      Set($0.split(separator: ",").map { String($0.drop { $0 == " " }) })
    }
    while true {
      let tags = BagTags(
        agent: options.agent, manifest: manifest, payloadBytes: payloadBytes,
        entries: Array(entries.values), contents: contents.union(knownContents ?? []),
        omissions: report.omissions, group: base?.group, number: base?.number ?? 1)
      report.identifier = tags.identifier
      let files = tags.files
      guard files != base?.tags || !prepared.isEmpty else {
        vault.discard()
        return report
      }
      try vault.stage(files)
      let unproven =
        options.proves
        ? try await proof(of: prepared.map(\.session.entry), in: Bundle(staged: vault.staged)) : [:]
      guard !unproven.isEmpty else {
        try interruption.check()
        if options.proves { report.proven = prepared.count { $0.item.summary != nil } }
        try vault.publish()
        report.isWritten = true
        return report
      }
      // What does not come back is no part of the vault; an earlier state of it stays.
      for (item, session) in prepared {
        guard let reason = unproven[session.entry.identity] else { continue }
        vault.drop(session.entry.path)
        // What was to be written again stays as it is.
        entries[session.entry.path] = item.replaced(by: session)
        payloadBytes += item.replacedBytes(by: session)
        for file in session.files {
          manifest.digests[file.path] = known.digests[file.path]
          payloadBytes -= file.size
        }
        report.items.removeAll { $0.path == session.entry.path }
        report.items.append(
          line(
            item, .failed,
            reason: "it cannot be restored from the vault, so it is left out: \(reason)"))
      }
      prepared.removeAll { unproven[$0.session.entry.identity] != nil }
    }
  }

  /// Prepares an item and writes its files aside; their bytes are not needed any more then.
  private func prepare(_ item: BackupPlan.Item, _ forms: Forms, _ vault: VaultWriter)
    -> Backup.Outcome
  {
    let outcome = outcome(item, forms)
    guard case .prepared(var session) = outcome else { return outcome }
    do throws(FormatError) {
      for file in session.files { try vault.add(file.path, file) }
      session.files = session.files.map { file in
        var file = file
        file.content = .bytes([])
        return file
      }
      return .prepared(session)
    } catch {
      vault.drop(session.entry.path)
      return .failed(error.description)
    }
  }
}

extension BackupPlan.Item {
  /// The state that is written to its folder again.
  fileprivate func replaced(by session: PreparedSession) -> BundleEntry? {
    known?.path == session.entry.path ? known : nil
  }

  fileprivate func replacedBytes(by session: PreparedSession) -> UInt64 {
    replaced(by: session)?.bytes ?? 0
  }
}
