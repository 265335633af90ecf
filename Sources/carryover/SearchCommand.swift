internal import ArgumentParser
internal import JSONText
internal import SessionCoding
internal import SessionModel

struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Finds messages in a store of ggcode or term-llm by their words.",
    discussion: """
      The best message of each session that holds all the words, the best first. A database of the \
      documented term-llm (schema 7) gives every message and takes its own query language.

      EXAMPLES:
        carryover search term-llm: cache eviction
        carryover search ~/.ggcode/sessions "price label" --limit 5
      """)

  @Argument(help: "A store: a path, or `ggcode:` or `term-llm:`.")
  var store: String
  @Argument(help: "The words.")
  var words: [String]
  @Option(help: "At most so many results.")
  var limit = 20
  @Flag(help: "Also search sessions that were put away (term-llm).")
  var archived = false
  @OptionGroup var limits: LimitOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit \(limit) is out of range; give 1 or more") }
    if words.isEmpty { throw ValidationError("give at least one word to search for") }
  }

  func run() throws {
    var unread: [String] = []
    let hits = try LiveStore.open(store).store.search(
      words.joined(separator: " "), limit: limit, archived: archived,
      longest: limits.readOptions.maximumRecordLength
    ) { unread.append($0) }
    if !unread.isEmpty {
      var page = Page(output, errors: true)
      for line in unread { try page.print("carryover: \(line)", .yellow) }
      try page.finish()
    }
    var page = Page(output)
    if output.json {
      try page.write(json(hits)[...])
    } else {
      for hit in hits {
        try page.print(hit.id, .bold, end: "  ")
        try page.print(Wording.line(hit.title, limit: 60), .faint)
        try page.print("    " + Wording.line(hit.snippet, limit: 240))
      }
      if !output.quiet { try page.print(Wording.count(hits.count, "result"), .faint) }
    }
    try page.finish()
  }

  private func json(_ hits: [LiveStore.Hit]) -> [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", 1)
    writer.key("results")
    writer.beginArray()
    for hit in hits {
      writer.beginObject()
      writer.field("session", hit.id)
      writer.field("title", hit.title)
      writer.field("snippet", hit.snippet)
      writer.field("rank", hit.rank)
      writer.optional("time", hit.time?.rfc3339)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
