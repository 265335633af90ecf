internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Rules that look at one line alone; readers report them too.
enum GGCodeLineRules {
  /// The longest line the tool can read, in bytes (observed with v1.3.75).
  static let toolLineLimit = 10_485_760

  private static func checkLength(_ count: Int, _ place: Place, _ log: inout FindingLog) {
    guard count >= toolLineLimit else { return }
    log.add(
      "line-length", .error, place,
      "the line has \(count) bytes: from 10485760 on releases before v1.3.211 fail to load the "
        + "session, and delete it when they list; later ones skip the line")
  }

  static func check(_ line: GGCodeLine, _ native: NativeRecord, _ log: inout FindingLog) {
    let place = native.place
    if case .tooLong(let long) = native.content { return checkLength(long.count, place, &log) }
    let isTerminated = native.bytes.last == UInt8(ascii: "\n")
    checkLength(native.bytes.count - (isTerminated ? 1 : 0), place, &log)
    switch line.content {
    case .damaged(let message, let offset):
      let isMark = native.bytes.starts(with: [0xEF, 0xBB, 0xBF])
      log.add(
        isMark ? "byte-order-mark" : "line-decodes", .error, native.place(at: offset),
        "\(message); ggcode drops such a line silently")
    case .ignored(let type) where GGCodeRecord.Kind(rawValue: type) == nil:
      log.add(
        "record-type", .info, place,
        "records of type \"\(type)\" are unknown: ggcode ignores them, and releases before "
          + "v1.3.156 drop them when they save")
    case .ignored(let type):
      log.add("payload", .info, place, "the \(type) record has no content; ggcode ignores it")
    case .blank, .content: break
    }
    if let offset = line.invalidUTF8 {
      log.add(
        "utf8", .warning, native.place(at: offset),
        "invalid UTF-8; ggcode reads each such byte as U+FFFD")
    }
    if line.record?.object.sorted.hasRepeats ?? false {
      log.add(
        "repeated-keys", .warning, place,
        "a field stands twice in the record; ggcode decodes the later value over the earlier one")
    }
    for field in line.record?.misfits ?? [] {
      log.add(
        "current-field", .warning, place,
        "the field \"\(field.name)\" has a type for which current releases drop the line; "
          + "releases that do not know the field keep it")
    }
    if !isTerminated {
      log.add(
        "final-newline", .warning, native.place(at: native.bytes.count),
        "the file does not end with a newline; releases before v1.3.211 fuse the next record with it, "
          + "and both are lost", repair: "end the line")
    }
  }
}
