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

  /// Checks the bundle.
  ///
  /// - Throws: When there is no bundle or it cannot be read at all; everything else is a finding.
  public func run(interruption: Interruption = Interruption()) async throws(FormatError)
    -> VerificationReport
  {
    var report = VerificationReport(bundle: bundle, depth: depth)
    var check = BagCheck(path: bundle, depth: depth)
    let opened: Bundle
    do throws(FormatError) {
      opened = try Bundle(bundle)
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
      _ = try BundleSeries(opened, bases: bases, needed: opened.current)
    } catch {
      check.add("archive.series", .error, error.description)
    }
    if depth == .full || sample != nil,
      !check.findings.contains(where: { $0.severity == .error })
    {
      var originals = OriginalsCheck(self, opened)
      check.findings += try await originals.run(interruption)
      report.sample = originals.sample
    }
    report.findings = check.findings
    report.files = check.files.count
    report.bytes = check.files.values.reduce(0) { $0 &+ $1.size }
    report.sessions = opened.current.count { $0.kind == .session }
    return report
  }
}
