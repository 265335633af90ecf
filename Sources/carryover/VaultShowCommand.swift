internal import ArgumentParser
internal import Bundles
internal import Conversion
internal import JSONText
internal import SessionCoding
internal import SessionModel

struct VaultShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows what a vault has of a session, or which sessions it has.",
    discussion: """
      SESSION is the newest revision, SESSION@2 the second one. To read what was said, restore it; \
      the command for it is printed.

      EXAMPLES:
        carryover vault show ~/vault
        carryover vault show ~/vault 20260301
        carryover vault show ~/vault 20260301@2
      """)

  @Argument(help: "A vault folder.", completion: .directory)
  var vault: String
  @Argument(help: "The session, and its revision if wanted: SESSION[@REVISION].")
  var session: String?
  @OptionGroup var key: IdentityOption
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let path = try BundleLocation.path(vault)
    guard let session else { return try await showSessions(path) }
    let (id, number) = Self.parts(of: session)
    let identity = key.identity
    let found = try await BundleLocation.perform(ProgressLine(isShown: false)) {
      (_) throws(FormatError) -> (VaultRevision, [VaultRevision.File], of: Int) in
      let opened = try Vault(path, identity: identity)
      let revisions = try opened.history(of: id)
      let wanted =
        number.map { number in revisions.last { $0.entry.revision == number } } ?? revisions.last
      guard let wanted else {
        throw FormatError(
          .notFound, "the vault has no revision \(number ?? 0) of the session",
          at: .file(path: path),
          advice: "see them with `carryover vault history \(path) \(id)`")
      }
      return (wanted, try opened.files(of: wanted), revisions.count)
    }
    var page = Page(output)
    if output.json {
      try page.write(json(found.0, found.1)[...])
    } else {
      try print(found.0, found.1, path, on: &page)
    }
    try page.finish()
  }

  /// The session and the revision of `ID@2`; an identifier may hold an `@` itself.
  private static func parts(of argument: String) -> (id: String, revision: Int?) {
    guard let sign = argument.lastIndex(of: "@"),
      let number = Int(argument[argument.index(after: sign)...])
    else { return (argument, nil) }
    return (String(argument[..<sign]), number)
  }

  private func print(
    _ revision: VaultRevision, _ files: [VaultRevision.File], _ path: String, on page: inout Page
  ) throws(Ending) {
    let entry = revision.entry
    try page.print("\(entry.sourceID) (\(entry.tool)), revision \(entry.revision)", .bold)
    func time(_ text: String?) -> String? {
      text.flatMap { Timestamp(rfc3339: $0) }.map { Wording.time($0) }
    }
    for (name, value) in [
      ("Title", entry.title.map { Wording.line($0, limit: 100) }), ("Folder", entry.workspace),
      ("Created", time(entry.created)), ("Updated", time(entry.updated)),
      ("Messages", entry.messages.map(String.init)),
    ] {
      if let value, !value.isEmpty { try page.print("\(name): \(value)") }
    }
    var rows = [["SIZE", "CHANGED", "FILE"]]
    for file in files {
      let changed = file.modified.flatMap { Timestamp(rfc3339: $0) }
      rows.append([Wording.bytes(file.size), Wording.time(changed), file.place])
    }
    try page.print(table: rows, heading: true, right: [0])
    try page.print(
      "Restore it with: carryover restore \(path) PLACE --session \(entry.sourceID) "
        + "--snapshot \(revision.last.name)")
  }

  private func showSessions(_ path: String) async throws {
    let identity = key.identity
    let sessions = try await BundleLocation.perform(ProgressLine(isShown: false)) {
      (_) throws(FormatError) in try Vault(path, identity: identity).sessions()
    }
    var page = Page(output)
    if output.json {
      var writer = JSONWriter(reserving: 1_024)
      writer.beginObject()
      writer.field("version", 1)
      writer.key("sessions")
      writer.beginArray()
      for entry in sessions {
        writer.beginObject()
        writer.field("format", entry.tool)
        writer.field("id", entry.sourceID)
        writer.field("revision", entry.revision)
        writer.optional("title", entry.title)
        writer.optional("updated", entry.updated)
        writer.key("bytes")
        writer.uint(entry.bytes)
        writer.endObject()
      }
      writer.endArray()
      writer.endObject()
      writer.newline()
      try page.write(writer.bytes[...])
    } else {
      var rows = [["SESSION", "FORMAT", "UPDATED", "REVISION", "TITLE"]]
      for entry in sessions {
        let time = (entry.updated ?? entry.created).flatMap { Timestamp(rfc3339: $0) }
        rows.append([
          entry.sourceID, entry.tool, Wording.time(time), String(entry.revision),
          Wording.line(entry.title ?? "", limit: 60),
        ])
      }
      try page.print(table: rows, heading: true, right: [3])
    }
    try page.finish()
  }

  private func json(_ revision: VaultRevision, _ files: [VaultRevision.File]) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("version", 1)
    writer.key("session")
    writer.beginRevision(revision)
    writer.key("files")
    writer.beginArray()
    for file in files {
      writer.beginObject()
      writer.field("place", file.place)
      writer.key("bytes")
      writer.uint(file.size)
      writer.field("sha256", file.digest)
      writer.optional("changed", file.modified)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
