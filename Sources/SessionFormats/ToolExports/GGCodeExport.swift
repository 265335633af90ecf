internal import FileIO
internal import JSONText
public import SessionCoding
internal import SessionModel

/// What ggcode exports as Markdown, as far as it can be read back.
///
/// `formats/ggcode.md` §10 states the layout. Identifiers, times, reasoning and images are not in
/// it, nothing is escaped; the session files say everything.
public struct GGCodeExport: SessionFormat {
  /// The format's identifier.
  public static let id = "ggcode-export"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "ggcode export", summary: "Markdown that ggcode exported, one .md file",
      carry: "none: the format is read only")
  }

  static let dialect = ToolExportDialect<GGCodeExportLayout> { lines in
    lines.first?.hasPrefix("# ") == true && lines.contains { $0.hasPrefix("**Session:** ") }
      && lines.contains { $0.hasPrefix("**Created:** ") }
      && lines.contains { $0.hasPrefix("**Messages:** ") }
  }

  /// Whether a location holds such files.
  public func recognizes(_ path: String) -> Bool {
    TranscriptFiles.recognizes(path, Self.dialect)
  }

  /// Opens a file or folder for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try TranscriptSource(path: path, dialect: Self.dialect, options: options)
  }
}

/// The layout of ggcode's exports.
enum GGCodeExportLayout: ToolExportLayout {
  static var id: String { GGCodeExport.id }

  static func role(ofHeading line: String) -> Role? {
    guard line.hasPrefix("## ") else { return nil }
    let name = String(line.dropFirst(3))
    switch name {
    case "User": return .user
    case "Assistant": return .assistant
    case "System": return .system
    default: return name.isEmpty || name.contains(" ") ? nil : Role(name)
    }
  }

  static func readHead(_ lines: [String], into head: inout SessionHead) {
    for line in lines {
      if line.hasPrefix("# "), head.title == nil { head.title = String(line.dropFirst(2)) }
      if let id = value("Session", in: line), !id.isEmpty { head.id = id }
      if let time = value("Created", in: line) { head.created = Timestamp(rfc3339: time) }
      if let time = value("Updated", in: line) { head.updated = Timestamp(rfc3339: time) }
      guard let vendor = value("Vendor", in: line) else { continue }
      // Vendor, endpoint and model; with two parts the second may be either.
      let parts = vendor.components(" / ")
      head.providerKey = parts[0]
      if parts.count == 3 { head.endpoint = parts[1] }
      if parts.count > 1 { head.model = parts[parts.count - 1] }
    }
  }

  static func messages(
    _ role: Role, _ lines: [String], ids: inout ToolExportIDs, guesses: inout [String]
  ) -> [Message] {
    var message = Message(role: role)
    var text: [String] = []
    var index = 0
    func flush() {
      if let text = self.text(text[...]) {
        message.blocks.append(.text(Block.Text(JSONString(text))))
      }
      text = []
    }
    while index < lines.count {
      let line = lines[index]
      if line.hasPrefix("**Tool Call:** `"), line.hasSuffix("`"), line.utf8.count > 16 {
        flush()
        let name = String(line.dropFirst(16).dropLast())
        index += 1
        var arguments: RawJSON?
        if index < lines.count, lines[index] == "```json",
          let end = lines[(index + 1)...].firstIndex(of: "```")
        {
          arguments = ChatArguments.read(
            Array(lines[(index + 1)..<end].joined(separator: "\n").utf8))
          index = end + 1
        }
        message.blocks.append(
          .toolCall(
            Block.ToolCall(id: ids.call(name), name: JSONString(name), arguments: arguments)))
        guesses.append("the identifier of the call of \(name) is made up")
      } else if line.hasPrefix("**Tool Result** (error="), index + 1 < lines.count,
        lines[index + 1] == "```"
      {
        flush()
        let next =
          lines[(index + 2)...].firstIndex { $0.hasPrefix("**Tool ") } ?? lines.count
        let end = lines[(index + 2)..<next].lastIndex(of: "```") ?? next
        let call = ids.result()
        let content = lines[(index + 2)..<end].joined(separator: "\n")
        message.blocks.append(
          .toolResult(
            Block.ToolResult(
              callID: call.id, name: call.name, content: [.text(Block.Text(JSONString(content)))],
              isError: line == "**Tool Result** (error=true):")))
        guesses.append("the result is taken for that of the first call without one")
        index = min(end + 1, lines.count)
      } else {
        text.append(line)
        index += 1
      }
    }
    flush()
    return [message]
  }
}

extension String {
  /// The parts between separators.
  fileprivate func components(_ separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let found = rest.firstRange(of: separator) {
      parts.append(String(rest[..<found.lowerBound]))
      rest = rest[found.upperBound...]
    }
    return parts + [String(rest)]
  }
}
