internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A group of the format's rules: sees every line of a session file once, in order, then the end.
///
/// A group keeps no content, only numbers and hashes.
protocol GGCodeRuleGroup {
  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void)
  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void)
}

/// One line as rules see it.
struct GGCodeRuleLine {
  var path: String
  var number: Int
  var offset: UInt64
  var decoded: GGCodeDecodedLine
  /// Whether the tool uses the record when it loads the session.
  var isEffective: Bool

  /// The content of a record that decodes.
  var content: Entry.Content? {
    if case .content(_, let content) = decoded.line { content } else { nil }
  }

  /// The place of the record.
  var place: Place { .line(path: path, line: number, byte: offset) }

  func finding(
    _ rule: String, _ severity: Severity, _ message: String, repair: String? = nil
  ) -> Finding {
    Finding(
      rule: "ggcode.\(rule)", severity: severity, place: place, message: message, repair: repair,
      isSalvaged: true)
  }
}

/// The whole file as rules see it at the end.
struct GGCodeRuleFile {
  var path: String
  var id: String
  var scan: GGCodeScan
  var lineCount: Int
  var byteCount: UInt64

  func finding(_ rule: String, _ severity: Severity, _ message: String, at place: Place? = nil)
    -> Finding
  {
    Finding(
      rule: "ggcode.\(rule)", severity: severity, place: place ?? .file(path: path),
      message: message, isSalvaged: true)
  }
}

/// The rules of the format itself; conversion keeps whatever breaks them verbatim.
enum GGCodeRules {
  private static var groups: [any GGCodeRuleGroup] {
    [
      GGCodeIdentityRules(), GGCodeMetaRules(), GGCodeTimeRules(), GGCodeCheckpointRules(),
      GGCodeMessageRules(), GGCodeToolRules(), GGCodeCounterRules(),
    ]
  }

  /// Everything that is wrong with one session file, in one pass after the scan.
  static func findings(path: String, id: String, options: ReadOptions) throws(FormatError)
    -> [Finding]
  {
    let scan = try GGCodeScan(path: path, id: id, options: options)
    let view = try GGCodeEffectiveView(scan: scan, path: path, options: options)
    var log = GGCodeFindingLog()
    var groups = groups
    var file = GGCodeRuleFile(path: path, id: id, scan: scan, lineCount: 0, byteCount: 0)
    do throws(FileError) {
      var lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
      var decoder = GGCodeLineDecoder(id: id, maximumDepth: options.maximumDepth)
      func note(_ line: LongLine) {
        file.lineCount += 1
        file.byteCount = line.end
        GGCodeLineRules.check(line, path: path) { log.add($0) }
      }
      while let line = try lines.nextShared(keepingLineFeed: true, passingOver: note) {
        file.lineCount += 1
        file.byteCount = line.offset + UInt64(line.bytes.count)
        let decoded = decoder.decode(line.storage, in: line.range)
        if case .carryover = decoded.line { continue }
        GGCodeLineRules.check(line, decoded, path: path) { log.add($0) }
        var seen = GGCodeRuleLine(
          path: path, number: line.number, offset: line.offset, decoded: decoded,
          isEffective: false)
        if let content = seen.content {
          seen.isEffective = view.includes(content, line: line.number)
        }
        for index in groups.indices { groups[index].observe(seen) { log.add($0) } }
      }
    } catch {
      throw FormatError(reading: error)
    }
    guard file.byteCount > 0 else {
      log.add(
        file.finding(
          "empty-file", .info,
          "the file is empty: current releases leave such files for new sessions, releases before "
            + "v1.3.76 delete them"))
      return log.findings
    }
    for index in groups.indices { groups[index].finish(file) { log.add($0) } }
    return scan.leftOut.findings + log.findings
  }
}
