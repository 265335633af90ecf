internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Identifiers: of the file, and those that records state.
struct GGCodeIdentityRules: GGCodeRuleGroup {
  /// The identifier in the file's name; nil where the file is staged or has another ending.
  private let named: String?
  private var stated: Set<ContentHash> = []

  init(_ file: GGCodeRuleFile) {
    let name = file.path.split(separator: "/").last ?? ""
    named = name.hasPrefix(".carryover") ? nil : GGCode.sessionID(fileName: file.path)
  }

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    // A field of another kind is the finding of another rule.
    guard let named, let id = (try? line.record?.text(.sessionID)) ?? nil, id != named,
      stated.insert(ContentHash(Array(id.utf8)[...])).inserted
    else { return }
    log.add(
      "session-id", .warning, line.place,
      "the record states the session \"\(id)\", the file is named \"\(named)\"; "
        + "ggcode goes by the file")
  }

  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {
    guard !GGCodeName.isSafe(file.id) else { return }
    log.add(
      "id-form", .warning, file.place,
      "the identifier \"\(file.id)\" is not 1 to 128 letters, digits, - and _ without a leading -; "
        + "releases from v1.3.208 on cannot reach the session")
  }
}
