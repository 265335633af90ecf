internal import ArgumentParser
internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionFormats
internal import SessionModel

struct StoresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stores",
    abstract: "Lists the stores of known tools that are on this machine.",
    discussion: """
      Looked at are the tools' usual places, as their environment variables set them. Each can be \
      named as `tool:` in every other command.

      EXAMPLES:
        carryover stores
        carryover stores --json
      """)

  @OptionGroup var output: OutputOptions

  func run() throws {
    let stores = LocalStore.all
    var page = Page(output)
    if output.json {
      try page.write(json(stores)[...])
    } else {
      if !stores.isEmpty {
        var rows = [["STORE", "SESSIONS", "SIZE", "PLACE"]]
        for store in stores {
          rows.append([
            store.format.info.id + ":", store.sessions.map(String.init) ?? "-",
            Wording.bytes(store.bytes),
            store.problem.map { "\(store.path) (\(Wording.line($0, limit: 80)))" } ?? store.path,
          ])
        }
        try page.print(table: rows, heading: true, right: [1, 2])
      }
      if !output.quiet, stores.isEmpty {
        try page.print("No store of a known tool is in its usual place.", .faint)
      }
    }
    try page.finish()
  }

  private func json(_ stores: [LocalStore]) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("version", 1)
    writer.key("stores")
    writer.beginArray()
    for store in stores {
      writer.beginObject()
      writer.field("format", store.format.info.id)
      writer.field("location", store.path)
      if let sessions = store.sessions { writer.field("sessions", sessions) }
      writer.key("bytes")
      writer.uint(store.bytes)
      writer.optional("problem", store.problem)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
