internal import ArgumentParser
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionFormats

struct ConvertCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Converts sessions from any format to any other, and reports what differs.",
    discussion: """
      What the target cannot hold is kept beside it (the carry) and comes back, byte for byte, with \
      a conversion back. A destination that exists is added to; running the command again does \
      nothing, a session that has grown is updated, one changed at the destination is left alone.

      EXAMPLES:
        carryover convert ggcode: ~/.local/share/term-llm/sessions.db --to term-llm
        carryover convert ggcode: ggcode.session.jsonl --to canonical --dry-run
        carryover convert ggcode:20260301-090000 - --to canonical | less
        carryover convert sessions.db back --to ggcode@1.3.216
        carryover convert ggcode: copy --to ggcode --map-path /home/a=/home/b
        carryover convert claude-code: codex: --project ~/garden --limit 5
      """)

  @Argument(help: "A path, `tool:` for a tool's usual place, `tool:ID`, or `-`.")
  var source: String
  @Argument(help: "A path, `tool:`, or `-`.")
  var destination: String
  @Option(help: "The format to write, with its profile if wanted: FORMAT[@PROFILE].")
  var to: TargetArgument?
  @Flag(help: "Do everything but write: show the plan and the losses.")
  var dryRun = false
  @Option(help: "Write the report to this file, as JSON.", completion: .file())
  var report: String?
  @Flag(
    help: """
      Exit with 1 when something is lost that a conversion back would not restore; of a session that \
      comes back, when something said in the other tool is.
      """)
  var failOnLoss = false
  @Flag(help: "Exit with 1 when a session is skipped.")
  var failOnSkip = false
  @Option(help: "What to do with a session that was changed at the destination.")
  var onConflict = ConflictPolicy.skip
  @Flag(help: "Write the plain foreign form: keep no originals for the way back.")
  var noCarry = false
  @Flag(help: "Copies of one format: leave out records that change what the tool may do.")
  var stripSettings = false
  @Option(help: "Replace the beginning of workspace paths, OLD=NEW; can be repeated.")
  var mapPath: [PathMapping] = []
  @Flag(help: "Apply the safe repairs that `carryover validate` names.")
  var repair = false
  @Flag(help: "Read every session, also those whose files nobody has touched since the last run.")
  var checksum = false
  @Flag(help: "Name every session in the report, also those without anything notable.")
  var verbose = false
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var filters: FilterOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if destination == "-", output.json {
      throw ValidationError(
        "--json and the destination - both want standard output; use --report FILE")
    }
  }

  func run() async throws {
    let opened = try OpenedSource(
      source, format: sourceOptions.from?.format, sessions: sourceOptions.sessions,
      options: sourceOptions.limits.readOptions)
    let place = try ConversionTarget(destination, to)
    try checkPlaces(opened, place)
    let run = ConversionRun(
      conversion: StoreConversion(
        from: opened.format, at: opened.path, to: place.format, at: place.path,
        writeOptions: WriteOptions(
          profile: place.profile, isDurable: !place.isPipe,
          isSelfContained: place.isPipe, stripsSettings: stripSettings),
        options: try options(opened, isPipe: source == "-" || place.isPipe)),
      source: opened, target: place, showsProgress: !output.quiet && isTerminal(2),
      hasColors: !output.noColor)
    let outcome = try await run.perform()
    if let report { try Self.save(outcome.report, opened, to: report) }
    if place.isPipe, !dryRun {
      var page = Page(output)
      if outcome.report.totals.count(.written) > 0 { try page.write(contentsOf: place.path) }
      try page.finish()
    }
    if output.json {
      var page = Page(output)
      try page.write(Array(opened.shown(outcome.report.jsonText).utf8)[...])
      try page.finish()
    } else if !output.quiet {
      var page = Page(output, errors: place.isPipe)
      try ReportText(outcome, opened, place, isVerbose: verbose).print(on: &page)
      try page.finish()
    } else {
      try tellFailures(outcome.report, opened)
    }
    if let code = exitCode(outcome.report) { throw Ending(code) }
  }

  /// Refuses what would mix two formats in one folder, or leave sessions where their tool does not look.
  private func checkPlaces(_ opened: OpenedSource, _ place: ConversionTarget) throws(Ending) {
    guard let source = pathFollowingLinks(opened.path),
      source == pathFollowingLinks(place.path)
    else { return }
    if opened.format.info.id != place.format.info.id {
      throw Ending(
        .usage,
        "\(place.name) is the store of \(opened.format.info.name) itself, in which \(place.format.info.name) "
          + "does not look; give another destination")
    }
    if !mapPath.isEmpty, place.format.info.liesByWorkspace {
      throw Ending(
        .usage,
        "--map-path in place would leave the sessions in the folders of their old paths, where "
          + "\(place.format.info.name) does not look; convert to a new folder")
    }
  }

  private func options(
    _ opened: OpenedSource, isPipe: Bool
  ) throws(Ending) -> ConversionOptions {
    var options = ConversionOptions()
    options.sessions = opened.wanted
    options.filter = try filters.filter()
    options.onConflict = onConflict
    options.carries = !noCarry
    options.isDryRun = dryRun
    options.mappedPaths = mapPath.map { ($0.old, $0.new) }
    options.repairs = repair
    options.jobs = sourceOptions.jobCount
    options.readsUnchanged = checksum
    options.formats = Registry.formats
    if !isPipe { options.quickCheckFolder = CacheFolder.path }
    return options
  }

  private static func save(_ report: ConversionReport, _ opened: OpenedSource, to path: String)
    throws(Ending)
  {
    do throws(FileError) {
      var file = try AtomicOutput(replacing: path)
      try file.write(opened.shown(report.jsonText))
      try file.commit()
    } catch {
      throw Ending(.target, "the conversion is done, but not its report: \(error.description)")
    }
  }

  /// Failures are errors, which `--quiet` does not silence.
  private func tellFailures(_ report: ConversionReport, _ opened: OpenedSource) throws(Ending) {
    var page = Page(output, errors: true)
    for (session, others) in report.failures {
      let reason = opened.shown(session.reason ?? "failed")
      try page.print("carryover: \(session.source)\(Wording.others(others)): \(reason)")
    }
    try page.finish()
  }

  private func exitCode(_ report: ConversionReport) -> Ending.Code? {
    let totals = report.totals
    if totals.count(.failed) > 0 { return .sessions }
    if totals.count(.error) > 0 { return .found }
    if failOnSkip, totals.count(.skipped) > 0 { return .found }
    return failOnLoss && totals.count(.lossy) > 0 ? .found : nil
  }
}

extension ConversionReport {
  /// ``json`` as text.
  var jsonText: String { String(decoding: json, as: UTF8.self) }
}
