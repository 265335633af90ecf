internal import JSONText

/// What in a session changes what the tool may do: whether it asks before it acts.
enum GGCodeSettings {
  /// A line without the permission mode; nil when it states none.
  static func stripped(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    // What does not decode is nothing to the tool either.
    guard let root = (JSONDocument(ifValid: Array(line)))?.root, root.kind == .object,
      root.members.contains(where: { isPermissionMode($0.key) })
    else { return nil }
    var writer = JSONWriter(reserving: line.count)
    writer.beginObject()
    for (key, value) in root.members where !isPermissionMode(key) {
      writer.key(key)
      writer.raw(value.raw)
    }
    writer.endObject()
    if line.last == UInt8(ascii: "\n") { writer.newline() }
    return writer.bytes
  }

  private static func isPermissionMode(_ key: JSONString) -> Bool {
    GGCodeExtras.folded(key.string) == "permission_mode"
  }
}
