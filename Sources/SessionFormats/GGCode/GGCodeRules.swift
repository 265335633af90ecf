internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A group of the format's rules: sees every line of a session file once, in order, then the end.
///
/// A group keeps no content, only numbers and hashes.
protocol GGCodeRuleGroup {
  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog)
  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog)
}

extension GGCodeRuleGroup {
  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {}
}

/// One line as rules see it.
struct GGCodeRuleLine {
  var place: Place
  var number: Int
  /// The record of a line that decodes.
  var record: GGCodeRecord?
  /// The content of a record that has some.
  var content: Entry.Content?
  /// Whether the tool uses the record when it loads the session.
  var isEffective: Bool

  /// The messages that stand in the record.
  var messages: [Message] {
    switch content {
    case .message(let message): [message]
    case .checkpoint(let checkpoint): checkpoint.messages ?? []
    default: []
    }
  }
}

/// The whole file as rules see it at the end.
struct GGCodeRuleFile {
  var id: String
  var path: String
  var head: SessionHead

  var place: Place { .file(path: path) }
}

/// The rules of the format itself; conversion keeps whatever breaks them verbatim.
enum GGCodeRules {
  /// Everything that is wrong with one session file, in one pass after the scan.
  static func findings(
    _ located: LocatedSession, _ scanned: ScannedRecords<GGCodeDecoder>, _ stream: GGCodeLineStream
  ) throws(FormatError) -> [Finding] {
    let file = GGCodeRuleFile(id: located.id, path: located.path, head: scanned.head)
    var groups: [any GGCodeRuleGroup] = [
      GGCodeIdentityRules(file), GGCodeMetaRules(), GGCodeTimeRules(), GGCodeCheckpointRules(),
      GGCodeWindowRules(), GGCodeMessageRules(), GGCodeToolRules(), GGCodeCounterRules(),
    ]
    var log = FindingLog(GGCode.id)
    var view = scanned.decoder.view
    var isEmpty = true
    while let record = try stream.next() {
      isEmpty = false
      let line = GGCodeLine(record, id: file.id)
      GGCodeLineRules.check(line, record, &log)
      var seen = GGCodeRuleLine(
        place: record.place, number: record.number, record: line.record, isEffective: false)
      if case .content(let content) = line.content {
        seen.content = content
        seen.isEffective = view.includes(content, line: record.number)
      }
      for index in groups.indices { groups[index].observe(seen, &log) }
    }
    if isEmpty, stream.carry.isEmpty {
      log.add(
        "empty-file", .info, file.place,
        "the file is empty: current releases leave such files for new sessions, releases before "
          + "v1.3.76 delete them")
      return log.findings
    }
    for index in groups.indices { groups[index].finish(file, &log) }
    return scanned.leftOut.findings + log.findings
  }
}
