public import JSONText

/// One piece of a message: text, a tool call, a tool's answer, an image, or reasoning.
///
/// The tool keeps all kinds in one flat struct, so any field may stand in a block of any kind.
/// Original: `provider.ContentBlock`.
public struct ContentBlock: Sendable, Hashable {
  /// A picture in a tool's answer.
  public struct Image: Sendable, Hashable {
    /// The MIME type.
    public var mime: String
    /// The picture in Base64.
    public var base64: String

    /// Creates an image.
    public init(mime: String, base64: String) {
      self.mime = mime
      self.base64 = base64
    }
  }

  /// `text`, `tool_use`, `tool_result`, `image`, `thinking` or another word.
  public var type: String
  /// The text of a text block.
  public var text = ""
  /// The MIME type of an image block.
  public var imageMIME = ""
  /// The picture of an image block in Base64.
  public var imageData = ""
  /// The tool of a call or an answer.
  public var toolName = ""
  /// Links a call to its answer.
  public var toolID = ""
  /// The arguments of a call, verbatim; nil when there are none.
  public var input: RawJSON?
  /// What the tool answered.
  public var output = ""
  /// Whether the tool failed.
  public var isError = false
  /// Pictures that the tool answered with.
  public var images: [Image] = []
  /// The model's reasoning.
  public var reasoningContent = ""
  /// The provider's signature over the reasoning.
  public var thinkingSignature = ""
  /// Redacted reasoning.
  public var thinkingData = ""
  /// Whether the provider is to cache up to here; releases that do not know it drop it.
  public var cache = false

  /// Creates a block of a type.
  public init(type: String) { self.type = type }

  /// A text block, with the reasoning that led to it.
  public static func text(_ text: String, reasoning: String = "", signature: String = "") -> Self {
    var block = ContentBlock(type: "text")
    block.text = text
    block.reasoningContent = reasoning
    block.thinkingSignature = signature
    return block
  }

  /// A tool call.
  public static func toolUse(id: String, name: String, input: RawJSON? = nil) -> Self {
    var block = ContentBlock(type: "tool_use")
    block.toolID = id
    block.toolName = name
    block.input = input
    return block
  }

  /// A tool's answer.
  public static func toolResult(
    id: String, name: String = "", output: String, isError: Bool = false, images: [Image] = []
  ) -> Self {
    var block = ContentBlock(type: "tool_result")
    block.toolID = id
    block.toolName = name
    block.output = output
    block.isError = isError
    block.images = images
    return block
  }

  /// A picture in Base64.
  public static func image(mime: String, data: String) -> Self {
    var block = ContentBlock(type: "image")
    block.imageMIME = mime
    block.imageData = data
    return block
  }
}
