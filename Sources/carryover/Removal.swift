internal import ArgumentParser
internal import FileIO
internal import JSONText
internal import SessionModel

/// How commands that remove sessions behave.
struct RemovalOptions: ParsableArguments {
  @Flag(help: "Only tell what would be removed.")
  var dryRun = false

  @Flag(name: [.long, .customShort("y")], help: "Do not ask; needed where nobody can answer.")
  var yes = false

  /// Asks on a terminal; elsewhere the option must say so.
  ///
  /// - Parameter action: What is to be done, as "remove 2 sessions".
  func isConfirmed(_ action: String, on page: inout Page) throws(Ending) -> Bool {
    if yes { return true }
    guard isTerminal(0) else {
      throw Ending(
        .usage,
        "nobody can be asked whether to \(action); add --yes, or --dry-run to see which")
    }
    try page.print("\(action.prefix(1).uppercased())\(action.dropFirst())? [y/N] ", end: "")
    try page.finish()
    let answer = readLine() ?? ""
    return answer.lowercased() == "y" || answer.lowercased() == "yes"
  }
}

/// Removes sessions after asking, and tells what it did.
struct Removal {
  let store: LiveStore
  let options: RemovalOptions
  let output: OutputOptions

  func remove(_ entries: [LiveStore.Entry]) throws {
    var page = Page(output)
    if !output.json, !output.quiet {
      for entry in entries {
        try page.print(
          "\(entry.id)  \(Wording.time(entry.updated))  \(Wording.line(entry.title, limit: 60))")
      }
    }
    var failed: [(id: String, problem: String)] = []
    let isCarriedOut =
      try !options.dryRun && !entries.isEmpty
      && options.isConfirmed("remove \(Wording.count(entries.count, "session"))", on: &page)
    if isCarriedOut { failed = try store.delete(entries.map(\.id)) }
    let removed = isCarriedOut ? entries.count - failed.count : 0
    if output.json {
      try page.write(json(entries, failed)[...])
    } else {
      if !output.quiet {
        let count = Wording.count(options.dryRun ? entries.count : removed, "session")
        try page.print(options.dryRun ? "\(count) would be removed" : "\(count) removed", .faint)
      }
    }
    try page.finish()
    guard failed.isEmpty else {
      var errors = Page(output, errors: true)
      for failure in failed { try errors.print("carryover: \(failure.id): \(failure.problem)") }
      try errors.finish()
      throw Ending(removed > 0 ? .sessions : .target)
    }
  }

  private func json(
    _ entries: [LiveStore.Entry], _ failed: [(id: String, problem: String)]
  ) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("dry-run", options.dryRun)
    writer.key("sessions")
    writer.beginArray()
    for entry in entries {
      writer.beginObject()
      writer.field("id", entry.id)
      writer.field("title", entry.title)
      writer.field("updated", entry.updated.rfc3339)
      writer.optional("problem", failed.first { $0.id == entry.id }?.problem)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
