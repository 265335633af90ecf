internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Checks that the sessions of a bundle read, and that derived forms come out the same again.
struct OriginalsCheck {
  private let verification: Verification
  private let series: BundleSeries
  private var manifests: [String: BagManifest] = [:]
  private var findings: [Finding] = []

  init(_ verification: Verification, _ series: BundleSeries) {
    self.verification = verification
    self.series = series
  }

  private mutating func add(
    _ rule: String, _ severity: Severity, _ message: String, _ entry: BundleEntry,
    file: String? = nil
  ) {
    let path = file.map { entry.path + "/" + $0 } ?? entry.path
    findings.append(
      Finding(
        rule: rule, severity: severity,
        place: .file(path: "\(series.bundle(of: entry).path):\(path)"), message: message))
  }

  /// The digests of the files of an entry's bundle.
  private mutating func digests(of entry: BundleEntry) -> [String: String] {
    let bundle = series.bundle(of: entry)
    if let known = manifests[bundle.path] { return known.digests }
    let manifest = BagManifest(bundle.tags[BundleLayout.manifest] ?? []) { _, _ in }
    manifests[bundle.path] = manifest
    return manifest.digests
  }

  /// Checks some entries.
  ///
  /// - Parameter catalogue: The states of sessions that may hold files of others.
  mutating func run(
    _ entries: [BundleEntry], catalogue: [BundleEntry], _ interruption: Interruption
  ) async throws(FormatError) -> [Finding] {
    let current = Set(catalogue.map(\.path))
    var groups: [String: [BundleEntry]] = [:]
    for entry in entries {
      // Earlier revisions of one session cannot lie in one store with it.
      let state = current.contains(entry.path) ? "" : String(entry.revision)
      groups["\(entry.tool)\n\(entry.store)\n\(state)", default: []].append(entry)
    }
    let drill = RestoreDrill(
      of: series, catalogue: catalogue, formats: verification.formats, comparesAgain: true)
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      guard let tool = group.first?.tool,
        let format = verification.formats.first(where: { $0.info.id == tool })
      else {
        for entry in group where entry.kind == .session {
          add(
            "archive.original", .info, "the format \(entry.tool) is not known, so it is not read",
            entry)
        }
        continue
      }
      for portion in RestoreDrill.portions(of: group) {
        try interruption.check()
        try await check(portion, drill, format, interruption)
      }
    }
    return findings
  }

  private mutating func check(
    _ group: [BundleEntry], _ drill: RestoreDrill, _ format: any SessionFormat,
    _ interruption: Interruption
  ) async throws(FormatError) {
    let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
    var stores: [StagedStore] = []
    let problems = try drill.restore(group, in: folder.path) { (store) throws(FormatError) in
      stores.append(store)
    }
    for entry in group {
      guard let problem = problems[entry.path] else { continue }
      add("archive.original", .error, "does not restore: \(problem)", entry)
    }
    let restored = group.filter { problems[$0.path] == nil && $0.kind == .session }
    for store in stores where !store.sessions.isEmpty {
      do throws(FormatError) {
        try read(store, restored, format, interruption)
      } catch  where error.code != .interrupted {
        for entry in restored {
          // Files come back as they were, also those that nobody can read.
          add(
            "archive.original", store.isOfFiles ? .warning : .error,
            "does not read: \(error.description)", entry)
        }
        continue
      }
      let derived = [
        (BundleLayout.canonicalFile, verification.canonical),
        (BundleLayout.transcriptFile, verification.transcript),
      ]
      for (name, target) in derived {
        try await compare(name, target, restored, store, format, folder, interruption)
      }
    }
  }

  private mutating func read(
    _ store: StagedStore, _ group: [BundleEntry], _ format: any SessionFormat,
    _ interruption: Interruption
  ) throws(FormatError) {
    let source = try format.open(store.location, options: verification.readOptions)
    let names = try store.identifiers(in: source)
    let wanted = Set(group.map(\.path))
    for session in store.sessions where wanted.contains(session.entry.path) {
      try interruption.check()
      do throws(FormatError) {
        let id = names[session.note.id] ?? session.note.id
        let reader = try source.reader(for: id)
        while try reader.next() != nil {}
        for finding in try source.leftOut(of: id).findings {
          add(
            "archive.original", .warning, "is not read whole: \(finding.message)",
            session.entry)
        }
      } catch {
        add(
          "archive.original", store.isOfFiles ? .warning : .error,
          "the session does not read: \(error.message)",
          session.entry)
      }
    }
  }

  /// Makes a derived form anew and compares it with the one in the bundle.
  private mutating func compare(
    _ name: String, _ target: (any WritableSessionFormat)?, _ group: [BundleEntry],
    _ store: StagedStore, _ format: any SessionFormat, _ folder: TemporaryDirectory,
    _ interruption: Interruption
  ) async throws(FormatError) {
    let present = Set(store.sessions.map(\.entry.path))
    var made: [BundleEntry] = []
    for entry in group where present.contains(entry.path) {
      if digests(of: entry)["\(entry.path)/\(name)"] != nil { made.append(entry) }
    }
    guard !made.isEmpty else { return }
    guard let target else {
      add(
        "archive.derived", .info, "\(name) cannot be made here, so it is not compared",
        made[0])
      return
    }
    let names = try store.identifiers(
      in: format.open(store.location, options: verification.readOptions))
    let forms = try await Renderings(
      of: made.map { names[$0.sourceID] ?? $0.sourceID }, from: format, at: store.location,
      as: target,
      in: folder.path(of: name.split(separator: ".").first.map(String.init) ?? name),
      mediaFolder: name == BundleLayout.transcriptFile ? BundleLayout.blobsFromSession : nil,
      readOptions: verification.readOptions, jobs: verification.jobs, interruption: interruption)
    for entry in made {
      guard let form = forms.forms[names[entry.sourceID] ?? entry.sourceID] else {
        add("archive.derived", .warning, "cannot be made again", entry, file: name)
        continue
      }
      if try BackupRun.digest(of: form.file) != digests(of: entry)["\(entry.path)/\(name)"] {
        add(
          "archive.derived", .warning, "comes out differently when it is made again", entry,
          file: name)
      }
    }
  }
}
