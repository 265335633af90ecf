internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Rules that look at one line alone; the reader reports them too.
enum GGCodeLineRules {
  /// Checks a line that is left out.
  static func check(_ line: LongLine, path: String, _ report: (Finding) -> Void) {
    if GGCodeCarry.isOurs(line.beginning.span) { return }
    checkLength(
      line.count, at: .line(path: path, line: line.number, byte: line.offset), report)
  }

  private static func checkLength(
    _ length: Int, at place: Place, _ report: (Finding) -> Void
  ) {
    guard length >= GGCodeReader.toolLineLimit else { return }
    report(
      Finding(
        rule: "ggcode.line-length", severity: .error, place: place,
        message: "the line has \(length) bytes: from 10485760 on releases before v1.3.211 fail to "
          + "load the session, and delete it when they list; later ones skip the line",
        isSalvaged: true))
  }

  static func check(
    _ line: SharedLine, _ decoded: GGCodeDecodedLine, path: String, _ report: (Finding) -> Void
  ) {
    func add(
      _ rule: String, _ severity: Severity, at offset: Int = 0, _ message: String,
      repair: String? = nil
    ) {
      report(
        Finding(
          rule: "ggcode.\(rule)", severity: severity,
          place: .line(path: path, line: line.number, byte: line.offset + UInt64(offset)),
          message: message, repair: repair, isSalvaged: true))
    }
    if case .carryover = decoded.line { return }
    checkLength(
      line.range.count - (line.isTerminated ? 1 : 0),
      at: .line(path: path, line: line.number, byte: line.offset), report)
    switch decoded.line {
    case .damaged(let message, let offset):
      let isMark = line.bytes.starts(with: [0xEF, 0xBB, 0xBF])
      add(
        isMark ? "byte-order-mark" : "line-decodes", .error, at: offset,
        "\(message); ggcode drops such a line silently")
    case .ignored(let type) where GGCodeRecord.Kind(rawValue: type) == nil:
      add(
        "record-type", .info,
        "records of type \"\(type)\" are unknown: ggcode ignores them, and releases before "
          + "v1.3.156 drop them when they save")
    case .ignored(let type):
      add("payload", .info, "the \(type) record has no content; ggcode ignores it")
    default: break
    }
    if let offset = decoded.invalidUTF8 {
      add("utf8", .warning, at: offset, "invalid UTF-8; ggcode reads each such byte as U+FFFD")
    }
    if decoded.hasRepeats {
      add(
        "repeated-keys", .warning,
        "a field stands twice in the record; ggcode decodes the later value over the earlier one")
    }
    for field in decoded.record?.misfits ?? [] {
      add(
        "current-field", .warning,
        "the field \"\(GGCodeRecord.name(field))\" has a type for which current releases drop the "
          + "line; releases that do not know the field keep it")
    }
    if !line.isTerminated {
      add(
        "final-newline", .warning, at: line.bytes.count,
        "the last line has no line end; releases before v1.3.211 fuse the next record with it, "
          + "and both are lost", repair: "end the line")
    }
  }
}
