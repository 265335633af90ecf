public import SessionModel

/// What a model is sent or answered: a role and parts.
///
/// Original: `llm.Message`.
public struct LLMMessage: Sendable, Hashable {
  /// The role.
  public var role: String
  /// The parts.
  public var parts: Parts
  /// The text shown instead of the parts' own; empty for none.
  public var displayText: String

  /// Creates a message.
  public init(role: String, parts: Parts, displayText: String = "") {
    self.role = role
    self.parts = parts
    self.displayText = displayText
  }
}

/// A stored message.
///
/// Original: `Message`.
///
/// Properties that schema 7 has no column for are neither stored nor loaded there.
public struct Message: Sendable, Hashable {
  /// The row's identifier, given by the store and never used again.
  public var id: Int64 = 0
  /// The session that it belongs to.
  public var sessionID: String
  /// `user`, `assistant`, `system` or `tool`; current databases also know `developer` and `event`.
  public var role: String
  /// What it consists of.
  public var parts: Parts
  /// The text that is searched and shown.
  ///
  /// The store never derives it.
  public var textContent: String
  /// How long the model took, in milliseconds.
  public var durationMilliseconds: Int64 = 0
  /// The turn that it belongs to.
  public var turnIndex: Int64 = 0
  /// When it was written; a zero time becomes the present one.
  public var createdAt = Timestamp.goZero
  /// Its place in the session; below zero, the store takes the next.
  public var sequence: Int64
  /// Whether it repeats an earlier message after a compaction.
  public var isCompactionTail = false
  /// The identifier that a client gave, unique in the session.
  public var clientMessageID = ""
  /// The provider's identifier of the answer.
  public var responseID = ""
  /// The place of a part of an answer; −1 for messages that are none.
  public var assistantSegmentOrdinal: Int64 = 0
  /// The first sequence of the answer's part.
  public var segmentStartSequence: Int64 = 0
  /// The last one.
  public var segmentEndSequence: Int64 = 0

  /// Creates a message as it will be stored, its text as given.
  public init(
    sessionID: String = "", role: String, parts: Parts, textContent: String = "",
    sequence: Int64 = -1
  ) {
    self.sessionID = sessionID
    self.role = role
    self.parts = parts
    self.textContent = textContent
    self.sequence = sequence
  }

  /// Creates a message out of a model's.
  ///
  /// Original: `NewMessage`.
  ///
  /// The text is the message's display text, else that of its parts; the time is the present.
  public init(
    sessionID: String, _ message: LLMMessage, sequence: Int64, release: Release = .current,
    now: Timestamp = .nowInLocalZone
  ) {
    let isShown = release == .current && !message.displayText.isEmpty
    self.init(
      sessionID: sessionID, role: message.role, parts: message.parts,
      textContent: isShown ? message.displayText : message.parts.textContent(for: release),
      sequence: sequence)
    createdAt = now
    assistantSegmentOrdinal = message.role == "assistant" ? 0 : -1
  }

  /// The text of its parts.
  ///
  /// Original: `ExtractTextContent`.
  public func extractTextContent(for release: Release = .current) -> String {
    parts.textContent(for: release)
  }

  /// Its parts as JSON.
  ///
  /// Original: `PartsJSON`.
  public func partsJSON(for release: Release = .current) -> [UInt8] { parts.json(for: release) }

  /// Takes its parts from JSON.
  ///
  /// Original: `SetPartsFromJSON`.
  ///
  /// - Throws: `.malformed`, with the parts unchanged.
  public mutating func setPartsFromJSON(_ json: some Sequence<UInt8>) throws(StoreError) {
    parts = try Parts(json: json)
  }

  /// The message to send to a model.
  ///
  /// Original: `ToLLMMessage`.
  ///
  /// Current releases leave out parts that are not the model's, and turn mentions of agents into
  /// text.
  public func toLLMMessage(for release: Release = .current) -> LLMMessage {
    LLMMessage(role: role, parts: release == .current ? parts.forModel : parts)
  }
}
