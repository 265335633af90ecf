internal import JSONText
internal import SessionModel

/// A call as it is recorded with the answer that made it, its result included.
struct GeminiCall {
  var block: Block.ToolCall
  /// Nil when no result is known.
  var result: Block.ToolResult?
  var time: Timestamp?

  /// - Parameter id: What to call it when the record does not say.
  init(_ call: JSONValue, _ id: String, _ parts: GeminiParts) {
    let id = call["id"]?.string ?? JSONString(id)
    let name = call["name"]?.string ?? ""
    time = call.time("timestamp")
    block = Block.ToolCall(
      id: id, name: name, arguments: call["args"].map { RawJSON($0.raw) },
      extras: call.extras(
        of: parts.format,
        except: ["id", "name", "args", "result", "status", "resultDisplay", "timestamp"]))
    let status = call.text("status")
    let isError = status == "error" || status == "cancelled"
    guard let stated = call["result"], !stated.isNull else {
      if isError, let shown = call["resultDisplay"]?.string {
        result = Block.ToolResult(
          callID: id, name: name, content: [.text(Block.Text(shown))], isError: true)
      }
      return
    }
    var answer = Block.ToolResult(callID: id, name: name, isError: isError)
    for part in parts.parts(stated) {
      if let response = part["functionResponse"] {
        // The list may hold the answers of calls that ran at the same time.
        if let other = response["id"]?.string, other != id { continue }
        let own = parts.result(response)
        answer.content += own.content
        answer.isError = answer.isError || own.isError
      } else {
        answer.content.append(parts.block(part))
      }
    }
    if let shown = call["resultDisplay"] {
      answer.extras.append(
        Extra(format: parts.format, key: "resultDisplay", value: RawJSON(shown.raw)))
    }
    result = answer
  }
}
