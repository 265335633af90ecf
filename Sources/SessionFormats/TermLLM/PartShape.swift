/// The set of keys that parts are written with; it grew with the tool's versions.
package enum PartShape: Sendable, CaseIterable {
  /// All 21 keys of the current version.
  case head
  /// The 7 keys of the versions that write schema 7.
  case seed

  /// The struct that is written.
  package var type: GoStruct { self == .seed ? PartType.seed : PartType.head }

  /// The position in ``PartType/head`` of each field that is written.
  var positions: [Int] {
    self == .seed
      ? [
        PartField.type, PartField.text, PartField.reasoningContent, PartField.reasoningItemID,
        PartField.reasoningEncryptedContent, PartField.toolCall, PartField.toolResult,
      ] : Self.headPositions
  }

  private static let headPositions = Array(PartType.head.fields.indices)

  /// Whether images, files and the kinds that came later can be told.
  var isCurrent: Bool { self != .seed }
}

/// Positions of the fields in ``PartType/head``.
enum PartField {
  static let type = 0
  static let text = 1
  static let reasoningContent = 2
  static let reasoningSummaryParts = 3
  static let reasoningItemID = 4
  static let reasoningEncryptedContent = 5
  static let reasoningKind = 6
  static let reasoningSummaryTitle = 7
  static let imageData = 8
  static let imagePath = 9
  static let fileData = 10
  static let filePath = 11
  static let toolCall = 12
  static let toolResult = 13
}
