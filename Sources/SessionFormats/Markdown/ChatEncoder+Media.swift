internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Keeps media beside a file, by the hash of their bytes.
protocol ChatMediaStore: AnyObject {
  /// Keeps bytes under their SHA-256 in hexadecimal digits.
  func keep(_ bytes: [UInt8], hash: String) throws(FormatError)
}

extension ChatEncoder {
  /// Where a medium's bytes stand.
  private enum Content {
    /// Nowhere.
    case none
    /// In a link of this file.
    case link(String)
    /// In a file of its own.
    case blob(hash: String, size: Int)
  }

  mutating func append(_ block: Block.Image, _ depth: Int) throws(FormatError) {
    var fields = ChatFields()
    fields.text("type", "image")
    fields.text("mime", block.mediaType)
    fields.text("path", block.path)
    var extras = block.extras
    var content = try content(block.base64, &fields)
    if case .none = content { content = Self.missing(&extras) }
    if case .blob(let hash, let size) = content {
      fields.text("blob", "sha256:\(hash)")
      fields.number("size", Int64(size))
    }
    finishMedium(&fields, depth, extras)
    if let shown = destination(content, block.mediaType, block.path) {
      out.append(contentsOf: "![image](".utf8)
      out.append(contentsOf: shown.utf8)
      line(")")
    }
    newline()
    appendParts(fields)
  }

  mutating func append(_ block: Block.File, _ depth: Int) throws(FormatError) {
    var fields = ChatFields()
    fields.text("type", "file")
    fields.text("name", block.name)
    fields.text("mime", block.mediaType)
    fields.text("path", block.path)
    fields.number("size", block.size)
    let content = try content(block.base64, &fields)
    if case .blob(let hash, _) = content { fields.text("blob", "sha256:\(hash)") }
    var text: [UInt8]?
    if let extracted = block.text {
      var bytes: [UInt8] = []
      extracted.appendUnrepaired(to: &bytes)
      text = bytes
    }
    finishMedium(&fields, depth, block.extras)
    if let shown = destination(content, block.mediaType, block.path) {
      let name = ChatDecoration.inline(block.name?.string ?? "file")
        .replacing("[", with: " ").replacing("]", with: " ")
      line("[\(name)](\(shown))")
    }
    newline()
    if let text { append(part: "text", text) }
    appendParts(fields)
  }

  private mutating func finishMedium(_ fields: inout ChatFields, _ depth: Int, _ extras: [Extra]) {
    if depth > 0 { fields.number("in", Int64(depth)) }
    if !isCompact { fields.extras(extras) }
    marker(.block, &fields)
  }

  /// Finds a place for Base64: bytes that it spells in the usual way, else a part of its own.
  private func content(
    _ base64: JSONString?, _ fields: inout ChatFields
  ) throws(FormatError) -> Content {
    guard let base64 else { return .none }
    let text = base64.string
    guard let bytes = Base64.decode(text), Base64.encode(bytes) == text else {
      fields.part("base64", base64)
      return .none
    }
    guard bytes.count > largestInline else { return .link(text) }
    let hash = ContentDigest.hex(of: bytes)
    try media?.keep(bytes, hash: hash)
    return .blob(hash: hash, size: bytes.count)
  }

  /// A medium that was not found when it was read: referred to as before.
  private static func missing(_ extras: inout [Extra]) -> Content {
    guard let blob = extras.value("blob", of: Markdown.id).flatMap({ text($0) }),
      let hash = MarkdownMedia.hash(of: blob),
      let size = extras.value("size", of: Markdown.id).flatMap({ Int($0.string) })
    else { return .none }
    extras.removeAll { $0.format == Markdown.id && ["blob", "size"].contains($0.key) }
    return .blob(hash: hash, size: size)
  }

  private static func text(_ json: RawJSON) -> String? {
    (JSONDocument(ifValid: Array(json.bytes)))?.root.string?.string
  }

  private func destination(
    _ content: Content, _ mediaType: JSONString?, _ path: JSONString?
  ) -> String? {
    switch content {
    case .link(let base64):
      let type = mediaType?.string ?? ""
      let isClean =
        !type.isEmpty
        && type.utf8.allSatisfy { byte in
          switch byte {
          case 0x2B, 0x2D...0x39, 0x41...0x5A, 0x61...0x7A: true
          default: false
          }
        }
      return "data:\(isClean ? type : "application/octet-stream");base64,\(base64)"
    case .blob(let hash, _): return MarkdownMedia.relativePath(hash, in: mediaFolder)
    case .none: return path.map { ChatDecoration.destination($0.string) }
    }
  }
}

extension ChatFields {
  /// A text that always stands behind the element.
  mutating func part(_ name: String, _ text: JSONString) {
    var bytes: [UInt8] = []
    text.appendUnrepaired(to: &bytes)
    addPart(name, bytes)
  }
}
