public import JSONText

/// What brings one record of the source back: which foreign entries stand for it, and the difference.
public struct CarryItem: Sendable, Hashable {
  /// Hashes of the foreign entries that stand for the record; empty when the target has no place.
  public var foreign: [ContentHash]
  /// Which native form of the record's format to start from.
  public var variant: Int
  /// The difference of the original from that form.
  public var delta: RecordDelta

  /// Creates an item.
  public init(foreign: [ContentHash], variant: Int = 0, delta: RecordDelta) {
    self.foreign = foreign
    self.variant = variant
    self.delta = delta
  }
}

extension CarryItem {
  /// Appends the item as JSON.
  ///
  /// A record that comes back by itself and stands for one foreign entry is just that entry's hash;
  /// anything else is an object: `h` hashes, `v` variant, and one of `raw` (text), `b64` (bytes that
  /// are not UTF-8) or `set` (members); with `edit` and `base` these are the bytes of the places that
  /// differ, of which `edit` has three numbers each: bytes that stay, are left out, stand there instead.
  public func write(to writer: inout JSONWriter) {
    if foreign.count == 1, variant == 0, case .same = delta {
      foreign[0].write(to: &writer)
      return
    }
    writer.beginObject()
    writer.key("h")
    writer.beginArray()
    for hash in foreign { hash.write(to: &writer) }
    writer.endArray()
    if variant != 0 {
      writer.key("v")
      writer.int(variant)
    }
    switch delta {
    case .same: break
    case .whole(let bytes): Self.write(bytes, to: &writer)
    case .edited(let edits, let base, let bytes):
      writer.key("edit")
      writer.beginArray()
      for edit in edits {
        writer.int(edit.keep)
        writer.int(edit.drop)
        writer.int(edit.insert)
      }
      writer.endArray()
      writer.key("base")
      ContentHash(value: base).write(to: &writer)
      Self.write(bytes, to: &writer)
    case .members(let members):
      writer.key("set")
      writer.beginObject()
      for member in members {
        writer.key(JSONString(member.key))
        writer.raw(member.value)
      }
      writer.endObject()
    }
    writer.endObject()
  }

  private static func write(_ bytes: ArraySlice<UInt8>, to writer: inout JSONWriter) {
    if bytes.span.isValidUTF8 {
      writer.key("raw")
      writer.string(decodedUTF8: bytes.span)
    } else {
      writer.key("b64")
      writer.string(Base64.encode(bytes))
    }
  }

  /// Reads an item; nil when it is broken.
  public init?(_ value: JSONValue) {
    if value.kind == .string {
      guard let foreign = ContentHash(hex: value) else { return nil }
      self.init(foreign: [foreign], delta: .same)
      return
    }
    guard let hashes = value["h"], hashes.kind == .array else { return nil }
    var foreign: [ContentHash] = []
    for element in hashes.elements {
      guard let hash = ContentHash(hex: element) else { return nil }
      foreign.append(hash)
    }
    let variant = value["v"]?.int64 ?? 0
    var bytes: ArraySlice<UInt8>?
    if let raw = value["raw"]?.string {
      var decoded: [UInt8] = []
      raw.appendUTF8(to: &decoded)
      bytes = decoded[...]
    } else if let encoded = value["b64"]?.string {
      guard let decoded = Base64.decode(encoded.string) else { return nil }
      bytes = decoded[...]
    }
    let delta: RecordDelta
    if let set = value["set"] {
      delta = .members(set.members.map { (key: $0.key.string, value: RawJSON($0.value.raw)) })
    } else if let edit = value["edit"] {
      guard let bytes, let edits = Self.edits(edit),
        let base = value["base"].flatMap({ ContentHash(hex: $0) })
      else { return nil }
      delta = .edited(edits, base: base.value, bytes: bytes)
    } else if let bytes {
      // Bytes that say what they are to be put into are not the whole record.
      guard value["base"] == nil else { return nil }
      delta = .whole(bytes)
    } else {
      delta = .same
    }
    guard let variant = Int(exactly: variant), variant >= 0 else { return nil }
    self.init(foreign: foreign, variant: variant, delta: delta)
  }

  private static func edits(_ value: JSONValue) -> [RecordEdit]? {
    guard value.kind == .array else { return nil }
    var numbers: [Int] = []
    for element in value.elements {
      guard let number = element.int64.flatMap({ Int(exactly: $0) }) else { return nil }
      numbers.append(number)
    }
    guard numbers.count.isMultiple(of: 3) else { return nil }
    return stride(from: 0, to: numbers.count, by: 3).map {
      RecordEdit(keep: numbers[$0], drop: numbers[$0 + 1], insert: numbers[$0 + 2])
    }
  }
}

extension ContentHash {
  /// A hash with a known value.
  public init(value: UInt64) { self.value = value }

  /// Sixteen hexadecimal digits.
  public var hex: String {
    var digits: [UInt8] = []
    append(to: &digits)
    return String(decoding: digits, as: UTF8.self)
  }

  /// Writes the sixteen hexadecimal digits as a string.
  func write(to writer: inout JSONWriter) { writer.ascii { append(to: &$0) } }

  /// Appends the sixteen hexadecimal digits as they are read.
  private func append(to bytes: inout [UInt8]) {
    bytes.append(addingCapacity: 16) { bytes in
      for place in 0..<16 {
        let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * place) & 15)
        bytes.append(digit < 10 ? 48 + digit : 87 + digit)
      }
    }
  }

  /// Reads a string of sixteen hexadecimal digits.
  public init?(hex value: JSONValue) {
    let raw = value.raw
    guard value.kind == .string, raw.count == 18 else { return nil }
    var hash: UInt64 = 0
    for byte in raw.dropFirst().dropLast() {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      default: return nil
      }
      hash = hash << 4 | UInt64(digit)
    }
    self.init(value: hash)
  }
}
