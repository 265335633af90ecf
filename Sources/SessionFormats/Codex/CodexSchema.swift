internal import JSONText

/// What records must have: the program skips a line that does not (checked with codex-cli 0.163.0).
enum CodexSchema {
  /// What is wrong with an item; nil for nothing, and for items of unknown types.
  static func problem(ofItem item: JSONValue) -> String? {
    let problem: String?
    switch item.text("type") ?? "" {
    case "":
      return item["content"] != nil && item["role"]?.string != nil ? "the item has no type" : nil
    case "message" where item["role"]?.string == nil: return "the message has no role"
    case "message", "agent_message": return self.problem(ofContent: item["content"])
    case "reasoning":
      return item["summary"]?.kind == .array ? nil : "the reasoning has no summary"
    case "function_call":
      problem = item["arguments"]?.string == nil ? "the arguments are not a text" : nil
    case "custom_tool_call":
      problem = item["input"]?.string == nil ? "the input is not a text" : nil
    case "function_call_output", "custom_tool_call_output":
      let output = item["output"]
      if output?.string == nil, output?.kind != .array {
        return "the result is neither a text nor a list"
      }
      if item["call_id"]?.string == nil { return "the result has no call identifier" }
      return output?.kind == .array ? self.problem(ofContent: output) : nil
    default: return nil
    }
    let isNamed = item["call_id"]?.string != nil && item["name"]?.string != nil
    return isNamed ? problem : "the call has no identifier or no name"
  }

  private static func problem(ofContent content: JSONValue?) -> String? {
    guard let content else { return "there is no content" }
    if content.kind == .string { return "the content is a text, not a list" }
    guard content.kind == .array else { return "the content is not a list" }
    let isKnown = content.elements.allSatisfy { part in
      switch part.text("type") {
      case "input_text", "output_text", "text": part["text"]?.string != nil
      case "input_image": part["image_url"]?.string != nil
      case "input_audio", "encrypted_content": true
      default: false
      }
    }
    return isKnown ? nil : "a content part is of an unknown kind"
  }

  /// What is wrong with a compaction.
  static func problem(ofCompaction payload: JSONValue) -> String? {
    if payload["message"]?.string == nil { return "the compaction has no message" }
    guard let list = payload["replacement_history"], list.kind == .array,
      let metadata = payload["replacement_history_metadata"], metadata.kind == .array,
      metadata.elements.count != list.elements.count
    else { return nil }
    return "the compaction's list and its metadata differ in length"
  }
}
