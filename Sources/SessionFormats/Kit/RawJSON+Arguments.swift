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
