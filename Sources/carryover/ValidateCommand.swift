internal import ArgumentParser
internal import Conversion
internal import JSONText
internal import SessionCoding
internal import SessionModel

struct ValidateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks the sessions of a store or file and says what is wrong, and where.",
    discussion: """
      Checked are the rules of the format and those that hold for every session. Exit code 1 means \
      that errors were found.

      EXAMPLES:
        carryover validate ggcode:
        carryover validate ~/.ggcode/sessions --session 20260301 --verbose
        carryover validate sessions.db --json
      """)

  @Argument(help: "A path, `tool:` for a tool's usual place, or `-`.")
  var source: String
  @Flag(help: "Show every finding; else at most three of one kind per session.")
  var verbose = false
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let opened = try OpenedSource(
      source, format: sourceOptions.from?.format, sessions: sourceOptions.sessions,
      options: sourceOptions.limits.readOptions)
    let store = try opened.open()
    let sessions = try opened.sessions(of: store)
    var found: [SessionFindings] = []
    var storeFindings: [Finding] = []
    do throws(FormatError) {
      let validation = StoreValidation(store, jobs: sourceOptions.jobCount)
      if opened.wanted.isEmpty { storeFindings = validation.storeFindings }
      try await validation.run(sessions) {
        found.append($0)
      }
    } catch {
      throw Ending(.source, opened.shown(error.description))
    }
    let counts = Severity.allCases.reversed().map { severity in
      (
        severity: severity,
        count: found.reduce(storeFindings.count { $0.severity == severity }) {
          $0 + $1.count(severity)
        }
      )
    }
    var page = Page(output)
    if output.json {
      try page.write(json(opened, storeFindings, found, counts)[...])
    } else if !output.quiet {
      try print(opened, storeFindings, found, counts, on: &page)
    }
    try page.finish()
    if counts.contains(where: { $0.severity == .error && $0.count > 0 }) { throw Ending(.found) }
  }

  private func print(
    _ opened: OpenedSource, _ storeFindings: [Finding], _ found: [SessionFindings],
    _ counts: [(severity: Severity, count: Int)], on page: inout Page
  ) throws(Ending) {
    if !storeFindings.isEmpty {
      try page.print(opened.name, .bold)
      try page.print(findings: storeFindings, isVerbose: verbose, shown: opened.shown)
      try page.print("")
    }
    for session in found where !session.findings.isEmpty {
      let counts = Severity.allCases.reversed().map { ($0, session.count($0)) }
      try page.print("\(session.session.id): \(Wording.findings(counts))", .bold)
      try page.print(findings: session.findings, isVerbose: verbose, shown: opened.shown)
      try page.print("")
    }
    try page.print(
      "\(Wording.count(found.count, "session")) checked: \(Wording.findings(counts))")
  }

  private func json(
    _ opened: OpenedSource, _ storeFindings: [Finding], _ found: [SessionFindings],
    _ counts: [(severity: Severity, count: Int)]
  ) -> [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("format", opened.format.info.id)
    writer.field("location", opened.name)
    writer.key("findings")
    writer.findings(storeFindings)
    writer.key("sessions")
    writer.beginArray()
    for session in found {
      writer.beginObject()
      writer.field("id", session.session.id)
      writer.key("findings")
      writer.findings(session.findings)
      writer.endObject()
    }
    writer.endArray()
    writer.key("totals")
    writer.beginObject()
    writer.field("sessions", found.count)
    for (severity, count) in counts {
      writer.key(JSONString(severity.rawValue))
      writer.int(count)
    }
    writer.endObject()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
