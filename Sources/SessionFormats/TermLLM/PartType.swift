/// The Go types of a message's parts (format notes, section 6).
enum PartType {
  static let imageData = GoStruct([
    .init("media_type", .string, omitsEmpty: true), .init("base64", .string, omitsEmpty: true),
    .init("detail", .string, omitsEmpty: true), .init("width", .int, omitsEmpty: true),
    .init("height", .int, omitsEmpty: true),
  ])

  static let fileData = GoStruct([
    .init("media_type", .string, omitsEmpty: true), .init("base64", .string, omitsEmpty: true),
    .init("filename", .string, omitsEmpty: true), .init("size_bytes", .int, omitsEmpty: true),
  ])

  static let toolCall = GoStruct([
    .init("ID", .string), .init("Name", .string), .init("Namespace", .string, omitsEmpty: true),
    .init("ChildName", .string, omitsEmpty: true), .init("Arguments", .raw),
    .init("Caller", .string, omitsEmpty: true), .init("ToolInfo", .string, omitsEmpty: true),
    .init("ThoughtSig", .base64),
  ])

  static let contentPart = GoStruct([
    .init("type", .string), .init("text", .string, omitsEmpty: true),
    .init("image_data", .pointer(imageData), omitsEmpty: true),
  ])

  static let diff = GoStruct([
    .init("f", .string), .init("o", .string), .init("n", .string), .init("l", .int),
    .init("op", .string, omitsEmpty: true),
  ])

  static let seedDiff = GoStruct([
    .init("f", .string), .init("o", .string), .init("n", .string), .init("l", .int),
  ])

  static let toolResult = GoStruct([
    .init("ID", .string), .init("Name", .string), .init("Content", .string),
    .init("content_parts", .list(.object(contentPart)), omitsEmpty: true),
    .init("Display", .string), .init("diffs", .list(.object(diff)), omitsEmpty: true),
    .init("images", .list(.string), omitsEmpty: true), .init("IsError", .bool),
    .init("Caller", .string, omitsEmpty: true), .init("ThoughtSig", .base64),
  ])

  static let seedToolCall = GoStruct([
    .init("ID", .string), .init("Name", .string), .init("Arguments", .raw),
    .init("ThoughtSig", .base64),
  ])

  static let seedToolResult = GoStruct([
    .init("ID", .string), .init("Name", .string), .init("Content", .string),
    .init("Display", .string), .init("diffs", .list(.object(seedDiff)), omitsEmpty: true),
    .init("images", .list(.string), omitsEmpty: true), .init("IsError", .bool),
    .init("ThoughtSig", .base64),
  ])

  private static let toolActivity = GoStruct([
    .init("id", .string, omitsEmpty: true), .init("name", .string),
    .init("info", .string, omitsEmpty: true), .init("arguments", .raw, omitsEmpty: true),
    .init("status", .string),
  ])

  private static let namespace = GoStruct([
    .init("name", .string), .init("child_name", .string),
    .init("description", .string, omitsEmpty: true),
  ])

  private static let toolSpec = GoStruct([
    .init("Name", .string), .init("Description", .string), .init("Schema", .map),
    .init("Namespace", .pointer(namespace), omitsEmpty: true), .init("Strict", .bool),
    .init("AllowedCallers", .list(.string)), .init("OutputSchema", .map),
  ])

  private static let discoveryOutput = GoStruct([
    .init("call_id", .string), .init("catalogue_hash", .string),
    .init("catalogue_generation", .int),
    .init(
      "tools",
      .list(
        .object(
          GoStruct([.init("spec", .object(toolSpec)), .init("schema_hash", .string)])))),
  ])

  private static let skillActivation = GoStruct([
    .init("name", .string), .init("source", .string), .init("source_path", .string),
    .init("origin", .string), .init("execution", .string),
    .init("raw_arguments", .string, omitsEmpty: true), .init("agent", .string, omitsEmpty: true),
    .init("model", .string, omitsEmpty: true),
    .init("allowed_tools", .list(.string), omitsEmpty: true),
    .init("allowed_tools_present", .bool, omitsEmpty: true),
    .init("run_id", .string, omitsEmpty: true),
    .init("child_session_id", .string, omitsEmpty: true),
    .init("status", .string, omitsEmpty: true), .init("started_at", .string, omitsEmpty: true),
    .init("completed_at", .string, omitsEmpty: true), .init("activated_at", .string),
  ])

  private static let pathNote = GoStruct([
    .init("source_session_id", .string), .init("anchor_message_id", .int, omitsEmpty: true),
    .init("source_messages", .int, omitsEmpty: true),
    .init("omitted_messages", .int, omitsEmpty: true),
    .init("read_files", .list(.string), omitsEmpty: true),
    .init("modified_files", .list(.string), omitsEmpty: true),
    .init("model", .string, omitsEmpty: true), .init("focus", .string, omitsEmpty: true),
  ])

  private static let diffLine = GoStruct([
    .init("side", .string), .init("line", .int), .init("text", .string),
  ])

  private static let diffComment = GoStruct([
    .init("id", .string), .init("parent_id", .string, omitsEmpty: true), .init("path", .string),
    .init("side", .string), .init("line", .int), .init("file_change_seq", .int),
    .init("line_text", .string),
    .init("context_before", .list(.object(diffLine)), omitsEmpty: true),
    .init("context_after", .list(.object(diffLine)), omitsEmpty: true),
    .init("instruction", .string),
  ])

  /// The current shape.
  static let head = GoStruct([
    .init("Type", .string), .init("Text", .string), .init("ReasoningContent", .string),
    .init("ReasoningSummaryParts", .list(.string)), .init("ReasoningItemID", .string),
    .init("ReasoningEncryptedContent", .string), .init("ReasoningKind", .string),
    .init("ReasoningSummaryTitle", .string), .init("ImageData", .pointer(imageData)),
    .init("ImagePath", .string), .init("FileData", .pointer(fileData)),
    .init("FilePath", .string), .init("ToolCall", .pointer(toolCall)),
    .init("ToolResult", .pointer(toolResult)), .init("ToolActivity", .pointer(toolActivity)),
    .init("ProviderReplay", .pointer(GoStruct([.init("raw", .raw)]))),
    .init(
      "DiscoveryCall",
      .pointer(GoStruct([.init("id", .string), .init("arguments", .raw)]))),
    .init("DiscoveryOutput", .pointer(discoveryOutput)),
    .init("SkillActivation", .pointer(skillActivation)),
    .init("PathNote", .pointer(pathNote)), .init("DiffComment", .pointer(diffComment)),
  ])

  /// The shape of the version that wrote schema 7.
  static let seed = GoStruct([
    .init("Type", .string), .init("Text", .string), .init("ReasoningContent", .string),
    .init("ReasoningItemID", .string), .init("ReasoningEncryptedContent", .string),
    .init("ToolCall", .pointer(seedToolCall)), .init("ToolResult", .pointer(seedToolResult)),
  ])
}
