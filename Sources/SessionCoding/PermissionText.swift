public import JSONText
public import SessionModel

/// Text by which a program tells its model what it may do, such as "all commands are permitted".
///
/// It is true of one program on one machine. Standing in a session of another program it would grant
/// what nobody granted there, so it is never written for one.
public enum PermissionText {
  private static let start = "<permissions instructions>"
  private static let end = "</permissions instructions>"

  /// A text without what it says of permissions; nil when it says nothing of them.
  ///
  /// - Parameter role: Who speaks: what a person, a model or a tool quotes stays.
  public static func removed(from text: JSONString, of role: Role) -> JSONString? {
    switch role {
    case .assistant, .tool: return nil
    // As a person's message it is the whole text, or its beginning.
    case .user where !begins(text): return nil
    case .user, .system, .developer, .other: break
    }
    let text = text.string
    var rest = text[...]
    var kept = ""
    while let opening = rest.firstRange(of: start) {
      if role == .user, !(kept + rest[..<opening.lowerBound]).allSatisfy(\.isWhitespace) { break }
      kept += rest[..<opening.lowerBound]
      let inside = rest[opening.upperBound...]
      rest = inside.firstRange(of: end).map { inside[$0.upperBound...] } ?? ""
    }
    kept += rest
    if kept.utf8.count == text.utf8.count { return nil }
    return JSONString(kept.allSatisfy(\.isWhitespace) ? "" : kept)
  }

  private static func begins(_ text: JSONString) -> Bool {
    var isFound = false
    text.withUTF8Prefix(256) { bytes in
      var index = 0
      while index < bytes.count, bytes[index] <= 0x20 { index += 1 }
      isFound = start.utf8.enumerated().allSatisfy { offset, byte in
        index + offset < bytes.count && bytes[index + offset] == byte
      }
    }
    return isFound
  }

  /// The blocks of a message without what they say of permissions; nil when they say nothing of them.
  public static func removed(from message: Message) -> [Block]? {
    var isChanged = false
    let blocks = message.blocks.compactMap { block -> Block? in
      guard case .text(var text) = block, let rest = removed(from: text.text, of: message.role)
      else { return block }
      isChanged = true
      text.text = rest
      return rest.isEmpty ? nil : .text(text)
    }
    return isChanged ? blocks : nil
  }
}
