public import FileIO
public import JSONText

/// What a conversion writes down about itself beside the session that it wrote.
public struct CarryHeader: Sendable, Hashable {
  /// The version of the carry's layout.
  public static let version: Int64 = 2

  /// The format that the session came from.
  public var format: String
  /// The session's identifier there.
  public var id: String
  /// The fingerprint of the session there when it was converted.
  public var source: Fingerprint
  /// The fingerprint of the session as written here, carry excluded.
  public var target: Fingerprint
  /// The head as it was there, as canonical JSON.
  public var sourceHead: RawJSON
  /// The head as it reads here, as canonical JSON.
  public var targetHead: RawJSON
  /// The fingerprint of the carry's items as ``CarryChunks`` has it; nil when only the header is stored.
  public var items: Fingerprint?
  /// The fingerprint of the originals that the items give back.
  public var restores: Fingerprint
  /// The formats of the carries that the originals get back, the nearest first: a chain of conversions.
  public var chain: [String]
  /// The formats that the session here came from before this conversion added to it, the nearest first.
  public var own: [String]
  /// How many records of the session there were left out because they were too long.
  public var leftOut: Int

  /// Creates a header.
  public init(
    format: String, id: String, source: Fingerprint, target: Fingerprint, sourceHead: RawJSON,
    targetHead: RawJSON, items: Fingerprint?, restores: Fingerprint = Fingerprint(),
    chain: [String] = [], own: [String] = [], leftOut: Int = 0
  ) {
    self.format = format
    self.id = id
    self.source = source
    self.target = target
    self.sourceHead = sourceHead
    self.targetHead = targetHead
    self.items = items
    self.restores = restores
    self.chain = chain
    self.own = own
    self.leftOut = leftOut
  }
}

extension CarryHeader {
  /// Whether the items of the carry are stored.
  public var hasItems: Bool { items != nil }

  /// The header as one compact JSON object, which ends with a check of all before it.
  public var json: [UInt8] {
    var writer = JSONWriter(reserving: 512)
    writer.beginObject()
    writer.key("version")
    writer.int(Self.version)
    writer.key("from")
    writer.string(format)
    writer.key("id")
    writer.string(id)
    writer.key("source")
    writer.string(source.description)
    writer.key("target")
    writer.string(target.description)
    if let items {
      writer.key("items")
      writer.string(items.description)
    }
    writer.key("restores")
    writer.string(restores.description)
    if !chain.isEmpty {
      writer.key("chain")
      writer.strings(chain)
    }
    if !own.isEmpty {
      writer.key("own")
      writer.strings(own)
    }
    if leftOut > 0 {
      writer.key("left_out")
      writer.int(leftOut)
    }
    writer.key("source_head")
    writer.raw(sourceHead)
    writer.key("target_head")
    writer.raw(targetHead)
    let check = ContentHash(writer.bytes[...])
    writer.key("check")
    check.write(to: &writer)
    writer.endObject()
    return writer.bytes
  }

  /// Reads a header; nil when it is of another version, or is not what was written.
  init?(_ value: JSONValue) {
    guard value["version"]?.int64 == Self.version,
      let format = value["from"]?.string?.string, let id = value["id"]?.string?.string,
      let source = value["source"]?.string.flatMap({ Fingerprint($0.string) }),
      let target = value["target"]?.string.flatMap({ Fingerprint($0.string) }),
      let restores = value["restores"]?.string.flatMap({ Fingerprint($0.string) }),
      let sourceHead = value["source_head"], let targetHead = value["target_head"],
      let check = value["check"]
    else { return nil }
    self.init(
      format: format, id: id, source: source, target: target, sourceHead: RawJSON(sourceHead.raw),
      targetHead: RawJSON(targetHead.raw),
      items: value["items"]?.string.flatMap { Fingerprint($0.string) },
      restores: restores,
      chain: value["chain"]?.strings ?? [], own: value["own"]?.strings ?? [],
      leftOut: value["left_out"]?.int64.map { Int(clamping: $0) } ?? 0)
    guard json.dropLast().suffix(check.raw.count).elementsEqual(check.raw) else { return nil }
  }
}

/// What is stored where a conversion puts the header of its carry.
public enum StoredCarryHeader: Sendable, Hashable {
  /// The header.
  case readable(CarryHeader)
  /// There is a carry, but its header is gone, broken or of another version; the bytes of it.
  case unreadable([UInt8])

  /// The header, when it can be read.
  public var header: CarryHeader? { if case .readable(let header) = self { header } else { nil } }

  /// Its bytes as stored, or as a conversion stores them.
  public var json: [UInt8] {
    switch self {
    case .readable(let header): header.json
    case .unreadable(let bytes): bytes
    }
  }

  /// Reads what is stored for a header; nil stands for a carry that has none.
  public init(_ value: JSONValue?) {
    if let header = value.flatMap({ CarryHeader($0) }) {
      self = .readable(header)
    } else {
      self = .unreadable(value.map { Array($0.raw) } ?? [])
    }
  }

  /// Reads a header from JSON text.
  public init(json: [UInt8]) {
    if let header = (JSONDocument(ifValid: json)).flatMap({ CarryHeader($0.root) }) {
      self = .readable(header)
    } else {
      self = .unreadable(json)
    }
  }

  /// Looks for the header among records, from the last to the first; one that can be read counts
  /// before others.
  ///
  /// - Parameter header: What a record says to be a header; nil where it says none.
  public init<Record, Failure>(
    lastOf records: some BidirectionalCollection<Record>,
    _ header: (Record) throws(Failure) -> StoredCarryHeader?
  ) throws(Failure) {
    self = .unreadable([])
    for record in records.reversed() {
      guard let stored = try header(record) else { continue }
      self = stored
      if stored.header != nil { return }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func strings(_ list: [String]) {
    beginArray()
    for text in list { string(text) }
    endArray()
  }
}

extension JSONValue {
  fileprivate var strings: [String] {
    kind == .array ? elements.compactMap { $0.string?.string } : []
  }
}
