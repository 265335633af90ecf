internal import ArgumentParser
internal import Bundles
internal import Conversion
internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionFormats
internal import SessionModel

/// What a bundle holds besides the originals.
enum BundleContent: String, ExpressibleByArgument, CaseIterable {
  case canonical, transcript
}

/// Several contents, separated by commas.
struct BundleContents: ExpressibleByArgument {
  let contents: Set<BundleContent>

  init?(argument: String) {
    var contents: Set<BundleContent> = []
    for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let content = BundleContent(rawValue: String(name)) else { return nil }
      contents.insert(content)
    }
    self.contents = contents
  }

  static var allValueStrings: [String] { BundleContent.allCases.map(\.rawValue) }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

  /// The format that makes readable transcripts, when there is one.
  static var transcriptFormat: (any WritableSessionFormat)? {
    Registry.format("markdown") as? any WritableSessionFormat
  }

  static var canonicalFormat: (any WritableSessionFormat)? {
    Registry.format("canonical") as? any WritableSessionFormat
  }
}

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Backs up stores into one archive, or into a vault folder that grows.",
    discussion: """
      A bundle whose name ends in .tar.gz is one file that standard tools verify and unpack. Any other \
      name is a vault: a folder to which each run adds what is new or has changed, and a snapshot that \
      lists what was the newest then; see `carryover vault`. Every file of a session is kept with its place, mode and modification time, and \
      of databases all rows; secrets and authentication tables are left out and named.

      Before a bundle is published, each session in it is restored from it into a private folder and \
      compared; --no-proof leaves that out.

      With --encrypt nothing of an archive or a vault can be read without the key, not even names. A vault \
      is encrypted from its first run on; every later one takes --encrypt, and --identity to read what \
      the vault has.

      EXAMPLES:
        carryover backup ggcode: term-llm: sessions-2026.tar.gz
        carryover backup ggcode: term-llm: ~/vault
        carryover backup --all ~/vault
        carryover backup claude-code: garden.tar.gz --project ~/garden --since 90d
        carryover backup ggcode: week2.tar.gz --since-bundle week1.tar.gz
        carryover backup sessions.db all.tar.gz --with canonical
        carryover backup --all all.tar.gz.age --encrypt age1qz5c…
        carryover backup --all ~/locked-vault --encrypt age1qz5c… --identity key.txt
      """)

  @Argument(
    help: "One or more sources, each a path or `tool:`, or none with --all; then the bundle.")
  var places: [String]
  @Option(
    help: "Also keep other forms of each session: canonical, transcript; separated by commas.")
  var with: BundleContents?
  @Option(
    help: "Write an increment: what this bundle or its predecessors hold is referred to.",
    completion: .file())
  var sinceBundle: String?
  @Flag(help: "Take every store that `carryover stores` lists.")
  var all = false
  @OptionGroup var recipients: RecipientOptions
  @OptionGroup var key: IdentityOption
  @Flag(help: "Replace an archive that is there already.")
  var replace = false
  @Flag(help: "Publish the bundle without restoring its sessions from it first.")
  var noProof = false
  @Flag(help: "Read every session, also those whose files a vault knows by size and time.")
  var checksum = false
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var filters: FilterOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if all {
      guard places.count == 1, sourceOptions.sessions.isEmpty, sourceOptions.from == nil else {
        throw ValidationError("with --all give only the bundle: no source, --session or --from")
      }
    }
    guard all || places.count >= 2 else {
      throw ValidationError("give at least one source, and then the bundle")
    }
    if let with, with.contents.contains(.transcript), BundleContents.transcriptFormat == nil {
      throw ValidationError("transcripts need a format that this version does not have")
    }
  }

  func run() async throws {
    let bundle = try BundleLocation.path(places[places.count - 1])
    let isBundle = [".tar.gz", ".tgz", ".age"].contains { bundle.hasSuffix($0) }
    if !isBundle, ArchiveName.isOne(bundle), FileStatus.guess(bundle) == nil {
      throw Ending(
        .usage,
        "\(bundle) is the name of an archive of another kind; end it in .tar.gz, or name a folder "
          + "that becomes a vault")
    }
    let stores = try all ? Self.stores() : []
    var opened: [OpenedSource] = []
    for place in places.dropLast() {
      opened.append(
        try OpenedSource(
          place, format: sourceOptions.from?.format, sessions: sourceOptions.sessions,
          options: sourceOptions.limits.readOptions))
    }
    var options = BackupOptions()
    if let with {
      if with.contents.contains(.canonical) { options.canonical = BundleContents.canonicalFormat }
      if with.contents.contains(.transcript) {
        options.transcript = BundleContents.transcriptFormat
      }
    }
    options.since = sinceBundle
    options.replaces = replace
    options.proves = !noProof
    options.readsUnchanged = checksum
    options.jobs = sourceOptions.jobCount
    options.readOptions = sourceOptions.limits.readOptions
    options.agent = "carryover \(Carryover.configuration.version)"
    options.recipients = recipients.encrypt
    options.identity = key.identity
    let filter = try filters.filter()
    let backup = Backup(
      of: opened.map {
        BackupSource(format: $0.format, path: $0.path, sessions: $0.wanted, filter: filter)
      }
        + stores.filter { $0.problem == nil }.map {
          BackupSource(format: $0.format, path: $0.path, filter: filter)
        },
      to: bundle, options: options)
    let line = ProgressLine(isShown: !output.quiet && isTerminal(2))
    let report = try await BundleLocation.perform(line) { (interruption) throws(FormatError) in
      try await backup.run(interruption: interruption) { line.show($0) }
    }
    var page = Page(output)
    if output.json {
      try page.write(report.json[...])
    } else if !output.quiet {
      for store in stores where store.problem == nil {
        let count = report.items.count { $0.tool == store.format.info.id && !$0.id.isEmpty }
        try page.print(
          "\(store.format.info.id): \(Wording.count(count, "session")) in \(store.path)")
      }
      try print(report, on: &page)
    }
    try page.finish()
    try tellProblems(of: stores)
    if output.quiet, !output.json { try tellFailures(report) }
    if report.hasFailures || stores.contains(where: { $0.problem != nil }) {
      throw Ending(.sessions)
    }
  }

  /// Every store that is in its usual place.
  private static func stores() throws(Ending) -> [LocalStore] {
    let stores = LocalStore.all
    guard stores.contains(where: { $0.problem == nil }) else {
      throw Ending(
        .source,
        stores.first?.problem ?? "no store of a known tool is in its usual place; name one")
    }
    return stores
  }

  /// Stores that cannot be read are errors, and keep nobody else back.
  private func tellProblems(of stores: [LocalStore]) throws(Ending) {
    var page = Page(output, errors: true)
    for store in stores {
      guard let problem = store.problem else { continue }
      try page.print("carryover: \(store.path) is left out: \(problem)")
    }
    try page.finish()
  }

  private func print(_ report: BackupReport, on page: inout Page) throws(Ending) {
    for item in report.items where item.status == .failed {
      try page.print("\(name(of: item)): failed: \(item.reason ?? "")", .red)
    }
    try page.print(findings: report.findings, isVerbose: false)
    try page.print(omissions: report.omissions)
    let total = report.items.count { !$0.id.isEmpty }
    let parts = BackupReport.Item.Status.allCases.compactMap { status -> String? in
      let count = report.count(status)
      return count > 0 ? "\(count) \(status.rawValue)" : nil
    }
    try page.print(
      "\(report.bundle): \(Wording.count(total, "session"))"
        + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")), .bold)
    try page.print(untaken: report.untaken)
    if let proven = report.proven {
      try page.print(
        "Proven: \(Wording.count(proven, "session")) restored from it and compared")
    }
    if !report.isWritten {
      try page.print("The bundle holds all of it already; nothing was written.")
    } else if report.archiveBytes > 0 {
      try page.print("\(Wording.bytes(report.archiveBytes)) written")
    }
  }

  private func name(of item: BackupReport.Item) -> String {
    item.id.isEmpty ? "what belongs to the store of \(item.tool)" : item.id
  }

  /// Failures are errors, which `--quiet` does not silence.
  private func tellFailures(_ report: BackupReport) throws(Ending) {
    var page = Page(output, errors: true)
    for item in report.items where item.status == .failed {
      try page.print("carryover: \(name(of: item)): \(item.reason ?? "failed")")
    }
    try page.finish()
  }
}
