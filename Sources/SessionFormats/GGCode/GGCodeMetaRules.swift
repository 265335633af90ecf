internal import SessionCoding
internal import SessionModel

/// The meta records: that there are some, where they stand, and what the last one says.
struct GGCodeMetaRules: GGCodeRuleGroup {
  private var hasRecord = false
  private var lastUpdated: Timestamp?
  private var last: (head: SessionHead, place: Place, hasVendor: Bool)?

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    guard let content = line.content else { return }
    defer { hasRecord = true }
    guard case .headChange(let head) = content else { return }
    if hasRecord, last == nil {
      log.add(
        "meta-first", .info, line.place,
        "the first meta does not stand first; ggcode does not mind")
    }
    // A field of another kind is the finding of another rule.
    let vendor = (try? line.record?.text(.vendor)) ?? nil
    last = (head, line.place, vendor != nil)
    guard let updated = head.updated else { return }
    if let lastUpdated, updated < lastUpdated {
      log.add(
        "updated-order", .warning, line.place,
        "this meta was updated \(updated.rfc3339), before an earlier one (\(lastUpdated.rfc3339)); "
          + "ggcode shows the later line's time")
    }
    lastUpdated = max(lastUpdated ?? updated, updated)
  }

  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {
    guard let (head, place, hasVendor) = last else {
      log.add(
        "meta", .warning, file.place,
        "no meta record: ggcode shows an empty title and the present time as its dates")
      return
    }
    var missing: [String] = []
    if head.title == nil { missing.append("title") }
    if head.workspace == nil { missing.append("workspace") }
    if !hasVendor { missing.append("vendor") }
    if head.created == nil { missing.append("created_at") }
    if head.updated == nil { missing.append("updated_at") }
    if !missing.isEmpty {
      log.add(
        "last-meta", .warning, place,
        "the last meta has no \(missing.joined(separator: ", ")); it wins, what earlier ones state "
          + "does not count")
    }
    if let created = head.created, let updated = head.updated, updated < created {
      log.add(
        "created-updated", .warning, place,
        "created \(created.rfc3339) is after updated \(updated.rfc3339)")
    }
  }
}
