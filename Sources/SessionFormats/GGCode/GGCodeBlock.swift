internal import JSONText
internal import SessionModel

/// A content block as it stands in a file; all its fields have the types that the tool expects.
struct GGCodeBlock {
  enum Field: Int, CaseIterable {
    case type, text, imageMIME, imageData, toolName, toolID, input, output, isError, images,
      reasoningContent, thinkingSignature, thinkingData, cache

    /// The field of a name; nil for other names.
    init?(name: String) {
      guard let field = Self.allCases.first(where: { $0.name.description == name }) else {
        return nil
      }
      self = field
    }

    var name: StaticString { GGCodeMessage.blockFields.names[rawValue] }
  }

  // The fields that blocks of each kind use beside their type.
  static let textFields: Set<Field> = [.text, .reasoningContent, .thinkingSignature, .thinkingData]
  static let callFields: Set<Field> = [.toolName, .toolID, .input]
  static let resultFields: Set<Field> = [.toolName, .toolID, .output, .isError, .images]
  static let imageFields: Set<Field> = [.imageMIME, .imageData]

  let object: GGCodeObject
  let isError: Bool
  let images: [Block.Image]

  init(_ element: JSONValue) throws(GGCodeDamage) {
    object = try GGCodeObject(element, "content", GGCodeMessage.blockFields)
    for field in Field.allCases {
      switch field {
      case .input, .isError, .images: break
      // Classic releases do not know it.
      case .cache: break
      default: _ = try object.string(field.rawValue)
      }
    }
    isError = try object.bool(Field.isError.rawValue) ?? false
    var images: [Block.Image] = []
    if let list = object[Field.images.rawValue] {
      for element in try list.goArray("images") { images.append(try Self.image(element)) }
    }
    self.images = images
  }

  private static func image(_ element: JSONValue) throws(GGCodeDamage) -> Block.Image {
    if element.isNull { return Block.Image() }
    let image = try GGCodeObject(element, "images", GGCodeMessage.imageFields)
    return Block.Image(mediaType: try image.filled(0), base64: try image.filled(1))
  }

  /// A string; an absent one is empty, as in the tool.
  func string(_ field: Field) -> JSONString { object[field.rawValue]?.string ?? "" }

  /// A string; nil when it is empty.
  func filled(_ field: Field) -> JSONString? {
    let string = string(field)
    return string.isEmpty ? nil : string
  }

  /// The reasoning in the block.
  var thinking: Block.Thinking? {
    let thinking = Block.Thinking(
      string(.reasoningContent), signature: filled(.thinkingSignature),
      encrypted: filled(.thinkingData))
    let isEmpty =
      thinking.text.isEmpty && thinking.signature == nil && thinking.encrypted == nil
    return isEmpty ? nil : thinking
  }

  /// The fields that the block's kind does not use, unless the tool leaves their values out, and the
  /// unknown ones.
  func extras(beside used: Set<Field>) -> [Extra] {
    var extras: [Extra] = []
    for field in Field.allCases where field != .type && !used.contains(field) {
      let value: RawJSON?
      if field == .input {
        value = object.raw(field.rawValue)
      } else {
        value = object[field.rawValue].flatMap { Self.isZero($0) ? nil : RawJSON($0.raw) }
      }
      guard let value else { continue }
      extras.append(Extra(format: GGCode.id, key: field.name.description, value: value))
    }
    return extras + object.unknown
  }

  /// Whether a value is one that the tool does not write.
  private static func isZero(_ value: JSONValue) -> Bool {
    value.string?.isEmpty ?? (value.bool.map { !$0 } ?? false)
  }

  /// Whether a value has the type of a field.
  static func isValue(_ json: RawJSON, of field: Field) -> Bool {
    guard let document = JSONDocument(ifValid: Array(json.bytes), limits: .go) else { return false }
    switch field {
    case .input: return true
    case .isError, .cache: return document.root.bool != nil
    case .images:
      guard document.root.kind == .array else { return document.root.isNull }
      // Whether one fails is what is asked.
      return document.root.elements.allSatisfy { (try? image($0)) != nil }
    default: return document.root.string != nil
    }
  }
}
