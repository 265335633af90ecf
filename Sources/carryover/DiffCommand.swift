internal import ArgumentParser
internal import Conversion
internal import JSONText
internal import SessionCoding

struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compares what two sessions or stores say, whatever their formats.",
    discussion: """
      Compared are the heads and what the tools would load, not the bytes. Sessions belong together \
      by identifier, or because one was converted from the other. Between different formats, what \
      only one of them states about a message or head, identifiers of messages and zones of times \
      do not count unless --strict is given. Exit code 1 means that they differ.

      EXAMPLES:
        carryover diff before.session.jsonl after.session.jsonl
        carryover diff ggcode: sessions.db
        carryover diff ggcode:20260301 term-llm:20260301 --json
      """)

  @Argument(help: "A path, `tool:` for a tool's usual place, `tool:ID`, or `-`.")
  var first: String
  @Argument(help: "What to compare it with.")
  var second: String
  @Option(help: "The format of the second source; it is recognised when not given.")
  var secondFrom: FormatArgument?
  @Flag(help: "Compare everything in the sources, also what the tools themselves would skip.")
  var all = false
  @Flag(help: "Let everything count, also between different formats.")
  var strict = false
  @Flag(help: "Show every place; else at most three for each kind of difference.")
  var verbose = false
  @OptionGroup var sourceOptions: SourceOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if first == "-", second == "-" {
      throw ValidationError("only one of the sources can be standard input")
    }
  }

  func run() throws {
    let (a, sideA) = try open(first, sourceOptions.from)
    let (b, sideB) = try open(second, secondFrom)
    let difference = StoreComparison(
      sideA, sideB, includesAll: all, isStrict: strict ? true : nil
    ).run()
    // What was not read was not compared; what cannot be read at all is told by itself.
    let unread = (
      try a.leftOut(
        of: sideA.sessions.filter { !difference.unreadable.map(\.first).contains($0.id) },
        in: sideA.source),
      try b.leftOut(
        of: sideB.sessions.filter { !difference.unreadable.map(\.second).contains($0.id) },
        in: sideB.source)
    )
    let isEqual = difference.isEmpty && unread.0.isEmpty && unread.1.isEmpty
    var page = Page(output)
    if output.json {
      try page.write(json(difference, unread.0 + unread.1, a, b)[...])
    } else if !output.quiet {
      try print(difference, isWhole: unread.0.isEmpty && unread.1.isEmpty, a, b, on: &page)
    }
    try page.finish()
    try a.tell(unread.0, output)
    try b.tell(unread.1, output)
    if !difference.unreadable.isEmpty {
      if output.quiet || output.json { try tellUnreadable(difference, a, b) }
      throw Ending(.sessions)
    }
    if !isEqual { throw Ending(.found) }
  }

  private func open(_ argument: String, _ format: FormatArgument?) throws(Ending)
    -> (OpenedSource, StoreComparison.Side)
  {
    let opened = try OpenedSource(
      argument, format: format?.format, sessions: sourceOptions.sessions,
      options: sourceOptions.limits.readOptions)
    let source = try opened.open()
    let sessions = try opened.sessions(of: source)
    return (
      opened,
      StoreComparison.Side(source: source, format: opened.format.info.id, sessions: sessions)
    )
  }

  private func print(
    _ difference: StoreDifference, isWhole: Bool, _ a: OpenedSource, _ b: OpenedSource,
    on page: inout Page
  ) throws(Ending) {
    for session in difference.onlyInFirst { try page.print("- \(session): only in \(a.name)") }
    for session in difference.onlyInSecond { try page.print("+ \(session): only in \(b.name)") }
    for session in difference.sessions where !session.isEmpty {
      let name = session.first == session.second ? "" : " and \(session.second)"
      try page.print("\(session.first)\(name)", .bold)
      for item in session.items { try print(item, a, b, on: &page) }
    }
    for session in difference.unreadable {
      try page.print(
        "\(session.first): cannot be compared: \(a.shown(b.shown(session.reason)))", .red)
    }
    let differing = difference.sessions.count { !$0.isEmpty }
    let equal = difference.sessions.count - differing
    var parts = ["\(Wording.count(equal, "session")) equal"]
    if differing > 0 { parts.append("\(differing) different") }
    let lonely = difference.onlyInFirst.count + difference.onlyInSecond.count
    if !difference.unreadable.isEmpty { parts.append("\(difference.unreadable.count) not read") }
    if lonely > 0 { parts.append("\(lonely) only on one side") }
    if !isWhole { parts.append("not all of it read") }
    try page.print(parts.joined(separator: ", "))
  }

  /// Failures are errors, which `--quiet` does not silence.
  private func tellUnreadable(
    _ difference: StoreDifference, _ a: OpenedSource, _ b: OpenedSource
  ) throws(Ending) {
    var page = Page(output, errors: true)
    for session in difference.unreadable {
      try page.print("carryover: \(session.first): \(a.shown(b.shown(session.reason)))")
    }
    try page.finish()
  }

  private func print(
    _ item: SessionDifference.Item, _ a: OpenedSource, _ b: OpenedSource, on page: inout Page
  ) throws(Ending) {
    let (sign, meaning): (String, String) =
      switch item.side {
      case .first: ("-", "only in the first")
      case .second: ("+", "only in the second")
      case .both: ("~", "differs")
      }
    try page.print("  \(sign) \(item.code)", item.side == .both ? .yellow : .red, end: "")
    try page.print(" \(meaning)\(item.count > 1 ? " (\(item.count))" : "")")
    let examples = verbose ? item.examples[...] : item.examples.prefix(3)
    for example in examples {
      let values = [example.first, example.second].compactMap(\.self).joined(separator: " | ")
      try page.print("      \(a.shown(b.shown(example.place))): \(values)")
    }
    if item.count > examples.count {
      try page.print("      and \(item.count - examples.count) more")
    }
  }

  private func json(
    _ difference: StoreDifference, _ unread: [Finding], _ a: OpenedSource, _ b: OpenedSource
  ) -> [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("equal", difference.isEmpty && unread.isEmpty)
    for (name, side) in [("first", a), ("second", b)] {
      writer.key(JSONString(name))
      writer.beginObject()
      writer.field("format", side.format.info.id)
      writer.field("location", side.name)
      writer.endObject()
    }
    for (name, ids) in [
      ("only_in_first", difference.onlyInFirst), ("only_in_second", difference.onlyInSecond),
    ] {
      writer.key(JSONString(name))
      writer.beginArray()
      for id in ids { writer.string(id) }
      writer.endArray()
    }
    if !unread.isEmpty {
      writer.key("findings")
      writer.findings(unread)
    }
    writer.key("sessions")
    writer.beginArray()
    for session in difference.sessions { write(session, a, b, to: &writer) }
    writer.endArray()
    if !difference.unreadable.isEmpty {
      writer.key("unreadable")
      writer.beginArray()
      for session in difference.unreadable {
        writer.beginObject()
        writer.field("first", session.first)
        writer.field("second", session.second)
        writer.field("reason", a.shown(b.shown(session.reason)))
        writer.endObject()
      }
      writer.endArray()
    }
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  private func write(
    _ session: SessionDifference, _ a: OpenedSource, _ b: OpenedSource, to writer: inout JSONWriter
  ) {
    writer.beginObject()
    writer.field("first", session.first)
    writer.field("second", session.second)
    writer.field("equal", session.isEmpty)
    writer.key("differences")
    writer.beginArray()
    for item in session.items {
      writer.beginObject()
      writer.field("code", item.code)
      writer.field("in", item.side.rawValue)
      writer.field("count", item.count)
      writer.key("examples")
      writer.beginArray()
      for example in item.examples {
        writer.beginObject()
        writer.field("where", a.shown(b.shown(example.place)))
        writer.optional("first", example.first)
        writer.optional("second", example.second)
        writer.endObject()
      }
      writer.endArray()
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }
}
