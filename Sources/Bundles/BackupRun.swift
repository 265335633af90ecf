internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// One run of a backup: what is taken, prepared item by item.
struct BackupRun: Sendable {
  let plan: BackupPlan
  let options: BackupOptions
  let sources: [BackupSource]
  let base: Bundle?
  let folder: TemporaryDirectory
  /// The vault that is added to; nil for an archive.
  let vault: Vault?
  /// By what files are known again; nil for an archive.
  let stamps: VaultStamps?
  let media: SharedMedia
  /// Why sessions do not come back from the bundle as it was first written.
  var unproven: [BundleEntry.Identity: String] = [:]
  let interruption: Interruption
  let meter: BackupMeter

  /// The forms besides the original, by source and name of the file.
  struct Forms: Sendable {
    var canonical: [Int: Renderings] = [:]
    var transcript: [Int: Renderings] = [:]
  }

  /// The names of the forms in `bag-info.txt`.
  var contents: Set<String> {
    var contents: Set<String> = ["raw"]
    if options.canonical != nil { contents.insert("canonical") }
    if options.transcript != nil { contents.insert("transcript") }
    return contents
  }

  /// Looks for media that several of the sessions share.
  func survey() async throws(FormatError) {
    _ = await inOrder(plan.items, jobs: options.jobs) { item in
      // What cannot be read is told when it is backed up.
      try? survey(item)
    }
    try interruption.check()
  }

  private func survey(_ item: BackupPlan.Item) throws(FormatError) {
    guard let summary = item.summary else { return }
    try interruption.check()
    guard let known = item.known else {
      return try item.extract.note(mediaOf: summary, item.files, number: item.number, in: media)
    }
    let isIntact = isIntact(known)
    if isIntact, let stamp = try stamp(of: item), known.stamp == stamp { return }
    let original = try item.extract.session(
      summary, item.files, for: item.entry.path, number: item.number)
    guard !isIntact || !known.isSame(as: original.note) else { return }
    for file in original.files { try media.note(file, of: item.number) }
  }

  /// The media that the sessions and their transcripts refer to, in the order of their names.
  func blobs(_ forms: Forms) throws(FormatError) -> [PayloadFile] {
    var files: [String: String] = [:]
    for blob in media.blobs { files[blob.name] = blob.file }
    for rendering in forms.transcript.values {
      files.merge(try rendering.media()) { first, _ in first }
    }
    var blobs: [PayloadFile] = []
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      blobs.append(try PayloadFile(path: BundleLayout.blob(name), file: file))
    }
    return blobs
  }

  /// Makes the forms that are asked for, of the sessions that need them.
  func renderings() async throws(FormatError) -> Forms {
    var forms = Forms()
    guard options.canonical != nil || options.transcript != nil else { return forms }
    for (position, source) in sources.enumerated() {
      var ids: [String] = []
      for item in plan.items where item.source == position {
        guard let summary = item.summary else { continue }
        try interruption.check()
        // What cannot be read is told when it is backed up.
        if item.known != nil, case .unchanged? = try? prepare(item, Forms()) { continue }
        ids.append(summary.id)
      }
      guard !ids.isEmpty else { continue }
      if let canonical = options.canonical {
        forms.canonical[position] = try await Renderings(
          of: ids, from: source.format, at: source.path, as: canonical,
          in: folder.path(of: "canonical-\(position)"), readOptions: options.readOptions,
          jobs: options.jobs, interruption: interruption)
      }
      if let transcript = options.transcript {
        forms.transcript[position] = try await Renderings(
          of: ids, from: source.format, at: source.path, as: transcript,
          in: folder.path(of: "transcript-\(position)"),
          mediaFolder: BundleLayout.blobsFromSession, readOptions: options.readOptions,
          jobs: options.jobs, interruption: interruption)
      }
    }
    return forms
  }

  /// Prepares an item; what fails is told, not thrown, so that the others go on.
  func outcome(_ item: BackupPlan.Item, _ forms: Forms) -> Backup.Outcome {
    if let reason = unproven[item.entry.identity] {
      return .failed("it cannot be restored from the bundle, so it is left out: \(reason)")
    }
    do throws(FormatError) {
      try interruption.check()
      return try prepare(item, forms)
    } catch {
      return .failed(error.description)
    }
  }

  private func prepare(_ item: BackupPlan.Item, _ forms: Forms) throws(FormatError)
    -> Backup.Outcome
  {
    guard let summary = item.summary else { return try prepareStore(item) }
    var entry = item.entry
    let isIntact = item.known.map(isIntact) ?? true
    entry.stamp = try stamp(of: item)
    if isIntact, let known = item.known, let stamp = entry.stamp, known.stamp == stamp,
      hasForms(known)
    {
      return .unchanged(known)
    }
    var original = try item.extract.session(
      summary, item.files, for: entry.path, number: item.number)
    if isIntact, var known = item.known, known.isSame(as: original.note), hasForms(known) {
      known.stamp = entry.stamp
      return .unchanged(known)
    }
    for index in original.files.indices {
      let (rest, cuts) = try media.take(outOf: original.files[index])
      let name = original.files[index].path.dropFirst("raw/".count)
      guard !cuts.isEmpty, let place = original.note.files.firstIndex(where: { $0.name == name })
      else { continue }
      original.files[index] = rest
      original.note.files[place].cuts = cuts
    }
    var files = original.files
    if let canonical = forms.canonical[item.source] {
      let form = try self.form(of: summary.id, in: canonical, "canonical form")
      let file = try PayloadFile(path: BundleLayout.canonicalFile, file: form.file)
      entry.sessionDigest = file.digest
      entry.fidelity = form.isLossless ? "lossless" : "lossy"
      entry.warnings = form.warnings
      files.append(file)
    }
    if let transcript = forms.transcript[item.source] {
      let form = try self.form(of: summary.id, in: transcript, "transcript")
      files.append(try PayloadFile(path: BundleLayout.transcriptFile, file: form.file))
    }
    let prepared = PreparedSession(entry: entry, note: original.note, files: files)
    return .prepared(revised(prepared, after: item.known, isIntact: isIntact))
  }

  /// Whether a vault has all files of what it knows.
  private func isIntact(_ known: BundleEntry) -> Bool {
    guard let vault else { return true }
    func isHeld(_ entry: BundleEntry?) -> Bool {
      entry.flatMap { vault.pack(of: $0.place) }?.hasIndex ?? false
    }
    guard isHeld(known) else { return false }
    return known.holders.allSatisfy { id in
      var identity = known.identity
      identity.id = id
      return isHeld(plan.known[identity])
    }
  }

  /// By what the session is known again without being read; nil for archives, which have no such thing.
  private func stamp(of item: BackupPlan.Item) throws(FormatError) -> String? {
    guard stamps != nil else { return nil }
    return item.isSettled ? item.known?.stamp : try item.extract.stamp(of: item.files)
  }

  private func form(of id: String, in renderings: Renderings, _ name: String)
    throws(FormatError) -> Renderings.Form
  {
    guard let form = renderings.forms[id] else {
      throw FormatError(
        .notExpressible,
        "the \(name) cannot be made: \(renderings.failures[id] ?? "no reason given")",
        advice: "back up without --with")
    }
    return form
  }

  private func hasForms(_ known: BundleEntry) -> Bool {
    options.canonical == nil || known.sessionDigest != nil
  }

  /// In a vault each state has a folder; an increment holds one state only.
  ///
  /// A state of which files are gone is written to its folder again.
  private func revised(
    _ prepared: PreparedSession, after known: BundleEntry?, isIntact: Bool
  ) -> PreparedSession {
    guard let known else { return prepared }
    if !isIntact, known.state == prepared.entry.state {
      return prepared.moved(to: known.path, revision: known.revision)
    }
    let revision = known.revision + 1
    let path = prepared.entry.path + (vault == nil ? "" : ".r\(revision)")
    return prepared.moved(to: path, revision: revision)
  }

  private func prepareStore(_ item: BackupPlan.Item) throws(FormatError) -> Backup.Outcome {
    guard let prepared = try item.extract.store(entry: item.entry) else {
      return .nothing
    }
    let isIntact = item.known.map(isIntact) ?? true
    if isIntact, let known = item.known, known.rawDigest == prepared.entry.rawDigest,
      known.filesDigest == prepared.entry.filesDigest
    {
      return .unchanged(known)
    }
    return .prepared(revised(prepared, after: item.known, isIntact: isIntact))
  }

  /// Tells what is left out: what grants access, and what is neither session nor index.
  func noteLeftOut(in report: inout BackupReport) throws(FormatError) {
    for (position, source) in sources.enumerated() {
      let items = plan.items.filter { $0.source == position }
      let store = items.first { $0.summary == nil }
      // What cannot be read is told as an item that failed, and nothing of it is in the bundle.
      report.omissions += (try? store?.extract.omissions()) ?? []
      guard !items.isEmpty, !source.format.info.holdsRows else { continue }
      // As above.
      let storeFiles = (try? store?.extract.source.storeFiles()) ?? []
      let taken = items.flatMap { $0.files?.map(\.file) ?? [] } + storeFiles.map(\.file)
      let untaken = try reading { () throws(FileError) in
        try UntakenFiles(
          below: source.path, of: source.format.info,
          taken: Set(taken.map { ExactPath(cleanPath($0.path)) }), owners: owners(of: items))
      }
      report.findings += untaken.findings
      // Where sessions were asked for, what else is there is no matter; and a location given twice
      // tells it once.
      guard store != nil else {
        let names = Dictionary(grouping: plan.leftOut[position].values) { $0 }
        report.omissions += names.sorted { $0.key < $1.key }.map {
          Omission(format: source.format.info.id, name: $0.key, count: $0.value.count)
        }
        continue
      }
      report.untaken += untaken.places
      report.omissions += untaken.omissions
    }
  }

  /// The sessions by the names of their own folders: those of their files, without the ending.
  private func owners(of items: [BackupPlan.Item]) -> [ExactPath: String] {
    var owners: [ExactPath: String] = [:]
    for item in items {
      guard let summary = item.summary,
        let name = item.files?.first?.file.relativePath.split(separator: "/").last,
        let dot = name.lastIndex(of: ".")
      else { continue }
      owners[ExactPath(String(name[..<dot]))] = summary.id
    }
    return owners
  }

  /// What opening the stores found to be wrong; a location given twice tells it once.
  var findings: [Finding] {
    var seen: Set<Finding> = []
    return plan.sources.flatMap(\.openingFindings).filter { seen.insert($0).inserted }
  }

  /// Restores sessions from a bundle that is not published yet.
  ///
  /// - Parameters:
  ///   - prepared: The sessions that are new in it.
  ///   - catalogue: The newest states of all sessions, in it and in the earlier ones.
  /// - Returns: Those that do not come back, with the reason.
  func proof(
    of prepared: [BundleEntry], in series: BundleSeries, catalogue: [BundleEntry]
  ) async throws(FormatError) -> [BundleEntry.Identity: String] {
    let drill = RestoreDrill(
      of: series, catalogue: catalogue, formats: sources.map(\.format))
    let problems = try await drill.problems(of: prepared, jobs: options.jobs, interruption)
    var unproven: [BundleEntry.Identity: String] = [:]
    for entry in prepared {
      if let problem = problems[entry.path] { unproven[entry.identity] = problem }
    }
    return unproven
  }

  /// Items in groups whose content fits into memory, a large one alone.
  var groups: [[BackupPlan.Item]] {
    var groups: [[BackupPlan.Item]] = []
    var group: [BackupPlan.Item] = []
    var size: UInt64 = 0
    for item in plan.items {
      let bytes = (item.summary?.byteCount ?? 0) &+ 4_096
      if !group.isEmpty, size &+ bytes > 12 << 20 || group.count >= 256 {
        groups.append(group)
        group = []
        size = 0
      }
      group.append(item)
      size = size &+ bytes
    }
    if !group.isEmpty { groups.append(group) }
    return groups
  }

  /// The report's line about an item.
  func line(
    _ item: BackupPlan.Item, _ status: BackupReport.Item.Status, path: String? = nil,
    bytes: UInt64 = 0, reason: String? = nil
  ) -> BackupReport.Item {
    BackupReport.Item(
      tool: item.extract.tool, id: item.summary?.id ?? "", path: path, status: status,
      reason: reason, bytes: bytes)
  }
}

extension BundleEntry {
  /// Whether an original is the one that the entry stands for, in the same places and touched by nobody.
  fileprivate func isSame(as note: SourceNote) -> Bool {
    rawDigest == note.rawDigest && filesDigest == note.filesDigest
  }
}
