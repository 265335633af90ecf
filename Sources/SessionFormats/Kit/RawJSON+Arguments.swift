internal import JSONText

extension RawJSON {
  /// A call's arguments as the object that providers demand; what is none becomes its `input`.
  static func object(_ arguments: RawJSON?) -> RawJSON {
    guard let arguments else { return RawJSON("{}") }
    let value = JSONDocument(ifValid: Array(arguments.bytes), limits: .go)?.root
    if value?.kind == .object { return arguments }
    var json = JSONWriter(reserving: arguments.bytes.count + 16)
    json.beginObject()
    json.key("input")
    if value != nil { json.raw(arguments) } else { json.string(arguments.string) }
    json.endObject()
    return RawJSON(json.bytes[...])
  }
}

extension RawJSON {
  /// JSON as it is, or without white space where it stands on several lines: most formats keep a record on
  /// one line.
  static func onOneLine(_ json: [UInt8]) -> RawJSON {
    guard json.contains(UInt8(ascii: "\n")) else { return RawJSON(json[...]) }
    var writer = JSONWriter(reserving: json.count)
    writer.compact(json[...])
    return RawJSON(writer.bytes[...])
  }
}
