internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Checks that the sessions of a bundle read, and that derived forms come out the same again.
struct OriginalsCheck {
  private let verification: Verification
  private let bundle: Bundle
  private var findings: [Finding] = []
  /// The part of the sessions that was restored, when only a part was asked for.
  private(set) var sample: (seed: UInt64, restored: Int, of: Int)?

  init(_ verification: Verification, _ bundle: Bundle) {
    self.verification = verification
    self.bundle = bundle
  }

  private mutating func add(
    _ rule: String, _ severity: Severity, _ message: String, _ path: String
  ) {
    findings.append(
      Finding(
        rule: rule, severity: severity, place: .file(path: "\(bundle.path):\(path)"),
        message: message))
  }

  mutating func run(_ interruption: Interruption) async throws(FormatError) -> [Finding] {
    var entries = bundle.entries.filter { $0.bundle == nil }
    if let wanted = verification.sample {
      let all = entries.filter { $0.kind == .session }
      let chosen = wanted.choose(from: all)
      sample = (wanted.seed, chosen.count, all.count)
      entries = entries.filter { $0.kind == .store } + chosen
    }
    let current = Set(bundle.current.map(\.path))
    var groups: [String: [BundleEntry]] = [:]
    for entry in entries {
      // Earlier revisions of one session cannot lie in one store with it.
      let state = current.contains(entry.path) ? "" : String(entry.revision)
      groups["\(entry.tool)\n\(entry.store)\n\(state)", default: []].append(entry)
    }
    let series = try BundleSeries(bundle, bases: verification.bases, needed: bundle.current)
    let drill = RestoreDrill(
      of: series, catalogue: bundle.current, formats: verification.formats, comparesAgain: true)
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      guard let tool = group.first?.tool,
        let format = verification.formats.first(where: { $0.info.id == tool })
      else {
        for entry in group where entry.kind == .session {
          add(
            "archive.original", .info, "the format \(entry.tool) is not known, so it is not read",
            entry.path)
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
      add("archive.original", .error, "does not restore: \(problem)", entry.path)
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
            "does not read: \(error.description)", entry.path)
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
            session.entry.path)
        }
      } catch {
        add(
          "archive.original", store.isOfFiles ? .warning : .error,
          "the session does not read: \(error.message)",
          session.entry.path)
      }
    }
  }

  /// Makes a derived form anew and compares it with the one in the bundle.
  private mutating func compare(
    _ name: String, _ target: (any WritableSessionFormat)?, _ group: [BundleEntry],
    _ store: StagedStore, _ format: any SessionFormat, _ folder: TemporaryDirectory,
    _ interruption: Interruption
  ) async throws(FormatError) {
    let manifest = BagManifest(bundle.tags[BundleLayout.manifest] ?? []) { _, _ in }
    let made = group.filter { entry in
      manifest.digests["\(entry.path)/\(name)"] != nil
        && store.sessions.contains { $0.entry.path == entry.path }
    }
    guard !made.isEmpty else { return }
    guard let target else {
      add(
        "archive.derived", .info, "\(name) cannot be made here, so it is not compared",
        made[0].path)
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
      let path = "\(entry.path)/\(name)"
      guard let form = forms.forms[names[entry.sourceID] ?? entry.sourceID] else {
        add("archive.derived", .warning, "cannot be made again", path)
        continue
      }
      if try BackupRun.digest(of: form.file) != manifest.digests[path] {
        add("archive.derived", .warning, "comes out differently when it is made again", path)
      }
    }
  }
}
