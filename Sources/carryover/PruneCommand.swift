internal import ArgumentParser
internal import FileIO
internal import SessionModel

struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Removes sessions of a store that were not updated for some time.",
    discussion: """
      Asks first on a terminal. Elsewhere --yes is needed. Sessions that were put away or pinned \
      (term-llm) and sessions that a running ggcode has open are spared.

      EXAMPLES:
        carryover prune ggcode: --older-than 90d --dry-run
        carryover prune term-llm: --older-than 26w --keep 100 --yes
      """)

  @Argument(help: "A store: a path, or `ggcode:` or `term-llm:`.")
  var store: String
  @Option(help: "Only sessions not updated for so long: hours `h`, days `d` or weeks `w`, as 90d.")
  var olderThan: Age
  @Option(help: "Keep at least so many of the sessions updated last.")
  var keep = 0
  @OptionGroup var removal: RemovalOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if keep < 0 { throw ValidationError("--keep \(keep) is out of range; give 0 or more") }
  }

  func run() throws {
    let store = try LiveStore.open(store).store
    let limit = SystemClock.now.seconds - olderThan.seconds
    let old = try store.entries().dropFirst(keep).filter {
      !$0.isSpared && $0.updated.seconds < limit
    }
    try Removal(store: store, options: removal, output: output).remove(Array(old))
  }
}

/// A length of time such as `90d`.
struct Age: ExpressibleByArgument {
  let seconds: Int64

  init?(argument: String) {
    let units: [Character: Int64] = ["h": 3_600, "d": 86_400, "w": 604_800]
    guard let unit = argument.last.flatMap({ units[$0] }),
      let count = Int64(argument.dropLast()), (0...100_000).contains(count)
    else { return nil }
    seconds = count * unit
  }
}
