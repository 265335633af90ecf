internal import Archive
public import Conversion
internal import FileIO
public import SessionCoding
internal import SessionModel

/// Checks a bundle against what it says of itself.
public struct Verification: Sendable {
  /// How much is checked.
  public enum Depth: String, Sendable, CaseIterable {
    /// That every file is there with its size; contents only as far as an archive's own sums go.
    case quick
    /// Every file against its digest, in both directions.
    case standard
    /// Also that every session reads, and that derived forms come out the same again.
    case full
  }

  /// The bundle.
  public var bundle: String
  /// How much is checked.
  public var depth: Depth
  /// All formats that are known.
  public var formats: [any SessionFormat]
  /// The format of `session.jsonl`.
  public var canonical: (any WritableSessionFormat)?
  /// The format of `transcript.md`, when it can be made.
  public var transcript: (any WritableSessionFormat)?
  /// Earlier bundles of the series that do not lie beside this one.
  public var bases: [String] = []
  /// The limits of reading.
  public var readOptions = ReadOptions()
  /// The file with the key of an encrypted bundle.
  public var identity: String?
  /// The part of the sessions that is restored and read besides; nil for none, or all when that is
  /// asked for.
  public var sample: VerificationSample?
  /// How many sessions to work on at the same time.
  public var jobs = 1

  /// Creates a verification.
  public init(of bundle: String, depth: Depth = .standard, formats: [any SessionFormat] = []) {
    self.bundle = bundle
    self.depth = depth
    self.formats = formats
  }

  /// The entries of which a drill is asked for; all of stores.
  func choose(from entries: [BundleEntry], _ report: inout VerificationReport) -> [BundleEntry] {
    guard let sample else { return entries }
    let all = entries.filter { $0.kind == .session }
    let chosen = sample.choose(from: all)
    report.sample = (sample.seed, chosen.count, all.count)
    return entries.filter { $0.kind == .store } + chosen
  }

  /// Checks the bundle.
  ///
  /// - Throws: When there is no bundle or it cannot be read at all; everything else is a finding.
  public func run(interruption: Interruption = Interruption()) async throws(FormatError)
    -> VerificationReport
  {
    var report = VerificationReport(bundle: bundle, depth: depth)
    var check = BagCheck(path: bundle, depth: depth)
    if Vault.recognizes(bundle) {
      var check = VaultCheck(self, try Vault(bundle, identity: identity))
      return try await check.run(interruption)
    }
    let opened: Bundle
    do throws(FormatError) {
      opened = try Bundle(bundle, identity: identity)
    } catch {
      let isDamage =
        error.code == .damaged || error.code == .limit
        || error.code == .notRecognised && BundleLayout.isArchive(bundle)
      if isDamage {
        // Damage may reach the part that tells what this is.
        check.add("archive.readable", .error, error.message)
        try check.sideFiles(isWhole: depth != .quick)
        report.findings = check.findings
        return report
      }
      throw error
    }
    report.identifier = opened.identifier
    try check.run(opened, interruption)
    do throws(FormatError) {
      _ = try BundleSeries(
        opened, bases: bases, needed: opened.current, identity: identity)
    } catch {
      check.add("archive.series", .error, error.description)
    }
    if depth == .full || sample != nil,
      !check.findings.contains(where: { $0.severity == .error })
    {
      let series = try BundleSeries(
        opened, bases: bases, needed: opened.current, identity: identity)
      let own = opened.entries.filter { $0.bundle == nil }
      let chosen = choose(from: own, &report)
      var originals = OriginalsCheck(self, series)
      check.findings += try await originals.run(
        chosen, catalogue: opened.current, interruption)
    }
    report.findings = check.findings
    report.files = check.files.count
    report.bytes = check.files.values.reduce(0) { $0 &+ $1.size }
    report.sessions = opened.current.count { $0.kind == .session }
    return report
  }
}
