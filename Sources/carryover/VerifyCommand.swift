internal import ArgumentParser
internal import Bundles
internal import FileIO
internal import SessionCoding
internal import SessionFormats
internal import SessionModel

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks a bundle: every file against its digest, and nothing missing or added.",
    discussion: """
      Exit code 1 means that something is wrong; the findings say what, and in which file.

      EXAMPLES:
        carryover verify sessions-2026.tar.gz
        carryover verify ~/vault --quick
        carryover verify sessions-2026.tar.gz --full
        carryover verify sessions-2026.tar.gz --sample 5%
      """)

  @Argument(help: "An archive or a vault folder.", completion: .file())
  var bundle: String
  @Flag(help: "Only sizes and names, and the archive's own check sums.")
  var quick = false
  @Flag(
    help: """
      Also restore every session into a private folder, compare and read it, and make derived forms \
      again to compare them.
      """)
  var full = false
  @Option(
    help: ArgumentHelp(
      "Also restore, compare and read a random part of the sessions.", valueName: "percent"))
  var sample: PercentArgument?
  @Option(help: "Choose the same part as the run that printed this number.")
  var seed: UInt64?
  @Option(
    help: "An earlier bundle of the series that lies in another folder; can be repeated.",
    completion: .file())
  var base: [String] = []
  @OptionGroup var key: IdentityOption
  @Option(help: "How many sessions to work on at the same time (default: one per core).")
  var jobs: Int?
  @OptionGroup var limits: LimitOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if [quick, full, sample != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--quick, --full and --sample exclude each other")
    }
    if seed != nil, sample == nil {
      throw ValidationError("--seed repeats a --sample; give that too")
    }
    if let jobs, !(1...1_024).contains(jobs) {
      throw ValidationError("--jobs \(jobs) is out of range; give a number from 1 to 1024")
    }
  }

  func run() async throws {
    var verification = Verification(
      of: try BundleLocation.path(bundle), depth: quick ? .quick : full ? .full : .standard,
      formats: Registry.formats)
    verification.canonical = BundleContents.canonicalFormat
    verification.transcript = BundleContents.transcriptFormat
    verification.bases = base
    verification.identity = key.identity
    if let sample {
      verification.sample = VerificationSample(
        share: sample.share, seed: seed ?? .random(in: 0...999_999_999))
    }
    verification.jobs = jobs ?? processorCount()
    verification.readOptions = limits.readOptions
    let check = verification
    let report = try await BundleLocation.perform(ProgressLine(isShown: false)) {
      (interruption) throws(FormatError) in try await check.run(interruption: interruption)
    }
    var page = Page(output)
    if output.json {
      try page.write(report.json[...])
    } else if !output.quiet {
      try page.print(findings: report.findings, isVerbose: true, shown: { $0 })
      let what =
        "\(Wording.count(report.sessions, "session")), "
        + "\(Wording.count(report.files, "file")), \(Wording.bytes(report.bytes))"
      if let sample = report.sample {
        try page.print(
          "Restored and compared: \(sample.restored) of \(Wording.count(sample.of, "session")) "
            + "(--seed \(sample.seed) chooses the same)")
      }
      try page.print(
        report.isValid
          ? "\(report.bundle): valid (\(report.depth.rawValue) check): \(what)"
          : "\(report.bundle): not valid", report.isValid ? .bold : .red)
    }
    try page.finish()
    if !report.isValid { throw Ending(.found) }
  }
}

/// A share, as `5%`.
struct PercentArgument: ExpressibleByArgument {
  /// Between 0 and 1.
  let share: Double

  init?(argument: String) {
    let digits = argument.hasSuffix("%") ? argument.dropLast() : argument[...]
    guard let percent = Double(digits), percent > 0, percent <= 100 else { return nil }
    share = percent / 100
  }
}
