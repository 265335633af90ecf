/// What an export holds.
///
/// Original: `ExportOptions`.
public struct ExportOptions: Sendable, Hashable {
  /// Whether system messages are shown.
  public var includesSystem = false
  /// Whether summaries of reasoning are shown; current releases only.
  public var includesReasoningSummaries = false
  /// Whether raw reasoning is shown; current releases only.
  public var includesRawReasoning = false
  /// The release whose layout is made.
  public var release = Release.current

  /// The conversation alone, in the current layout.
  public init() {}
}
