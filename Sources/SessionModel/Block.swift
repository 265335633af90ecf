public import JSONText

/// One piece of a message's content; the order of blocks is significant and kept.
///
/// The kinds with many fields are references, so that the others need not be as large as they.
public enum Block: Sendable, Hashable {
  /// Plain text, usually Markdown.
  case text(Text)
  /// The model's reasoning.
  indirect case thinking(Thinking)
  /// A request to run a tool.
  case toolCall(ToolCall)
  /// What a tool answered.
  case toolResult(ToolResult)
  /// A picture.
  case image(Image)
  /// A file or attachment.
  indirect case file(File)
  /// A block of a kind that the model does not know, verbatim.
  case opaque(OpaqueBlock)
}

extension Block {
  /// Plain text.
  public struct Text: Sendable, Hashable {
    /// The text.
    public var text: JSONString
    /// Fields only one format has.
    public var extras: [Extra]

    /// Creates a text block.
    public init(_ text: JSONString, extras: [Extra] = []) {
      self.text = text
      self.extras = extras
    }
  }

  /// Reasoning, possibly signed, encrypted or redacted.
  public struct Thinking: Sendable, Hashable {
    /// The readable reasoning; empty when only encrypted data exist.
    public var text: JSONString
    /// The provider's signature over the text; valid for the same model and unchanged text only.
    public var signature: JSONString?
    /// Encrypted or redacted reasoning that only the provider can read.
    public var encrypted: JSONString?
    /// The provider's identifier of the reasoning item.
    public var id: JSONString?
    /// What the text is: `summary`, `raw`, … as the format names it.
    public var kind: String?
    /// Fields only one format has.
    public var extras: [Extra]

    /// Creates a thinking block.
    public init(
      _ text: JSONString = "", signature: JSONString? = nil, encrypted: JSONString? = nil,
      id: JSONString? = nil, kind: String? = nil, extras: [Extra] = []
    ) {
      self.text = text
      self.signature = signature
      self.encrypted = encrypted
      self.id = id
      self.kind = kind
      self.extras = extras
    }
  }

  /// A tool call.
  public struct ToolCall: Sendable, Hashable {
    /// Links the call to its result; unique in most formats, empty in some records.
    public var id: JSONString
    /// The tool's name.
    public var name: JSONString
    /// The arguments, verbatim; nil when the record has none.
    public var arguments: RawJSON?
    /// Fields only one format has.
    public var extras: [Extra]

    /// Creates a tool call.
    public init(
      id: JSONString, name: JSONString, arguments: RawJSON? = nil, extras: [Extra] = []
    ) {
      self.id = id
      self.name = name
      self.arguments = arguments
      self.extras = extras
    }
  }

  /// A tool's answer.
  public struct ToolResult: Sendable, Hashable {
    /// The identifier of the call that is answered.
    public var callID: JSONString
    /// The tool's name, when the record states it.
    public var name: JSONString?
    /// The answer's content: text, images, files.
    public var content: [Block]
    /// Whether the tool failed.
    public var isError: Bool
    /// Fields only one format has.
    public var extras: [Extra]

    /// Creates a tool result.
    public init(
      callID: JSONString, name: JSONString? = nil, content: [Block] = [], isError: Bool = false,
      extras: [Extra] = []
    ) {
      self.callID = callID
      self.name = name
      self.content = content
      self.isError = isError
      self.extras = extras
    }
  }

  /// A picture, inline, by path or by address.
  public struct Image: Sendable, Hashable {
    /// The MIME type as stated.
    public var mediaType: JSONString?
    /// The picture in Base64, as stated.
    public var base64: JSONString?
    /// Where the picture lies: a path or an address.
    public var path: JSONString?
    /// Fields only one format has.
    public var extras: [Extra]

    /// Creates an image block.
    public init(
      mediaType: JSONString? = nil, base64: JSONString? = nil, path: JSONString? = nil,
      extras: [Extra] = []
    ) {
      self.mediaType = mediaType
      self.base64 = base64
      self.path = path
      self.extras = extras
    }
  }

  /// A file or attachment.
  public struct File: Sendable, Hashable {
    /// The file's name.
    public var name: JSONString?
    /// The MIME type as stated.
    public var mediaType: JSONString?
    /// The content in Base64, as stated.
    public var base64: JSONString?
    /// Where the file lies: a path or an address.
    public var path: JSONString?
    /// The text extracted from the file, when the record has it.
    public var text: JSONString?
    /// The size in bytes as stated.
    public var size: Int64?
    /// Fields only one format has.
    public var extras: [Extra]

    /// Creates a file block.
    public init(
      name: JSONString? = nil, mediaType: JSONString? = nil, base64: JSONString? = nil,
      path: JSONString? = nil, text: JSONString? = nil, size: Int64? = nil, extras: [Extra] = []
    ) {
      self.name = name
      self.mediaType = mediaType
      self.base64 = base64
      self.path = path
      self.text = text
      self.size = size
      self.extras = extras
    }
  }

  /// A block that the model has no place for.
  public struct OpaqueBlock: Sendable, Hashable {
    /// The format it comes from.
    public var format: String
    /// The block's type in that format.
    public var type: JSONString
    /// The whole block, verbatim.
    public var json: RawJSON

    /// Creates an opaque block.
    public init(format: String, type: JSONString, json: RawJSON) {
      self.format = format
      self.type = type
      self.json = json
    }
  }
}

extension Block.OpaqueBlock {
  /// The text that the block holds for a reader, where it is an object that names it so.
  public var text: JSONString? {
    guard let root = JSONDocument(ifValid: Array(json.bytes))?.root, root.kind == .object,
      let text = root["text"]?.string ?? root["Text"]?.string
    else { return nil }
    return text.isEmpty ? nil : text
  }
}

extension Block {
  /// The text of a text block.
  public var plainText: JSONString? {
    if case .text(let block) = self { block.text } else { nil }
  }

  /// Whether this is a tool's answer.
  public var isToolResult: Bool {
    if case .toolResult = self { true } else { false }
  }
}
