internal import FileIO
public import SessionCoding
internal import SessionModel

/// Which snapshots of a vault are kept: the last one of each of so many days, weeks and months.
///
/// The newest snapshot is always kept. It names the newest state of every session, also of those that
/// their tools have deleted, so that no session is ever lost.
public struct VaultForgetting: Sendable {
  /// For how many days with a snapshot one is kept.
  public var daily = 0
  /// For how many weeks, from Monday.
  public var weekly = 0
  /// For how many months.
  public var monthly = 0

  /// Keeps nothing but the newest snapshot.
  public init() {}

  /// What becomes of a snapshot.
  public struct Decision: Sendable {
    /// The snapshot.
    public var snapshot: VaultSnapshot
    /// Why it is kept: `newest`, `day`, `week`, `month`; empty when it is forgotten.
    public var reasons: [String]
  }

  /// Decides on snapshots, oldest first.
  ///
  /// - Parameter offset: Seconds east of UTC of the zone whose days count.
  public func decide(
    on snapshots: [VaultSnapshot], offset: (_ seconds: Int64) -> Int32
  ) -> [Decision] {
    var decisions: [Decision] = []
    var last: [String: Int64] = [:]
    var count: [String: Int] = [:]
    for (index, snapshot) in snapshots.enumerated().reversed() {
      let seconds = snapshot.time.seconds + Int64(offset(snapshot.time.seconds))
      let day = Int64((Double(seconds) / 86_400).rounded(.down))
      let civil = CivilTime(secondsSinceEpoch: seconds)
      var reasons = index == snapshots.count - 1 ? ["newest"] : []
      // 1970-01-01 was a Thursday.
      let weekNumber = Int64((Double(day + 3) / 7).rounded(.down))
      for (name, number, limit) in [
        ("day", day, daily), ("week", weekNumber, weekly),
        ("month", civil.year * 12 + civil.month, monthly),
      ] where last[name] != number && count[name, default: 0] < limit {
        last[name] = number
        count[name, default: 0] += 1
        reasons.append(name)
      }
      decisions.insert(Decision(snapshot: snapshot, reasons: reasons), at: 0)
    }
    return decisions
  }

  /// Removes the snapshots of a vault that are not kept.
  ///
  /// What they name stays in the packs until these are compacted.
  ///
  /// - Parameter identity: The file with the key of an encrypted vault.
  /// - Throws: `.busy` when another run is at work, `.damaged` when a snapshot cannot be read: nothing
  ///   is forgotten then.
  public func run(
    on vault: String, identity: String? = nil, isDryRun: Bool
  ) throws(FormatError) -> [Decision] {
    if isDryRun {
      return decide(on: try Vault(vault, identity: identity).snapshots()) {
        SystemClock.localOffset(at: $0)
      }
    }
    let writer = try VaultWriter(
      vault, creates: false, isDurable: true, identity: identity, recipients: nil)
    let decisions = decide(on: try writer.vault.snapshots()) { SystemClock.localOffset(at: $0) }
    for decision in decisions where decision.reasons.isEmpty {
      _ = try writing { () throws(FileError) in
        try removeFile(writer.vault.snapshotPath(decision.snapshot.name))
      }
    }
    return decisions
  }
}
