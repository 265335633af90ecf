public import JSONText
public import SessionModel

extension CanonicalJSON {
  /// Appends one block of a message's content.
  public static func write(_ block: Block, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("type")
    switch block {
    case .text(let block):
      writer.literal("text")
      writer.text("text", block.text)
      writer.extras(block.extras, besides: BlockField.names)
    case .thinking(let block):
      writer.literal("thinking")
      writer.text("text", block.text)
      writer.text("signature", block.signature)
      writer.text("encrypted", block.encrypted)
      writer.text("id", block.id)
      writer.text("kind", block.kind)
      writer.extras(block.extras, besides: BlockField.names)
    case .toolCall(let block):
      writer.literal("tool_call")
      writer.text("id", block.id)
      writer.text("name", block.name)
      if let arguments = block.arguments {
        writer.key("arguments")
        writer.oneLine(arguments)
      }
      writer.extras(block.extras, besides: BlockField.names)
    case .toolResult(let block):
      writer.literal("tool_result")
      writer.text("call_id", block.callID)
      writer.text("name", block.name)
      if block.isError { writer.flag("is_error", true) }
      writer.key("content")
      writer.beginArray()
      for part in block.content { write(part, to: &writer) }
      writer.endArray()
      writer.extras(block.extras, besides: BlockField.names)
    case .image(let block):
      writer.literal("image")
      writer.text("media_type", block.mediaType)
      writer.text("base64", block.base64)
      writer.text("path", block.path)
      writer.extras(block.extras, besides: BlockField.names)
    case .file(let block):
      writer.literal("file")
      writer.text("name", block.name)
      writer.text("media_type", block.mediaType)
      writer.text("base64", block.base64)
      writer.text("path", block.path)
      writer.text("text", block.text)
      writer.number("size", block.size)
      writer.extras(block.extras, besides: BlockField.names)
    case .opaque(let block):
      writer.literal("opaque")
      writer.text("format", block.format)
      writer.text("kind", block.type)
      writer.key("json")
      writer.oneLine(block.json)
    }
    writer.endObject()
  }
}

extension JSONWriter {
  mutating func text(_ name: StaticString, _ value: String?) {
    guard let value else { return }
    key(name)
    string(value)
  }

  mutating func text(_ name: StaticString, _ value: JSONString?) {
    guard let value else { return }
    key(name)
    string(value)
  }

  mutating func number(_ name: StaticString, _ value: Int64?) {
    guard let value else { return }
    key(name)
    int(value)
  }

  mutating func flag(_ name: StaticString, _ value: Bool?) {
    guard let value else { return }
    key(name)
    bool(value)
  }

  /// Writes a time as RFC 3339, or as an object when its spelling or making must be told.
  mutating func time(_ name: StaticString, _ value: Timestamp?) {
    guard let value else { return }
    key(name)
    guard value.text != nil || value.isSynthesised else {
      ascii { value.appendRFC3339(to: &$0) }
      return
    }
    beginObject()
    text("at", value.rfc3339)
    text("text", value.text)
    if value.isSynthesised { flag("synthesised", true) }
    endObject()
  }

  mutating func tokens(_ name: StaticString, _ value: TokenUsage?) {
    guard let value else { return }
    key(name)
    beginObject()
    number("input", value.input)
    number("output", value.output)
    number("cache_read", value.cacheRead)
    number("cache_write", value.cacheWrite)
    number("prompt_total", value.promptTotal)
    endObject()
  }

  /// Writes raw JSON so that it fits on a line: verbatim, unless it holds line ends.
  mutating func oneLine(_ json: RawJSON) {
    if json.holdsLineEnd {
      compact(json.bytes)
    } else {
      raw(json)
    }
  }

  /// Writes members that are not known here as they were, then extra fields, grouped by their format.
  ///
  /// - Parameter known: The names that members have here.
  mutating func extras(_ extras: [Extra], besides known: FieldNames) {
    var extras = extras
    let others = extras.filter {
      $0.format == CanonicalJSON.format && known.index(of: Array($0.key.utf8).span) < 0
    }
    for other in others {
      key(JSONString(other.key))
      oneLine(other.value)
    }
    if !others.isEmpty || extras.contains(where: \.isOtherFlag) {
      extras.removeAll { others.contains($0) || $0.isOtherFlag }
    }
    guard !extras.isEmpty else { return }
    key("extras")
    beginObject()
    var written: [String] = []
    for extra in extras where !written.contains(extra.format) {
      written.append(extra.format)
      key(JSONString(extra.format))
      beginObject()
      for field in extras where field.format == extra.format {
        key(JSONString(field.key))
        oneLine(field.value)
      }
      endObject()
    }
    endObject()
  }
}

extension Extra {
  /// Whether it is written among the flags.
  fileprivate var isOtherFlag: Bool {
    format == CanonicalJSON.format && key == CanonicalJSON.otherFlag
  }
}
