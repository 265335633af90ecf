import SessionCoding
import SessionModel

/// What a copy leaves out on request because it changes what the tool may do, by kind.
struct StrippedSettings {
  private var counts: [String: Int] = [:]

  mutating func add(_ kind: String, _ count: Int = 1) { counts[kind, default: 0] += count }

  /// Says what was left out; nothing when nothing was.
  func findings(rule: String, path: String) -> [Finding] {
    guard !counts.isEmpty else { return [] }
    let kinds = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    let total = counts.values.reduce(0, +)
    return [
      Finding(
        rule: rule, severity: .warning, place: .file(path: path),
        message:
          "left out \(total) \(total == 1 ? "setting" : "settings") that resuming would bring "
          + "into force: \(kinds.joined(separator: ", "))", isSalvaged: true)
    ]
  }
}
