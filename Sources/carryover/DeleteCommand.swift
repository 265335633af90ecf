internal import ArgumentParser

struct DeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Removes sessions from a store of ggcode or term-llm.",
    discussion: """
      Asks first on a terminal. Elsewhere --yes is needed. A session that a running ggcode has open, \
      or that others in term-llm descend from, is not removed.

      EXAMPLES:
        carryover delete ggcode: 20260301-090000-00000000000000a1 --dry-run
        carryover delete sessions.db 20260301-1000 --yes
      """)

  @Argument(help: "A store: a path, or `ggcode:` or `term-llm:`, or `tool:ID` for one session.")
  var store: String
  @Argument(help: "Sessions: identifiers or unique beginnings of them.")
  var sessions: [String] = []
  @OptionGroup var removal: RemovalOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let (store, named) = try LiveStore.open(store)
    let wanted = sessions + (named.map { [$0] } ?? [])
    guard !wanted.isEmpty else { throw Ending(.usage, "say which sessions to remove") }
    let all = try store.entries()
    var entries: [LiveStore.Entry] = []
    for name in wanted {
      let id = store.fullName(of: name)
      var found = all.filter { $0.id == id }
      if found.isEmpty { found = all.filter { $0.id.hasPrefix(id) } }
      guard let entry = found.first else {
        throw Ending(.source, "there is no session \(name); see 'carryover list'")
      }
      guard found.count == 1 else {
        throw Ending(
          .usage, "\(id) may be any of \(Wording.count(found.count, "session")); give more of it")
      }
      if !entries.contains(where: { $0.id == entry.id }) { entries.append(entry) }
    }
    try Removal(store: store, options: removal, output: output).remove(entries)
  }
}
