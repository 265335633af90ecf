internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Identifiers: of the file, and those that records state.
struct GGCodeIdentityRules: GGCodeRuleGroup {
  private var stated: Set<ContentHash> = []
  private var isKnown = false

  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    // A field of another kind is the finding of another rule.
    guard let stated = (try? line.decoded.record?.string(.sessionID)) ?? nil, !stated.isEmpty else {
      return
    }
    let name = line.path.split(separator: "/").last.map(String.init) ?? ""
    guard !name.hasPrefix(".carryover"), let id = GGCode.sessionID(fileName: line.path),
      stated.string != id, self.stated.insert(ContentHash(Array(stated.string.utf8)[...])).inserted
    else { return }
    report(
      line.finding(
        "session-id", .warning,
        "the record states the session \"\(stated.string)\", the file is named \"\(id)\"; "
          + "ggcode goes by the file"))
  }

  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void) {
    guard !GGCodeName.isSafe(file.id) else { return }
    report(
      file.finding(
        "id-form", .warning,
        "the identifier \"\(file.id)\" is not 1 to 128 letters, digits, - and _ without a leading "
          + "-; releases from v1.3.208 on cannot reach the session"))
  }
}
