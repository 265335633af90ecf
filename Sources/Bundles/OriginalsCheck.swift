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
    let entries = bundle.entries.filter { $0.bundle == nil }
    let sessions = entries.filter { $0.kind == .session }
    var groups: [String: [BundleEntry]] = [:]
    for entry in sessions {
      // Revisions of one session cannot lie in one store.
      let key = "\(entry.tool)\n\(entry.store)\n\(entry.revision)"
      groups[key, default: []].append(entry)
    }
    for (_, group) in groups.sorted(by: { $0.key < $1.key }) {
      try interruption.check()
      guard let tool = group.first?.tool,
        let format = verification.formats.first(where: { $0.info.id == tool })
      else {
        for entry in group {
          add(
            "archive.original", .info, "the format \(entry.tool) is not known, so it is not read",
            entry.path)
        }
        continue
      }
      let record = entries.last { $0.kind == .store && $0.store == group.first?.store }
      try await check(group, record, format, interruption)
    }
    return findings
  }

  private mutating func check(
    _ group: [BundleEntry], _ record: BundleEntry?, _ format: any SessionFormat,
    _ interruption: Interruption
  ) async throws(FormatError) {
    let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
    var unpacking = SessionUnpacking(into: folder.path(of: "raw"))
    let all = group + (record.map { [$0] } ?? [])
    let staged = try unpacking.unpack(all, of: bundle)
    let sessions = staged.filter { $0.entry.kind == .session }
    let store: StagedStore
    do throws(FormatError) {
      store = try StagedStore(
        sessions, record: staged.first { $0.entry.kind == .store }, format: format,
        formats: verification.formats, folder: folder.path(of: "store"))
    } catch {
      for entry in group {
        add("archive.original", .error, "cannot be restored: \(error.description)", entry.path)
      }
      return
    }
    var paths: [String: BundleEntry] = [:]
    for entry in group { paths[entry.sourceID] = entry }
    for failure in store.failures {
      add("archive.original", .error, failure.reason, paths[failure.id]?.path ?? failure.id)
    }
    guard !store.sessions.isEmpty else { return }
    do throws(FormatError) {
      try read(store, format, interruption)
    } catch  where error.code != .interrupted {
      for entry in group {
        add("archive.original", .error, "does not read: \(error.description)", entry.path)
      }
      return
    }
    let derived = [
      (BundleLayout.canonicalFile, verification.canonical),
      (BundleLayout.transcriptFile, verification.transcript),
    ]
    for (name, target) in derived {
      try await compare(name, target, group, store, format, folder, interruption)
    }
  }

  private mutating func read(
    _ store: StagedStore, _ format: any SessionFormat, _ interruption: Interruption
  ) throws(FormatError) {
    let source = try format.open(store.path, options: verification.readOptions)
    for (session, _) in store.sessions {
      try interruption.check()
      do throws(FormatError) {
        let reader = try source.reader(for: session.note.id)
        while try reader.next() != nil {}
        for finding in try source.leftOut(of: session.note.id).findings {
          add(
            "archive.original", .warning, "is not read whole: \(finding.message)",
            session.entry.path)
        }
      } catch {
        add(
          "archive.original", .error, "the session does not read: \(error.message)",
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
        && store.sessions.contains { $0.session.entry.path == entry.path }
    }
    guard !made.isEmpty else { return }
    guard let target else {
      add(
        "archive.derived", .info, "\(name) cannot be made here, so it is not compared",
        made[0].path)
      return
    }
    let forms = try await Renderings(
      of: made.map(\.sourceID), from: format, at: store.path, as: target,
      in: folder.path(of: name.split(separator: ".").first.map(String.init) ?? name),
      mediaFolder: name == BundleLayout.transcriptFile ? BundleLayout.blobsFromSession : nil,
      readOptions: verification.readOptions, jobs: verification.jobs, interruption: interruption)
    for entry in made {
      let path = "\(entry.path)/\(name)"
      guard let form = forms.forms[entry.sourceID] else {
        add("archive.derived", .warning, "cannot be made again", path)
        continue
      }
      if try BackupRun.digest(of: form.file) != manifest.digests[path] {
        add("archive.derived", .warning, "comes out differently when it is made again", path)
      }
    }
  }
}
