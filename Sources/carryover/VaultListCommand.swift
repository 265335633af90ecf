internal import ArgumentParser
internal import Bundles
internal import Conversion
internal import JSONText
internal import SessionCoding

struct VaultListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the snapshots of a vault, oldest first.",
    discussion: """
      Restore one with `carryover restore VAULT PLACE --snapshot NAME`.

      EXAMPLES:
        carryover vault list ~/vault
      """)

  @Argument(help: "A vault folder.", completion: .directory)
  var vault: String
  @OptionGroup var key: IdentityOption
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let (path, identity) = (try BundleLocation.path(vault), key.identity)
    let snapshots = try await BundleLocation.perform(ProgressLine(isShown: false)) {
      (_) throws(FormatError) in try Vault(path, identity: identity).snapshots()
    }
    var page = Page(output)
    if output.json {
      try page.write(json(snapshots, path)[...])
    } else {
      var rows = [["SNAPSHOT", "WHEN", "HOST", "SESSIONS", "SIZE"]]
      for snapshot in snapshots {
        rows.append([
          snapshot.name, Wording.time(snapshot.localTime), snapshot.host,
          String(snapshot.sessions), Wording.bytes(snapshot.bytes),
        ])
      }
      if snapshots.isEmpty {
        try page.print("The vault has no snapshot.")
      } else {
        try page.print(table: rows, heading: true, right: [3, 4])
      }
    }
    try page.finish()
  }

  private func json(_ snapshots: [VaultSnapshot], _ path: String) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("vault", path)
    writer.key("snapshots")
    writer.beginArray()
    for snapshot in snapshots { writer.snapshot(snapshot) }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
