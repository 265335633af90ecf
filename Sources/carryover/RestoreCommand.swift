internal import ArgumentParser
internal import Bundles
internal import Conversion
internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionFormats

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Restores sessions of a bundle: the original bytes, or converted with --to.",
    discussion: """
      Nothing that is at the destination is overwritten unasked. A bundle of several stores is \
      restored into a folder with one store each, unless --to makes one store of all; with --all each \
      tool's sessions go to its usual place. Exit code 1 means that sessions were skipped, because \
      others are in their places.

      EXAMPLES:
        carryover restore sessions-2026.tar.gz restored
        carryover restore ~/vault ggcode: --from ggcode
        carryover restore --all ~/vault --dry-run
        carryover restore sessions-2026.tar.gz one --session 20260301-090000
        carryover restore sessions-2026.tar.gz all.db --to term-llm
        carryover restore ~/vault claude-code: --project ~/garden --since 7d --dry-run
        carryover restore ~/vault then --snapshot 20260301T090000Z
        carryover restore laptop.tar.gz claude-code: --map-path /Users/kim=/home/kim
      """)

  @Argument(help: "An archive or a vault folder.", completion: .file())
  var bundle: String
  @Argument(help: "A path, or `tool:` for a tool's usual place; none with --all.")
  var destination: String?
  @Flag(help: "Restore the sessions of each tool to its usual place on this machine.")
  var all = false
  @Option(help: "The format to write, with its profile if wanted: FORMAT[@PROFILE].")
  var to: TargetArgument?
  @Option(help: "What to do with a session that is at the destination with other content.")
  var onConflict = ConflictPolicy.skip
  @Option(
    help: ArgumentHelp(
      "The snapshot of a vault, as `carryover vault list` names it (default: the newest).",
      valueName: "name"))
  var snapshot: String?
  @OptionGroup var key: IdentityOption
  @Flag(help: "Write nothing: show which files would be written, and which are there.")
  var dryRun = false
  @Flag(help: "Keep no originals of other formats beside what is written.")
  var noCarry = false
  @Option(
    help: "Replace the beginning of workspace paths, OLD=NEW; sessions are written anew then.")
  var mapPath: [PathMapping] = []
  @Option(
    help: "An earlier bundle of the series that lies in another folder; can be repeated.",
    completion: .file())
  var base: [String] = []
  @Flag(help: "Exit with 1 when something is lost that a conversion back would not restore.")
  var failOnLoss = false
  @Flag(help: "Name every session in the report, also those without anything notable.")
  var verbose = false
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var filters: FilterOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard all else {
      if destination == nil { throw ValidationError("give the destination, or --all") }
      return
    }
    guard destination == nil, to == nil, sourceOptions.from == nil, sourceOptions.sessions.isEmpty
    else {
      throw ValidationError(
        "with --all give only the bundle: no destination, --to, --from or --session")
    }
  }

  /// The switches that hold whatever the destination.
  private func options() throws(Ending) -> RestoreOptions {
    var options = RestoreOptions()
    options.format = to?.format
    options.profile = to?.profile
    options.tool = sourceOptions.from?.format.info.id
    options.sessions = sourceOptions.sessions
    options.filter = try filters.filter()
    options.isDryRun = dryRun
    options.snapshot = snapshot
    options.identity = key.identity
    options.onConflict = onConflict
    options.carries = !noCarry
    options.bases = base
    options.mappedPaths = mapPath.map { ($0.old, $0.new) }
    options.jobs = sourceOptions.jobCount
    options.readOptions = sourceOptions.limits.readOptions
    return options
  }

  /// What is to be done for a destination.
  private func restoration(
    of path: String, to destination: String
  ) throws(Ending) -> Restoration {
    var options = try options()
    let place: String
    switch Location(destination) {
    case .path(let path): place = path
    case .pipe: throw Ending(.usage, "sessions cannot be restored to a pipe; give a path")
    case .tool:
      let target = try ConversionTarget(destination, to)
      options.format = target.format
      place = target.path
    }
    return Restoration(of: path, to: place, formats: Registry.formats, options: options)
  }

  /// What is to be done for each tool of a bundle, and the tools that have no place here.
  private static func restorations(
    of path: String, _ options: RestoreOptions
  ) throws(FormatError) -> (restorations: [Restoration], problems: [String]) {
    let opened = try Bundle(path, snapshot: options.snapshot, identity: options.identity)
    var restorations: [Restoration] = []
    var problems: [String] = []
    for tool in Set(opened.current.map(\.tool)).sorted() {
      guard let format = Registry.format(tool), let place = format.info.defaultLocation() else {
        problems.append(
          "the sessions of \(tool) have no usual place on this machine; restore them to a path, "
            + "with --from \(tool)")
        continue
      }
      var options = options
      options.tool = tool
      // Several stores of a tool become one.
      options.format = format as? any RestorableSessionFormat
      restorations.append(
        Restoration(of: path, to: place, formats: Registry.formats, options: options))
    }
    return (restorations, problems)
  }

  func run() async throws {
    let path = try BundleLocation.path(bundle)
    let single = try destination.map { (place) throws(Ending) in
      try restoration(of: path, to: place)
    }
    let shared = try options()
    let line = ProgressLine(isShown: !output.quiet && isTerminal(2))
    let clock = ContinuousClock()
    let start = clock.now
    let (report, problems) = try await BundleLocation.perform(line) {
      (interruption) throws(FormatError) -> (RestorationReport, [String]) in
      if let single {
        return (try await single.run(interruption: interruption) { line.show($0) }, [])
      }
      var report = RestorationReport()
      var (restorations, problems) = try Self.restorations(of: path, shared)
      for restoration in restorations {
        do throws(FormatError) {
          report.stores += try await restoration.run(interruption: interruption) { line.show($0) }
            .stores
        } catch  where error.code != .interrupted {
          // The tools do not depend on each other.
          problems.append("\(restoration.options.tool ?? ""): \(error.description)")
        }
      }
      return (report, problems)
    }
    let seconds = (clock.now - start) / .seconds(1)
    if output.json {
      var page = Page(output)
      try page.write(json(report)[...])
      try page.finish()
    } else if output.quiet {
      try tellFailures(report)
    } else {
      var page = Page(output)
      for store in report.stores {
        try page.print("\(store.tool) to \(store.destination):")
        try page.print(preview: store, isVerbose: verbose)
        try ReportText(store.report, seconds: seconds, isVerbose: verbose).print(on: &page)
      }
      if report.stores.isEmpty { try page.print("The bundle holds no such sessions.") }
      try page.finish()
    }
    try tell(problems)
    let isWhole =
      problems.isEmpty
      && !report.stores.contains { store in
        store.report.storeFindings.contains { $0.rule == "archive.store" }
      }
    if !isWhole || report.sessions.contains(where: { $0.status == .failed }) {
      throw Ending(.sessions)
    }
    if report.sessions.contains(where: { $0.status == .skipped }) { throw Ending(.found) }
    let isLossy = report.sessions.contains { $0.losses.contains { !$0.isCarried } }
    if failOnLoss, isLossy { throw Ending(.found) }
  }

  private func json(_ report: RestorationReport) -> [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("bundle", bundle)
    writer.key("stores")
    writer.beginArray()
    for store in report.stores {
      writer.beginObject()
      writer.field("format", store.tool)
      writer.field("destination", store.destination)
      writer.key("report")
      writer.raw(store.report.json.dropLast())
      if dryRun {
        writer.key("files")
        writer.beginArray()
        for file in store.preview {
          writer.beginObject()
          writer.field("path", file.path)
          writer.field("state", file.state.rawValue)
          writer.endObject()
        }
        writer.endArray()
      }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// Tools whose sessions could not be restored are errors.
  private func tell(_ problems: [String]) throws(Ending) {
    var page = Page(output, errors: true)
    for problem in problems { try page.print("carryover: \(problem)") }
    try page.finish()
  }

  /// Failures are errors, which `--quiet` does not silence.
  private func tellFailures(_ report: RestorationReport) throws(Ending) {
    var page = Page(output, errors: true)
    for session in report.sessions where session.status == .failed {
      try page.print("carryover: \(session.source): \(session.reason ?? "failed")")
    }
    try page.finish()
  }
}
