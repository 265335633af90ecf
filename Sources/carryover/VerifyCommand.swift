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
      """)

  @Argument(help: "An archive or a vault folder.", completion: .file())
  var bundle: String
  @Flag(help: "Only sizes and names, and the archive's own check sums.")
  var quick = false
  @Flag(help: "Also read every session, and make derived forms again to compare them.")
  var full = false
  @Option(
    help: "An earlier bundle of the series that lies in another folder; can be repeated.",
    completion: .file())
  var base: [String] = []
  @Option(help: "How many sessions to work on at the same time (default: one per core).")
  var jobs: Int?
  @OptionGroup var limits: LimitOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if quick, full { throw ValidationError("--quick and --full exclude each other") }
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
      try page.print(
        report.isValid
          ? "\(report.bundle): valid (\(report.depth.rawValue) check): \(what)"
          : "\(report.bundle): not valid", report.isValid ? .bold : .red)
    }
    try page.finish()
    if !report.isValid { throw Ending(.found) }
  }
}
