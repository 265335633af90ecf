internal import ArgumentParser
internal import JSONText
internal import SessionCoding
internal import SessionFormats

struct FormatsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "formats",
    abstract: "Lists the formats that are read and written, and where they live.",
    discussion: """
      EXAMPLES:
        carryover formats
        carryover formats --markdown      the tables of CONVERSIONS.md
      """)

  @Flag(help: "Print the generated part of CONVERSIONS.md: what every conversion keeps.")
  var markdown = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if markdown, output.json {
      throw ValidationError("--markdown and --json exclude each other; give one of them")
    }
  }

  func run() async throws {
    var page = Page(output)
    if output.json {
      try page.write(json()[...])
    } else if markdown {
      try page.write(Array(try await FormatsMarkdown.make().utf8)[...])
    } else {
      for (number, format) in Registry.formats.enumerated() {
        if number > 0 { try page.print("") }
        try print(format, on: &page)
      }
    }
    try page.finish()
  }

  private func print(_ format: any SessionFormat, on page: inout Page) throws(Ending) {
    let info = format.info
    try page.print(info.id, .bold, end: "")
    try page.print("  \(info.name): \(info.summary)")
    let isWritten = format is any WritableSessionFormat
    var rows = [["use", isWritten ? "read and written" : "read"]]
    for (number, profile) in info.profiles.enumerated() {
      let name = "\(info.id)@\(profile.name)"
      rows.append([
        number == 0 ? "profiles" : "",
        "\(name): \(profile.summary)\(number == 0 ? " (default)" : "")",
      ])
    }
    if isWritten { rows.append(["carry", info.carry]) }
    if !info.neverCarried.isEmpty {
      rows.append(["never carried", info.neverCarried.joined(separator: ", ")])
    }
    rows.append(["place", info.defaultLocation() ?? "none of its own; give a path"])
    if info.isSingleFile { rows.append(["pipes", "yes, as -"]) }
    try page.print(table: rows, indent: "  ")
  }

  private func json() -> [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", 1)
    writer.key("formats")
    writer.beginArray()
    for format in Registry.formats {
      let info = format.info
      writer.beginObject()
      writer.field("id", info.id)
      writer.field("name", info.name)
      writer.field("summary", info.summary)
      writer.field("read", true)
      writer.field("written", format is any WritableSessionFormat)
      writer.key("profiles")
      writer.beginArray()
      for profile in info.profiles {
        writer.beginObject()
        writer.field("name", profile.name)
        writer.field("summary", profile.summary)
        writer.endObject()
      }
      writer.endArray()
      writer.field("carry", info.carry)
      writer.key("never_carried")
      writer.beginArray()
      for name in info.neverCarried { writer.string(JSONString(name)) }
      writer.endArray()
      writer.field("single_file", info.isSingleFile)
      writer.optional("location", info.defaultLocation())
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
