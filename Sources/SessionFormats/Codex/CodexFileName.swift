internal import SessionModel

/// The name of a rollout file: `rollout-<YYYY-MM-DDThh-mm-ss>-<uuid>[_<child uuid>].jsonl[.zst]`.
struct CodexFileName: Hashable {
  /// The name without folder and endings.
  var stem: String
  /// The part between `rollout-` and the identifier: when the program made the file, local time.
  var time: String
  /// The thread's identifier, lower-case.
  var id: String
  /// Whether the file goes on where an earlier one of the same thread was reverted.
  var isRevert: Bool
  /// Whether the content is compressed.
  var isCompressed: Bool
  /// Whether this is the single JSON document of the program's 2025 TypeScript version.
  var isDocument: Bool

  /// The parts of a file name; nil for names that the program does not find.
  init?(_ name: some StringProtocol) {
    isCompressed = name.hasSuffix(".jsonl.zst")
    isDocument = name.hasSuffix(".json")
    guard let ending = [".jsonl.zst", ".json", ".jsonl"].first(where: { name.hasSuffix($0) }) else {
      return nil
    }
    var rest = Substring(name).dropLast(ending.count)
    stem = String(rest)
    let child = rest.utf8.suffix(37)
    isRevert =
      child.first == UInt8(ascii: "_") && CodexID.isUUID(rest.suffix(36)) && rest.count > 82
    if isRevert { rest = rest.dropLast(37) }
    guard rest.hasPrefix("rollout-"), rest.utf8.count > 8 + 37, CodexID.isUUID(rest.suffix(36)),
      rest.dropLast(36).last == "-"
    else { return nil }
    id = rest.suffix(36).lowercased()
    time = String(rest.dropFirst(8).dropLast(37))
  }

  /// The parts of the name of a path's file.
  init?(ofPath path: String) {
    self.init(path.split(separator: "/").last ?? "")
  }

  /// The relative path of a new file.
  static func path(id: String, created: Timestamp, isArchived: Bool) -> String {
    let local = Timestamp(seconds: created.seconds &+ Int64(created.offset)).codex.prefix(19)
    let time = String(local.map { $0 == ":" ? "-" : $0 })
    let day = time.prefix(10).split(separator: "-").joined(separator: "/")
    let folder = isArchived ? "archived_sessions" : "sessions/\(day)"
    return "\(folder)/rollout-\(time)-\(id).jsonl"
  }

  /// Whether a relative path, taken from a session, can be written to: known folders, a known name.
  static func isSafe(path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let last = parts.last, let name = CodexFileName(last), !name.isCompressed,
      last.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { return false }
    let folders = parts.dropLast()
    if folders == ["archived_sessions"] { return true }
    return folders.first == "sessions" && folders.count <= 4
      && folders.dropFirst().allSatisfy(isDay)
  }

  /// Whether a folder of rollouts can have a name, as those of years, months and days.
  static func isDay(_ name: some StringProtocol) -> Bool {
    (1...4).contains(name.utf8.count) && name.utf8.allSatisfy { (48...57).contains($0) }
  }
}
