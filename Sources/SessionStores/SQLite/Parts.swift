internal import JSONText
internal import SessionFormats
public import SessionModel

/// What a message consists of.
///
/// Original: `[]llm.Part`.
///
/// It is given as blocks of the shared model or as the JSON that the database holds, and read as
/// either. JSON is kept as the tool would write it again, in every detail.
public struct Parts: Sendable {
  private enum Storage: Sendable {
    case blocks([Block])
    /// JSON that decodes, as it was given; `null` for no list at all.
    case json([UInt8])
  }

  private var storage: Storage

  /// Parts made of blocks; a reasoning block belongs to the text after it.
  public init(_ blocks: [Block]) { storage = .blocks(blocks) }

  /// One part of text.
  public init(text: String) { self.init([.text(Block.Text(JSONString(text)))]) }

  /// No list at all, which is written as `null`.
  public static var none: Parts {
    var parts = Parts([])
    parts.storage = .json(Array("null".utf8))
    return parts
  }

  /// Reads JSON as the tool does.
  ///
  /// Original: `SetPartsFromJSON`.
  ///
  /// - Throws: `.malformed` where the tool fails.
  public init(json: some Sequence<UInt8>) throws(StoreError) {
    let bytes = Array(json)
    if bytes.isEmpty {
      self = .none
      return
    }
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(bytes, limits: .go)
    } catch {
      throw StoreError(.malformed, "json: \(error)")
    }
    var writer = JSONWriter(escaping: .html, reserving: bytes.count)
    do throws(GoDecodingError) {
      try writer.go(document.root, as: .list(.object(PartShape.head.type)))
    } catch {
      throw StoreError(.malformed, "json: \(error.message)")
    }
    storage = .json(bytes)
  }

  /// The JSON that a release stores.
  ///
  /// Original: `PartsJSON`.
  public func json(for release: Release) -> [UInt8] {
    switch storage {
    case .blocks(let blocks):
      return SessionFormats.Parts.encode(blocks, shape: release.shape)
    case .json(let bytes):
      var writer = JSONWriter(escaping: .html, reserving: bytes.count)
      let document = JSONDocument(ifValid: bytes, limits: .go)
      guard let document,
        // Whether the tool could write them is what is asked.
        (try? writer.go(document.root, as: .list(.object(release.shape.type)))) != nil
      else { return Array("null".utf8) }
      return writer.bytes
    }
  }

  /// The parts in the model that all formats share.
  public var blocks: [Block] {
    get {
      switch storage {
      case .blocks(let blocks): blocks
      // As the tool: parts that it cannot decode are none.
      case .json(let bytes): (try? SessionFormats.Parts.blocks(of: bytes)) ?? []
      }
    }
    set { storage = .blocks(newValue) }
  }

  /// Whether there is no list at all.
  public var isNone: Bool {
    guard case .json(let bytes) = storage else { return false }
    return (JSONDocument(ifValid: bytes, limits: .go))?.root.isNull ?? true
  }

  /// The text that search and display use: all text parts, one per line.
  ///
  /// Original: `ExtractTextContent`. Current releases count the text of files too.
  public func textContent(for release: Release) -> String {
    SessionFormats.Parts.textContent(of: blocks, shape: release.shape).string
  }

  /// For each part with a tool call, whether it has no arguments at all, not even `null`.
  var callsLackingArguments: [Bool] {
    switch storage {
    case .blocks(let blocks):
      return blocks.compactMap {
        if case .toolCall(let call) = $0 { call.arguments == nil } else { nil }
      }
    case .json(let bytes):
      guard let document = JSONDocument(ifValid: bytes, limits: .go) else { return [] }
      return document.root.elements.compactMap { part in
        let members = part.members.map { ($0.key.string.lowercased(), $0.value) }
        guard members.last(where: { $0.0 == "type" })?.1.string?.equals("tool_call") == true,
          let call = members.last(where: { $0.0 == "toolcall" && !$0.1.isNull })?.1
        else { return nil }
        return !call.members.contains { $0.key.string.lowercased() == "arguments" }
      }
    }
  }

  /// The parts one by one as JSON objects in the current layout.
  var elements: [JSONValue] {
    guard let document = JSONDocument(ifValid: json(for: .current), limits: .go) else { return [] }
    return Array(document.root.elements)
  }
}

extension Parts: Hashable {
  /// Whether a current release stores the same JSON for both.
  public static func == (a: Parts, b: Parts) -> Bool {
    a.json(for: .current) == b.json(for: .current)
  }

  /// Hashes that JSON.
  public func hash(into hasher: inout Hasher) { hasher.combine(json(for: .current)) }
}

extension Parts: ExpressibleByStringLiteral {
  /// One part of text.
  public init(stringLiteral value: String) { self.init(text: value) }
}
