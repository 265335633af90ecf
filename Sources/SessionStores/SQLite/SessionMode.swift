/// What a session is for; words the store does not know are kept.
///
/// Original: `SessionMode`.
public struct SessionMode: RawRepresentable, Hashable, Sendable {
  /// The word.
  public var rawValue: String
  /// Takes a word.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// A conversation.
  ///
  /// Original: `ModeChat`.
  public static let chat = SessionMode(rawValue: "chat")
  /// One question.
  ///
  /// Original: `ModeAsk`.
  public static let ask = SessionMode(rawValue: "ask")
  /// A plan.
  ///
  /// Original: `ModePlan`.
  public static let plan = SessionMode(rawValue: "plan")
  /// A command to run.
  ///
  /// Original: `ModeExec`.
  public static let exec = SessionMode(rawValue: "exec")
}

/// Where a session stands; words the store does not know are kept.
///
/// Original: `SessionStatus`.
public struct SessionStatus: RawRepresentable, Hashable, Sendable {
  /// The word.
  public var rawValue: String
  /// Takes a word.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// It goes on.
  ///
  /// Original: `StatusActive`.
  public static let active = SessionStatus(rawValue: "active")
  /// It ended well.
  ///
  /// Original: `StatusComplete`.
  public static let complete = SessionStatus(rawValue: "complete")
  /// It ended with an error.
  ///
  /// Original: `StatusError`.
  public static let error = SessionStatus(rawValue: "error")
  /// The person ended it.
  ///
  /// Original: `StatusInterrupted`.
  public static let interrupted = SessionStatus(rawValue: "interrupted")
}
