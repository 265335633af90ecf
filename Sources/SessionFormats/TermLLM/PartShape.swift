/// The set of keys that parts are written with; it grew with the tool's versions.
package enum PartShape: Sendable, CaseIterable {
  /// All 21 keys of the current version.
  case head
  /// The 7 keys of the versions that write schema 7.
  case seed

  /// The struct that is written.
  package var type: GoStruct { self == .seed ? PartType.seed : PartType.head }

  /// Whether the schema knows images, files and the kinds of parts that came later, compaction
  /// boundaries, turns, developer and event roles.
  var isCurrent: Bool { self != .seed }
}
