import SessionCoding
import SessionModel

/// Every record can be decoded.
struct Damage: Rule {
  static let info = RuleInfo(
    id: "session.damage", severity: .error,
    summary: "every record can be decoded",
    consequence: "its tool drops the record silently; here it is kept verbatim")
  static let observed: EntryKinds = [.opaque]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .opaque(let record) = entry.content, let damage = record.damage else { return }
    report(
      Self.finding(
        "\(damage); \(counted(record.bytes.count, "byte")) kept verbatim", at: entry.place,
        isSalvaged: true))
  }
}
