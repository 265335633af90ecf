internal import Archive
public import Conversion
internal import FileIO
public import SessionCoding
internal import SessionModel
internal import Synchronization

/// Backs up sessions of several stores into one archive, or into a vault folder.
public struct Backup: Sendable {
  /// The stores.
  public var sources: [BackupSource]
  /// Where the bundle is to stand: a name that ends in `.tar.gz`, else the folder of a vault.
  public var destination: String
  /// The switches.
  public var options: BackupOptions

  /// Creates a backup.
  public init(
    of sources: [BackupSource], to destination: String, options: BackupOptions = BackupOptions()
  ) {
    self.sources = sources
    self.destination = destination
    self.options = options
  }

  /// What became of one planned item.
  enum Outcome: Sendable {
    case unchanged(BundleEntry)
    case prepared(PreparedSession)
    case nothing
    case failed(String)
  }

  /// Runs the backup.
  ///
  /// - Throws: When a source cannot be opened or the bundle not be written; failures of single
  ///   sessions are in the report.
  public func run(
    interruption: Interruption = Interruption(),
    progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in }
  ) async throws(FormatError) -> BackupReport {
    guard BundleLayout.isArchive(destination) else {
      return try await addToVault(interruption, progress)
    }
    let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
    let base = try options.since.map { (path) throws(FormatError) in
      try Bundle(path, identity: options.identity)
    }
    if let base, base.tags[BundleLayout.index] == nil { throw FormatError(withoutIndex: base) }
    let plan = try BackupPlan(
      sources, base: base?.entries ?? [], folder: folder, options: options.readOptions)
    let run = BackupRun(
      plan: plan, options: options, sources: sources, base: base, folder: folder, vault: nil,
      stamps: nil, media: SharedMedia(in: folder), interruption: interruption,
      meter: BackupMeter(plan.items, progress))
    try await run.survey()
    return try await run.write(archive: destination, run.renderings())
  }

  private func addToVault(
    _ interruption: Interruption, _ progress: @escaping @Sendable (ConversionProgress) -> Void
  ) async throws(FormatError) -> BackupReport {
    guard options.since == nil else {
      throw FormatError(
        .notWritable, "an increment is an archive, not a vault", at: .file(path: destination),
        advice: "give a name that ends in .tar.gz")
    }
    let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
    let writer = try VaultWriter(
      destination, creates: true, isDurable: options.isDurable, identity: options.identity,
      recipients: options.recipients)
    do throws(FormatError) {
      let vault = writer.vault
      let newest = try vault.names.last.map { (name) throws(FormatError) in
        try vault.snapshot(name)
      }
      let base = newest.map { Bundle(vault, $0) }
      let stamps = VaultStamps(of: vault)
      var known = vault.entries + (base?.entries.filter { $0.bundle == nil } ?? [])
      if !options.readsUnchanged {
        for index in known.indices { known[index].stamp = stamps.stamps[known[index].path] }
      }
      let plan = try BackupPlan(
        sources, base: known, folder: folder, options: options.readOptions)
      let run = BackupRun(
        plan: plan, options: options, sources: sources, base: base, folder: folder, vault: vault,
        stamps: stamps, media: SharedMedia(in: folder), interruption: interruption,
        meter: BackupMeter(plan.items, progress))
      try await run.survey()
      return try await run.write(to: writer, after: newest, run.renderings())
    } catch {
      writer.discard()
      throw error
    }
  }
}

extension FormatError {
  /// Going on without the list of what is there would lose it.
  fileprivate init(withoutIndex bundle: Bundle) {
    self.init(
      .damaged, "its index.jsonl, the list of what it holds, is missing",
      at: .file(path: bundle.path),
      advice: "name an archive, not a vault, or put index.jsonl back from a copy")
  }
}

/// Adds up progress over the sessions of a backup.
final class BackupMeter: Sendable {
  private let state: Mutex<ConversionProgress>
  private let report: @Sendable (ConversionProgress) -> Void

  init(
    _ items: [BackupPlan.Item], _ report: @escaping @Sendable (ConversionProgress) -> Void
  ) {
    let sessions = items.compactMap(\.summary)
    let bytes = sessions.reduce(UInt64(0)) { $0 &+ $1.byteCount }
    state = Mutex(
      ConversionProgress(sessions: (0, sessions.count), bytes: (0, bytes), published: 0))
    self.report = report
  }

  func add(_ item: BackupPlan.Item) {
    guard let summary = item.summary else { return }
    let progress = state.withLock { state in
      state.sessions.done += 1
      state.bytes.done &+= summary.byteCount
      return state
    }
    report(progress)
  }
}
