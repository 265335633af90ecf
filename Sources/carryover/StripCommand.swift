internal import ArgumentParser
internal import Conversion
internal import JSONText
internal import SessionCoding
internal import SessionModel

struct StripCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "strip",
    abstract: "Removes what conversions stored with sessions for the way back.",
    discussion: """
      The sessions stay as they are. Converting them back gives what they say, but not the bytes that \
      they had in the other tool. Asks first on a terminal. Elsewhere --yes is needed.

      EXAMPLES:
        carryover strip codex: --dry-run
        carryover strip sessions.db --session 20260301 --yes
      """)

  @Argument(help: "A path, `tool:` for a tool's usual place, or `tool:ID`.")
  var store: String
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var removal: RemovalOptions
  @OptionGroup var output: OutputOptions

  /// A session that came from elsewhere.
  private struct Stripped {
    var session: SessionSummary
    /// The format that it came from; nil when what is stored cannot be read.
    var origin: String?
    var problem: String?
  }

  func validate() throws {
    if store == "-" { throw ValidationError("a pipe cannot be changed in place; give a path") }
  }

  func run() async throws {
    let opened = try OpenedSource(
      store, format: sourceOptions.from?.format, sessions: sourceOptions.sessions,
      options: sourceOptions.limits.readOptions)
    guard let format = opened.format as? any RestorableSessionFormat else {
      throw Ending(
        .usage, "\(opened.format.info.name) is only read, so nothing of ours is in its sessions")
    }
    var found = try sessions(of: opened)
    var page = Page(output)
    if !output.json, !output.quiet {
      for entry in found {
        let origin = entry.origin.map { "from \($0)" } ?? "not readable"
        try page.print(
          "\(entry.session.id)  \(origin)  \(Wording.line(entry.session.title ?? "", limit: 60))")
      }
    }
    let count = Wording.count(found.count, "session")
    let isCarriedOut =
      try !removal.dryRun && !found.isEmpty
      && removal.isConfirmed("remove the way back of \(count)", on: &page)
    if isCarriedOut { try await strip(&found, opened, format) }
    let done = isCarriedOut ? found.count { $0.problem == nil } : 0
    if output.json {
      try page.write(json(found)[...])
    } else if !output.quiet {
      try page.print(
        removal.dryRun
          ? "\(count) would be stripped" : "\(Wording.count(done, "session")) stripped", .faint)
    }
    try page.finish()
    guard found.allSatisfy({ $0.problem == nil }) else {
      var errors = Page(output, errors: true)
      for entry in found {
        guard let problem = entry.problem else { continue }
        try errors.print("carryover: \(entry.session.id): \(opened.shown(problem))")
      }
      try errors.finish()
      throw Ending(done > 0 ? .sessions : .target)
    }
  }

  /// The sessions with which something is stored.
  private func sessions(of opened: OpenedSource) throws(Ending) -> [Stripped] {
    let source = try opened.open()
    var found: [Stripped] = []
    for session in try opened.sessions(of: source) {
      do throws(FormatError) {
        guard let header = try source.carryHeader(of: session.id) else { continue }
        found.append(Stripped(session: session, origin: header.header?.format))
      } catch {
        throw Ending(.source, opened.shown(error.description))
      }
    }
    return found
  }

  /// Writes the sessions anew where they are, without what is stored.
  private func strip(
    _ found: inout [Stripped], _ opened: OpenedSource, _ format: any RestorableSessionFormat
  ) async throws(Ending) {
    var options = ConversionOptions()
    options.sessions = found.map(\.session.id)
    options.carries = false
    options.jobs = sourceOptions.jobCount
    options.formats = [format]
    let conversion = StoreConversion(
      from: format, at: opened.path, to: format, at: opened.path, options: options)
    let report: ConversionReport
    do throws(FormatError) {
      report = try await conversion.run(readOptions: opened.options)
    } catch {
      throw Ending(.target, opened.shown(error.description))
    }
    for session in report.sessions where session.status != .written {
      guard let index = found.firstIndex(where: { $0.session.id == session.source }) else {
        continue
      }
      found[index].problem = session.reason ?? "the session was left as it is"
    }
  }

  private func json(_ found: [Stripped]) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("dry-run", removal.dryRun)
    writer.key("sessions")
    writer.beginArray()
    for entry in found {
      writer.beginObject()
      writer.field("id", entry.session.id)
      writer.optional("title", entry.session.title)
      writer.optional("from", entry.origin)
      writer.optional("problem", entry.problem)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
