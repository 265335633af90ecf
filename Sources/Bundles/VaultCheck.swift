internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Checks a vault: each pack by itself, and that packs hold all that snapshots name.
struct VaultCheck {
  private let verification: Verification
  private let vault: Vault
  private var report: VerificationReport

  init(_ verification: Verification, _ vault: Vault) {
    self.verification = verification
    self.vault = vault
    report = VerificationReport(bundle: vault.path, depth: verification.depth)
  }

  /// How many sessions that are missing are named.
  private static let mostNamed = 50

  private mutating func add(_ rule: String, _ severity: Severity, _ message: String, _ path: String)
  {
    report.findings.append(
      Finding(rule: rule, severity: severity, place: .file(path: path), message: message))
  }

  /// Checks all of it.
  mutating func run(_ interruption: Interruption) async throws(FormatError) -> VerificationReport {
    try await check(interruption)
    return report
  }

  private mutating func check(_ interruption: Interruption) async throws(FormatError) {
    for (path, reason) in vault.unreadable {
      add("archive.readable", .error, "the pack cannot be opened: \(reason)", path)
    }
    let identities = Set(vault.entries.map(\.identity))
    for pack in vault.packs {
      try interruption.check()
      var check = BagCheck(path: pack.path, depth: verification.depth)
      check.elsewhere = identities
      try check.run(pack, interruption)
      if vault.isEncrypted { try checkTags(of: pack) }
      pack.close()
      report.findings += check.findings
      report.files += check.files.count
      report.bytes += check.files.values.reduce(0) { $0 &+ $1.size }
    }
    let snapshots = checkSnapshots()
    guard let newest = snapshots.last else {
      add(
        "archive.snapshot", .error, "the vault has no snapshot, so nothing is restored", vault.path)
      return
    }
    report.identifier = newest.name
    report.sessions = vault.entries(of: newest).count { $0.kind == .session }
    guard verification.depth == .full || verification.sample != nil, report.isValid else { return }
    try await drill(snapshots, interruption)
  }

  /// Checks that what lies beside an encrypted pack is its own.
  private mutating func checkTags(of pack: Bundle) throws(FormatError) {
    guard case .archive(let archive, let index) = pack.storage else { return }
    do throws(FormatError) {
      if index == nil {
        add(
          "archive.members", .warning, "the tag files beside the pack are missing or damaged",
          pack.path)
      } else if try Bundle.tagFiles(of: archive.open()) != pack.tags {
        add("archive.tags", .error, "the tag files beside the pack are not its own", pack.path)
      }
    } catch  where error.code != .notReadable {
      // What is wrong with the pack is told already.
      return
    }
  }

  /// Reads all snapshots; those that can be used, oldest first.
  private mutating func checkSnapshots() -> [VaultSnapshot] {
    var snapshots: [VaultSnapshot] = []
    var missing: [(path: String, snapshot: String)] = []
    var named: Set<VaultSnapshot.State> = []
    for name in vault.names.reversed() {
      do throws(FormatError) {
        let snapshot = try vault.snapshot(name)
        snapshots.insert(snapshot, at: 0)
        for state in snapshot.states
        where named.insert(state).inserted && vault.pack(of: state) == nil {
          missing.append((state.path, name))
        }
      } catch {
        add("archive.snapshot", .error, error.message, vault.snapshotPath(name))
      }
    }
    for (path, snapshot) in missing.prefix(Self.mostNamed) {
      add(
        "archive.snapshot", .error, "is named by the snapshot \(snapshot), but no pack holds it",
        "\(vault.path):\(path)")
    }
    if missing.count > Self.mostNamed {
      add(
        "archive.snapshot", .error,
        "\(missing.count - Self.mostNamed) more sessions are in no pack", vault.path)
    }
    let unused = vault.entries.count { $0.kind == .session && !named.contains($0.place) }
    if unused > 0 {
      add(
        "archive.snapshot", .info,
        "\(unused) states of sessions are of no snapshot; `carryover vault compact` drops them",
        vault.path)
    }
    return snapshots
  }

  /// Restores each state once, with the newest snapshot that names it.
  private mutating func drill(
    _ snapshots: [VaultSnapshot], _ interruption: Interruption
  ) async throws(FormatError) {
    var rest = Set(snapshots.flatMap(\.states))
    let all = vault.entries.filter { rest.contains($0.place) }
      .sorted { BagManifest.precedes($0.path, $1.path) }
    rest = Set(verification.choose(from: all, &report).map(\.place))
    for snapshot in snapshots.reversed() {
      let bundle = Bundle(vault, snapshot)
      let entries = bundle.entries.filter { rest.remove($0.place) != nil }
      guard !entries.isEmpty else { continue }
      var originals = OriginalsCheck(
        verification, try BundleSeries(bundle, bases: [], needed: [], identity: nil))
      report.findings += try await originals.run(
        entries, catalogue: bundle.current, interruption)
    }
  }
}
