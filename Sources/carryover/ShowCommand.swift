internal import ArgumentParser
internal import JSONText
internal import SessionCoding
internal import SessionModel

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows a session as a readable transcript.",
    discussion: """
      Shown is what the tool itself would load: after a compaction, the summary and what follows. \
      `--all` shows the whole timeline. Texts are never cut. `--json` gives the canonical records, \
      `--markdown` what ggcode or term-llm itself exports. Sessions of term-llm may also be named by \
      their number.

      EXAMPLES:
        carryover show ggcode: 20260301-090000
        carryover show term-llm: 12 --markdown > session.md
        carryover show ggcode:20260301-090000 --all | less
        carryover show backup.session.jsonl --json
      """)

  @Argument(help: "A path, `tool:` for a tool's usual place, `tool:ID`, or `-`.")
  var source: String
  @Argument(help: "The session; not needed when there is just one.")
  var session: String?
  @Flag(help: "Show everything in the source, also what the tool itself would skip.")
  var all = false
  @Flag(help: "Show the Markdown that the tool itself exports (ggcode, term-llm).")
  var markdown = false
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if markdown, all || output.json {
      throw ValidationError("--markdown goes with neither --all nor --json")
    }
  }

  func run() throws {
    let opened = try OpenedSource(
      source, format: sourceOptions.from?.format,
      sessions: sourceOptions.sessions + (session.map { [$0] } ?? []),
      options: sourceOptions.limits.readOptions)
    let store = try opened.open()
    let live = LiveStore(opened)
    let sessions = try opened.sessions(of: store, in: live)
    if opened.wanted.isEmpty, sessions.count > 1 {
      throw Ending(
        .usage,
        "\(opened.name) holds \(sessions.count) sessions; name one, "
          + "see `carryover list \(source)`")
    }
    guard !sessions.isEmpty else {
      throw Ending(.source, "\(opened.name) holds no sessions")
    }
    var page = Page(output)
    if markdown {
      guard let live else {
        throw Ending(.usage, "--markdown is for stores of ggcode and term-llm; leave it out")
      }
      for session in sessions { try page.write(Array(live.markdown(of: session.id).utf8)[...]) }
      return try page.finish()
    }
    if output.json { try page.write(Array(#"{"version":1,"sessions":["#.utf8)[...]) }
    do {
      for (number, summary) in sessions.enumerated() where !page.isBroken {
        let reader = try store.reader(for: summary.id)
        if output.json {
          if number > 0 { try page.write(Array(",".utf8)[...]) }
          try showJSON(reader, on: &page)
        } else {
          if number > 0 { try page.print("") }
          try Transcript(showsAll: all).print(reader, of: opened.format, on: &page)
        }
      }
    } catch let error as FormatError {
      try page.finish()
      throw Ending(.source, opened.shown(error.description))
    }
    if output.json { try page.write(Array("]}\n".utf8)[...]) }
    try page.finish()
    try opened.tell(try opened.leftOut(of: sessions, in: store), output)
  }

  /// The head and the records, one after the other: memory does not grow with the session.
  private func showJSON(_ reader: any SessionReader, on page: inout Page) throws {
    var writer = JSONWriter(reserving: 16 * 1_024)
    CanonicalJSON.write(reader.head, to: &writer)
    try page.write(Array(#"{"head":"#.utf8)[...])
    try page.write(writer.bytes[...])
    try page.write(Array(#","records":["#.utf8)[...])
    var isFirst = true
    while !page.isBroken, let entry = try reader.next() {
      guard all || entry.isEffective else { continue }
      writer.removeAll()
      if !isFirst { try page.write(Array(",".utf8)[...]) }
      isFirst = false
      CanonicalJSON.write(entry, to: &writer)
      try page.write(writer.bytes[...])
    }
    try page.write(Array("]}".utf8)[...])
  }
}
