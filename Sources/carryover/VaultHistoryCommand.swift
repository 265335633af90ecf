internal import ArgumentParser
internal import Bundles
internal import Conversion
internal import JSONText
internal import SessionCoding
internal import SessionModel

struct VaultHistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Lists the revisions of a session in a vault, oldest first.",
    discussion: """
      SNAPSHOTS are the first and the last one in which the revision is the newest.

      EXAMPLES:
        carryover vault history ~/vault 20260301
      """)

  @Argument(help: "A vault folder.", completion: .directory)
  var vault: String
  @Argument(help: "The session: its identifier or a unique beginning of it.")
  var session: String
  @OptionGroup var key: IdentityOption
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let path = try BundleLocation.path(vault)
    let (session, identity) = (session, key.identity)
    let revisions = try await BundleLocation.perform(ProgressLine(isShown: false)) {
      (_) throws(FormatError) in try Vault(path, identity: identity).history(of: session)
    }
    var page = Page(output)
    if output.json {
      try page.write(json(revisions)[...])
    } else {
      try page.print(
        "\(revisions[0].entry.sourceID) (\(revisions[0].entry.tool))", .bold)
      var rows = [["REVISION", "UPDATED", "MESSAGES", "SIZE", "SNAPSHOTS"]]
      for revision in revisions {
        let entry = revision.entry
        let time = (entry.updated ?? entry.created).flatMap { Timestamp(rfc3339: $0) }
        let isOne = revision.first.name == revision.last.name
        rows.append([
          String(entry.revision), Wording.time(time), entry.messages.map(String.init) ?? "-",
          revision.isThere ? Wording.bytes(entry.bytes) : "missing",
          isOne ? revision.first.name : "\(revision.first.name) to \(revision.last.name)",
        ])
      }
      try page.print(table: rows, heading: true, right: [0, 2, 3])
    }
    try page.finish()
  }

  private func json(_ revisions: [VaultRevision]) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("version", 1)
    writer.key("revisions")
    writer.beginArray()
    for revision in revisions {
      writer.beginRevision(revision)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
