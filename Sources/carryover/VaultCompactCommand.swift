internal import ArgumentParser
internal import Bundles
internal import Conversion
internal import FileIO
internal import JSONText
internal import SessionCoding

struct VaultCompactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Drops from a vault what no snapshot needs.",
    discussion: """
      What is still needed of a pack goes into a new one, which is checked before the old one is \
      removed. Stopped at any moment, the vault is whole; run it again.

      EXAMPLES:
        carryover vault compact ~/vault --dry-run
        carryover vault compact ~/vault
      """)

  @Argument(help: "A vault folder.", completion: .directory)
  var vault: String
  @Flag(help: "Drop nothing: show what would be dropped.")
  var dryRun = false
  @OptionGroup var recipients: RecipientOptions
  @OptionGroup var key: IdentityOption
  @OptionGroup var output: OutputOptions

  func run() async throws {
    var compaction = VaultCompaction(of: try BundleLocation.path(vault))
    compaction.isDryRun = dryRun
    compaction.identity = key.identity
    compaction.recipients = recipients.encrypt
    compaction.agent = "carryover \(Carryover.configuration.version)"
    let work = compaction
    let report = try await BundleLocation.perform(
      ProgressLine(isShown: !output.quiet && isTerminal(2))
    ) { (interruption) throws(FormatError) in try work.run(interruption: interruption) }
    var page = Page(output)
    if output.json {
      try page.write(json(report)[...])
    } else if !output.quiet {
      for (path, reason) in report.left {
        try page.print("left alone: \(path): \(reason)", .yellow)
      }
      let states = Wording.count(report.dropped, "state of a session", "states of sessions")
      if report.removed == 0 {
        try page.print("All of it is needed; nothing was dropped.")
      } else if dryRun {
        try page.print(
          "\(states) would be dropped, \(Wording.count(report.removed, "pack")) removed or written "
            + "anew")
        try page.print("This was a dry run: nothing was dropped.")
      } else {
        try page.print(
          "\(states) dropped; \(Wording.bytes(report.before)) before, "
            + "\(Wording.bytes(report.after)) now")
      }
    }
    try page.finish()
    if !report.left.isEmpty { throw Ending(.sessions) }
  }

  private func json(_ report: VaultCompaction.Report) -> [UInt8] {
    var writer = JSONWriter(reserving: 256)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("dry_run", dryRun)
    writer.field("dropped", report.dropped)
    writer.field("removed_packs", report.removed)
    writer.field("written_packs", report.written)
    writer.key("bytes_before")
    writer.uint(report.before)
    writer.key("bytes_after")
    writer.uint(report.after)
    writer.key("left")
    writer.beginArray()
    for (path, reason) in report.left {
      writer.beginObject()
      writer.field("path", path)
      writer.field("reason", reason)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
