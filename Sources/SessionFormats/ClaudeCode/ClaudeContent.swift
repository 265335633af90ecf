internal import JSONText
internal import SessionModel

/// The content of one foreign message as the API accepts it.
///
/// Results come before everything else, empty texts go, pictures and files of the model become
/// words, arguments become objects; what the API would refuse is told as text or left out.
struct ClaudeContent {
  private var writer = JSONWriter(reserving: 4_096)
  /// How many blocks there are.
  private(set) var count = 0
  /// The text, when the content is nothing else.
  private(set) var onlyText: JSONString?
  private let isAssistant: Bool
  /// Whether the message is the program's own, so that signatures hold.
  private let isNative: Bool
  private let isClaude: Bool

  /// - Parameter repairs: Whether calls and results are kept together; for lines that are sent.
  init(
    _ message: Message, model: String?, pairing: inout ClaudePairing, repairs: Bool,
    callID: () -> String
  ) {
    isAssistant = message.role == .assistant
    isNative = message.extras.value("message.id", of: ClaudeCode.id) != nil
    isClaude = model?.lowercased().contains("claude") ?? false
    writer.beginArray()
    for block in message.blocks where block.isToolResult { add(block, &pairing, repairs, callID) }
    for block in message.blocks where !block.isToolResult { add(block, &pairing, repairs, callID) }
    writer.endArray()
  }

  /// The blocks as a JSON array.
  var json: RawJSON { RawJSON(writer.bytes[...]) }

  private mutating func add(
    _ block: Block, _ pairing: inout ClaudePairing, _ repairs: Bool, _ callID: () -> String
  ) {
    switch block {
    case .text(let text): say(text.text)
    case .thinking(let thinking): think(thinking)
    case .toolCall(let call):
      guard isAssistant else {
        say(JSONString("[tool call \(call.name): \(call.arguments?.string ?? "")]"))
        return
      }
      begin("tool_use")
      writer.field("id", repairs ? pairing.call(call.id, fallback: callID) : call.id.string)
      writer.field("name", call.name)
      writer.key("input")
      arguments(call.arguments)
      writer.endObject()
    case .toolResult(let result):
      let id = repairs ? pairing.result(result.callID) : result.callID.string
      guard !isAssistant, let id else {
        let texts = result.content.compactMap { $0.plainText?.string }
        say(JSONString("[tool result \(result.callID): \(texts.joined(separator: "\n"))]"))
        for part in result.content where part.plainText == nil { addPlain(part) }
        return
      }
      write(result, id: id)
    case .image, .file, .opaque: addPlain(block)
    }
  }

  /// Begins a block.
  private mutating func begin(_ type: String) {
    onlyText = nil
    count += 1
    writer.beginObject()
    writer.field("type", type)
  }

  private mutating func say(_ text: JSONString) {
    guard !text.isEmpty else { return }
    let isFirst = count == 0
    begin("text")
    writer.field("text", text)
    writer.endObject()
    if isFirst { onlyText = text }
  }

  /// Reasoning goes under the foreign model's name, where it is shown and never sent; under a Claude
  /// model's name only with the signature that the program itself wrote.
  private mutating func think(_ thinking: Block.Thinking) {
    guard isAssistant else { return }
    if !isClaude, !thinking.text.isEmpty {
      begin("thinking")
      writer.field("thinking", thinking.text)
      writer.field("signature", "imported")
    } else if isClaude, isNative, let data = thinking.encrypted, !data.isEmpty,
      thinking.text.isEmpty
    {
      begin("redacted_thinking")
      writer.field("data", data)
      writer.extras(thinking.extras, of: ClaudeCode.id)
    } else if isClaude, isNative, let signature = thinking.signature, !signature.isEmpty {
      begin("thinking")
      writer.field("thinking", thinking.text)
      writer.field("signature", signature)
      writer.extras(thinking.extras, of: ClaudeCode.id)
    } else {
      return
    }
    writer.endObject()
  }

  private mutating func arguments(_ raw: RawJSON?) {
    guard let raw, !raw.bytes.isEmpty else {
      writer.raw(RawJSON("{}"))
      return
    }
    // Programs that list sessions read lines of limited depth only.
    guard let document = JSONDocument(ifValid: Array(raw.bytes), limits: .standard) else {
      writer.beginObject()
      writer.field("value", JSONString(decodedUTF8: Array(raw.bytes)))
      writer.endObject()
      return
    }
    if document.root.kind == .object {
      writer.compact(document.root.raw)
    } else {
      writer.beginObject()
      writer.key("value")
      writer.compact(document.root.raw)
      writer.endObject()
    }
  }

  private mutating func write(_ result: Block.ToolResult, id: String) {
    begin("tool_result")
    writer.field("tool_use_id", id)
    writer.key("content")
    let texts = result.content.compactMap(\.plainText)
    if texts.count == result.content.count, texts.count <= 1 {
      writer.string(texts.first ?? "")
    } else {
      writer.raw(ClaudeContent(parts: result.content).json)
    }
    if result.isError { writer.field("is_error", true) }
    writer.endObject()
  }

  /// The parts of a result.
  private init(parts: [Block]) {
    (isAssistant, isNative, isClaude) = (false, false, false)
    writer.beginArray()
    for part in parts { addPlain(part) }
    writer.endArray()
  }

  /// Texts, pictures and files wherever they are allowed; words where they are not.
  private mutating func addPlain(_ block: Block) {
    switch block {
    case .text(let text): say(text.text)
    case .image(let image):
      let isAddress = image.path.map { $0.string.hasPrefix("https://") } ?? false
      if !isAssistant, !(image.base64?.isEmpty ?? true) || isAddress {
        begin("image")
        source(
          image.base64 == nil ? "url" : "base64", image.mediaType ?? "image/png",
          image.base64 ?? image.path)
        writer.endObject()
      } else {
        say(JSONString("[image\(image.path.map { " " + $0.string } ?? "")]"))
      }
    case .file(let file):
      let name = file.name ?? file.path
      let isPDF = file.base64 != nil && file.mediaType.map { $0.equals("application/pdf") } ?? false
      if !isAssistant, isPDF || file.text.map({ !$0.isEmpty }) ?? false {
        begin("document")
        source(
          isPDF ? "base64" : "text", isPDF ? file.mediaType ?? "" : "text/plain",
          isPDF ? file.base64 : file.text)
        if let name { writer.field("title", name) }
        writer.endObject()
      } else {
        say(JSONString("[file\(name.map { " " + $0.string } ?? "")]"))
      }
    case .opaque(let opaque):
      // The program's own server tools and their results; the API would refuse anything else.
      guard opaque.format == ClaudeCode.id, isAssistant,
        opaque.type.equals("server_tool_use") || opaque.type.equals("web_search_tool_result")
      else { return }
      (onlyText, count) = (nil, count + 1)
      writer.raw(opaque.json)
    case .thinking, .toolCall, .toolResult: break
    }
  }

  /// Writes where a picture or file comes from.
  private mutating func source(_ type: String, _ mediaType: JSONString, _ data: JSONString?) {
    writer.key("source")
    writer.beginObject()
    writer.field("type", type)
    if type != "url" { writer.field("media_type", mediaType) }
    writer.field(type == "url" ? "url" : "data", data ?? "")
    writer.endObject()
  }
}
