internal import ArgumentParser
internal import Conversion
internal import JSONText
internal import SessionCoding
internal import SessionModel

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the sessions of a store or file.",
    discussion: """
      Stores of ggcode and term-llm are listed as the tools list them: the last used first.

      EXAMPLES:
        carryover list ggcode:
        carryover list ~/.ggcode/sessions --json
        carryover list claude-code: --project ~/garden --since 7d
        carryover list backup.session.jsonl --session 202603
      """)

  @Argument(help: "A path, `tool:` for a tool's usual place, or `-`.")
  var source: String
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var filters: FilterOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let opened = try OpenedSource(
      source, format: sourceOptions.from?.format, sessions: sourceOptions.sessions,
      options: sourceOptions.limits.readOptions)
    let store = LiveStore(opened)
    var sessions = try opened.sessions(of: try opened.open(), in: store)
    sessions = try filters.filter().select(
      from: sessions, updated: { $0.updated ?? $0.created }, workspace: \.workspace)
    if let store { sessions = store.listed(sessions) }
    var page = Page(output)
    if output.json {
      try page.write(json(sessions, opened)[...])
    } else {
      try list(sessions, on: &page)
      if !output.quiet {
        try page.print(
          "\(Wording.count(sessions.count, "session")) in \(opened.name) "
            + "(\(opened.format.info.id))", .faint)
      }
    }
    try page.finish()
  }

  private func list(_ sessions: [SessionSummary], on page: inout Page) throws(Ending) {
    guard !sessions.isEmpty else { return }
    var rows = [["ID", "UPDATED", "MESSAGES", "TITLE"]]
    for session in sessions {
      let title = Wording.line(session.title ?? "", limit: 60)
      rows.append([
        session.id, Wording.time(session.updated ?? session.created),
        session.messageCount.map(String.init) ?? "-",
        session.isArchived ? "\(title) [archived]" : title,
      ])
    }
    try page.print(table: rows, heading: true, right: [2])
  }

  private func json(_ sessions: [SessionSummary], _ opened: OpenedSource) -> [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("format", opened.format.info.id)
    writer.field("location", opened.name)
    writer.key("sessions")
    writer.beginArray()
    for session in sessions {
      writer.beginObject()
      writer.field("id", session.id)
      writer.field("path", opened.shown(session.path))
      writer.optional("title", session.title)
      writer.optional("created", session.created?.rfc3339)
      writer.optional("updated", session.updated?.rfc3339)
      writer.optional("workspace", session.workspace)
      if let count = session.messageCount { writer.field("messages", count) }
      writer.key("bytes")
      writer.uint(session.byteCount)
      if session.isArchived { writer.field("archived", true) }
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}

extension JSONWriter {
  /// A key and its string value, when there is one.
  mutating func optional(_ name: StaticString, _ value: String?) {
    if let value { field(name, value) }
  }
}
