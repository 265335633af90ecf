internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A session as a page to read.
struct Transcript {
  /// Whether everything in the source is shown, not only what the tool itself would load.
  var showsAll: Bool

  /// Prints a session, entry by entry.
  func print(_ reader: any SessionReader, of format: any SessionFormat, on page: inout Page) throws
  {
    try print(reader.head, of: format, on: &page)
    var hidden = 0
    while !page.isBroken, let entry = try reader.next() {
      if showsAll || entry.isEffective {
        try print(entry, on: &page)
      } else if case .message = entry.content {
        hidden += 1
      }
    }
    if hidden > 0 {
      try page.print("")
      try page.print(
        "\(Wording.count(hidden, "message")) not in the tool's view; --all shows everything",
        .faint)
    }
  }

  private func print(_ head: SessionHead, of format: any SessionFormat, on page: inout Page)
    throws(Ending)
  {
    try page.print("\(head.id) (\(format.info.name))", .bold)
    let provider = head.provider ?? head.providerKey
    let model = [provider, head.model].compactMap(\.self).joined(separator: ", ")
    let parent = head.parent.map { "\($0.id) (\($0.kind.rawValue))" }
    let git = [head.gitBranch, head.gitCommit].compactMap(\.self).joined(separator: " ")
    var rows: [[String]] = []
    for (name, value) in [
      ("title", head.title), ("summary", head.summary), ("workspace", head.workspace),
      ("git", git), ("model", model), ("agent", head.agent), ("mode", head.mode),
      ("status", head.status), ("created", head.created.map { Wording.time($0) }),
      ("updated", head.updated.map { Wording.time($0) }),
      ("tags", head.tags.joined(separator: ", ")), ("parent", parent),
    ] {
      guard let value, !value.isEmpty else { continue }
      rows.append([name, Wording.line(value, limit: .max)])
    }
    try page.print(table: rows, indent: "  ")
  }

  private func print(_ entry: Entry, on page: inout Page) throws(Ending) {
    let aside = entry.isEffective ? "" : " (not in view)"
    switch entry.content {
    case .message(let message):
      try print(message, aside, on: &page)
    case .checkpoint(let checkpoint):
      try page.print("")
      let tokens = checkpoint.tokens.map { ", \($0) tokens" } ?? ""
      try page.print(
        "---- compaction\(time(checkpoint.time))\(tokens)\(aside) ----", .yellow)
      for message in checkpoint.messages ?? [] { try print(message, "", on: &page) }
      if checkpoint.messages != nil { try page.print("\n---- end of compaction ----", .yellow) }
    case .usage(let record) where showsAll:
      try page.print("\n(tokens\(time(record.time)): \(tokens(record.usage)))\(aside)", .faint)
    case .metric(let record) where showsAll:
      let duration = record.duration.map { ", \(Wording.seconds(Double($0) / 1e9))" } ?? ""
      try page.print("\n(metric \(record.kind)\(time(record.time))\(duration))\(aside)", .faint)
    case .event(let record) where showsAll:
      let type = record.type.map { " \($0)" } ?? ""
      try page.print("\n(event \(record.kind)\(type)\(time(record.time)))\(aside)", .faint)
    case .headChange(let head) where showsAll:
      try page.print("\n(head restated: \(head.title ?? "no title"))\(aside)", .faint)
    case .opaque(let record) where showsAll:
      let why = record.damage.map { "damaged: \($0)" } ?? "record \(record.type ?? "of no type")"
      let place = entry.place.map { ", \($0)" } ?? ""
      try page.print("\n(\(why), \(record.bytes.count) bytes\(place))", .faint)
    default: break
    }
  }

  private func print(_ message: Message, _ aside: String, on page: inout Page) throws(Ending) {
    var marks: [String] = []
    if message.flags.contains(.hidden) { marks.append("hidden") }
    if message.flags.contains(.sideChain) { marks.append("side chain") }
    if message.flags.contains(.compactionSummary) { marks.append("summary") }
    let note = marks.isEmpty ? "" : " [\(marks.joined(separator: ", "))]"
    let model = message.model.map { ", \($0)" } ?? ""
    let style: Page.Style = message.role == .user ? .green : .blue
    try page.print("")
    try page.print("== \(message.role.name)", style, end: "")
    try page.print("\(time(message.time))\(model)\(note)\(aside)")
    for block in message.blocks { try print(block, indent: "", on: &page) }
  }

  private func print(_ block: Block, indent: String, on page: inout Page) throws(Ending) {
    switch block {
    case .text(let block):
      try page.print(block.text, indent: indent)
    case .thinking(let block):
      let isSealed = block.text.isEmpty && block.encrypted != nil
      try page.print("\(indent)[thinking\(isSealed ? ", encrypted" : "")]", .faint)
      try page.print(block.text, indent: indent + "  ")
    case .toolCall(let block):
      try page.print("\(indent)[call \(block.name) \(block.id)]", .yellow)
      if let arguments = block.arguments {
        try page.print(
          JSONString(decodedUTF8: Array(arguments.bytes)), indent: indent + "  ")
      }
    case .toolResult(let block):
      let failed = block.isError ? ", failed" : ""
      try page.print("\(indent)[result \(block.callID)\(failed)]", .yellow)
      for part in block.content { try print(part, indent: indent + "  ", on: &page) }
    case .image(let block):
      try page.print("\(indent)[image\(about(block.mediaType, block.path, block.base64))]", .faint)
    case .file(let block):
      let name = block.name ?? block.path
      try page.print("\(indent)[file\(about(block.mediaType, name, block.base64))]", .faint)
      if let text = block.text { try page.print(text, indent: indent + "  ") }
    case .opaque(let block):
      try page.print("\(indent)[\(block.format) block \(block.type)]", .faint)
      if let text = block.text { try page.print(text, indent: indent + "  ") }
    }
  }

  private func about(_ type: JSONString?, _ name: JSONString?, _ data: JSONString?) -> String {
    var parts = [name?.string, type?.string].compactMap(\.self).filter { !$0.isEmpty }
    if let data, !data.isEmpty { parts.append("\(data.utf8Count / 4 * 3) bytes inline") }
    return parts.isEmpty ? "" : " " + parts.joined(separator: ", ")
  }

  private func time(_ time: Timestamp?) -> String {
    guard let time, !time.isSynthesised else { return "" }
    return ", \(Wording.time(time))"
  }

  private func tokens(_ usage: TokenUsage) -> String {
    let parts = [
      usage.input.map { "\($0) in" }, usage.output.map { "\($0) out" },
      usage.cacheRead.map { "\($0) from cache" }, usage.cacheWrite.map { "\($0) to cache" },
    ].compactMap(\.self)
    return parts.isEmpty ? "not stated" : parts.joined(separator: ", ")
  }
}
