internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A `<tool-use>` element: name and type from its tag, input and result from what is shown.
struct SpecStoryTool {
  private(set) var call: Block.ToolCall
  private(set) var result: Block.ToolResult?

  init(_ lines: [String], id: String) {
    let tag = lines[0]
    let name =
      Self.attribute("data-tool-name", tag) ?? Self.attribute("data-tool-type", tag) ?? "tool"
    call = Block.ToolCall(id: JSONString(id), name: JSONString(name))
    if let type = Self.attribute("data-tool-type", tag) {
      var json = JSONWriter()
      json.string(type)
      call.extras.append(
        Extra(format: SpecStory.id, key: "tool-type", value: RawJSON(json.bytes[...])))
    }
    var body: [String] = []
    var summary: String?
    for line in lines {
      var line = line
      if let start = line.firstRange(of: "<summary>")?.upperBound,
        let end = line.firstRange(of: "</summary>")?.lowerBound, start <= end, summary == nil
      {
        summary = String(line[start..<end])
        continue
      }
      if line.hasPrefix("<tool-use ") || line == "<details>" { continue }
      for tail in ["</tool-use>", "</details>"] where line.hasSuffix(tail) {
        line.removeLast(tail.count)
      }
      body.append(line)
    }
    split(body, summary)
  }

  /// The last fence is the result; what stands before it is the input as shown.
  private mutating func split(_ body: [String], _ summary: String?) {
    var fences: [(start: Int, end: Int)] = []
    var open: (fence: CodeFence, start: Int)?
    for (index, line) in body.enumerated() {
      let bytes = Array(line.utf8)[...]
      if let (fence, start) = open {
        if fence.closes(with: bytes) {
          fences.append((start, index))
          open = nil
        }
      } else if let fence = CodeFence(opening: bytes) {
        open = (fence, index)
      }
    }
    let isError = body.contains("**Error:**")
    let hasLabel = isError || body.contains("**Result:**")
    // A single ```bash or ```diff fence without a label is what the tool was asked to do.
    var input = body
    if let last = fences.last, hasLabel || fences.count > 1 || Self.isOutput(body[last.start]) {
      let text = body[(last.start + 1)..<last.end].joined(separator: "\n")
      result = Block.ToolResult(
        callID: call.id, name: call.name,
        content: [.text(Block.Text(JSONString(text)))], isError: isError)
      input = Array(body[..<last.start])
    }
    let shown = ChatText.trimmed(
      input.filter { $0 != "**Result:**" && $0 != "**Error:**" && $0 != "**Input:**" })
    var json = JSONWriter()
    json.beginObject()
    if let title = summary.flatMap(Self.title) { json.field("summary", title) }
    if !shown.isEmpty { json.field("shown", shown) }
    json.endObject()
    call.arguments = RawJSON(json.bytes[...])
  }

  private static func isOutput(_ fence: String) -> Bool {
    let info = fence.drop { $0 == "`" || $0 == "~" }
    return info.isEmpty || info == "text"
  }

  /// What the summary says beyond the tool's name.
  private static func title(_ summary: String) -> String? {
    guard let end = summary.firstRange(of: "** ")?.upperBound else { return nil }
    var rest = summary[end...]
    if rest.hasPrefix("• ") { rest = rest.dropFirst(2) }
    return rest.isEmpty ? nil : String(rest)
  }

  private static func attribute(_ name: String, _ tag: String) -> String? {
    guard let start = tag.firstRange(of: "\(name)=\"")?.upperBound,
      let end = tag[start...].firstIndex(of: "\"")
    else { return nil }
    return String(tag[start..<end])
  }
}
