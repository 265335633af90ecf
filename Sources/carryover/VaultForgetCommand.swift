internal import ArgumentParser
internal import Bundles
internal import Conversion
internal import JSONText
internal import SessionCoding

struct VaultForgetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Removes snapshots of a vault, and keeps some for each day, week or month.",
    discussion: """
      Of each of so many days, weeks and months the last snapshot is kept, and the newest in any case. \
      It has the newest state of every session, also of those that their tools have deleted. The \
      space is free after `carryover vault compact`.

      EXAMPLES:
        carryover vault forget ~/vault --keep-daily 7 --keep-weekly 4 --dry-run
        carryover vault forget ~/vault --keep-monthly 12
      """)

  @Argument(help: "A vault folder.", completion: .directory)
  var vault: String
  @Option(help: ArgumentHelp("Keep one snapshot of each of so many days.", valueName: "n"))
  var keepDaily: Int?
  @Option(help: ArgumentHelp("Keep one snapshot of each of so many weeks.", valueName: "n"))
  var keepWeekly: Int?
  @Option(help: ArgumentHelp("Keep one snapshot of each of so many months.", valueName: "n"))
  var keepMonthly: Int?
  @Flag(help: "Remove nothing: show what would be removed.")
  var dryRun = false
  @OptionGroup var key: IdentityOption
  @OptionGroup var output: OutputOptions

  func validate() throws {
    let given = [keepDaily, keepWeekly, keepMonthly].compactMap { $0 }
    if given.isEmpty {
      throw ValidationError(
        "say what to keep: --keep-daily, --keep-weekly or --keep-monthly, each with a number")
    }
    if let bad = given.first(where: { $0 < 0 }) {
      throw ValidationError("\(bad) is out of range; give 0 or more")
    }
  }

  func run() async throws {
    let path = try BundleLocation.path(vault)
    var forgetting = VaultForgetting()
    forgetting.daily = keepDaily ?? 0
    forgetting.weekly = keepWeekly ?? 0
    forgetting.monthly = keepMonthly ?? 0
    let (policy, isDryRun, identity) = (forgetting, dryRun, key.identity)
    let decisions = try await BundleLocation.perform(ProgressLine(isShown: false)) {
      (_) throws(FormatError) in try policy.run(on: path, identity: identity, isDryRun: isDryRun)
    }
    var page = Page(output)
    if output.json {
      var writer = JSONWriter(reserving: 1_024)
      writer.beginObject()
      writer.field("version", 1)
      writer.field("dry_run", dryRun)
      writer.key("snapshots")
      writer.beginArray()
      for decision in decisions {
        writer.snapshot(decision.snapshot, reasons: decision.reasons)
      }
      writer.endArray()
      writer.endObject()
      writer.newline()
      try page.write(writer.bytes[...])
    } else if !output.quiet {
      try print(decisions, path, on: &page)
    }
    try page.finish()
  }

  private func print(
    _ decisions: [VaultForgetting.Decision], _ path: String, on page: inout Page
  ) throws(Ending) {
    var rows: [[String]] = []
    for decision in decisions {
      let word = decision.reasons.isEmpty ? (dryRun ? "would go" : "gone") : "kept"
      rows.append([
        decision.snapshot.name, Wording.time(decision.snapshot.localTime), word,
        decision.reasons.joined(separator: ", "),
      ])
    }
    try page.print(table: rows)
    let gone = decisions.count { $0.reasons.isEmpty }
    if gone == 0 {
      try page.print("All snapshots are kept.")
    } else if dryRun {
      try page.print("This was a dry run: nothing was removed.")
    } else {
      try page.print(
        "\(Wording.count(gone, "snapshot")) forgotten; `carryover vault compact \(path)` frees the "
          + "space")
    }
  }
}
