/// One message of a session.
///
/// Original: `provider.Message`.
public struct Message: Sendable, Hashable {
  /// The identifier that current releases give; documented releases drop it when they rewrite.
  public var id: String
  /// `user`, `assistant`, `system` or another word; tool results travel in `user` messages.
  public var role: String
  /// The blocks in order; nil is written as `null`, which some callers distinguish from none.
  public var content: [ContentBlock]?

  /// Creates a message.
  public init(id: String = "", role: String, content: [ContentBlock]?) {
    self.id = id
    self.role = role
    self.content = content
  }

  /// Creates a message of one text block.
  public init(role: String, text: String) {
    self.init(role: role, content: [.text(text)])
  }
}
