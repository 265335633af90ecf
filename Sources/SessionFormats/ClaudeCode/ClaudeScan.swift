internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A session file after its first pass.
struct ClaudeScan: Sendable {
  let records: ScannedRecords<ClaudeDecoder>
  let head: SessionHead
  let carry: ClaudeCarry.Found

  init(_ file: ClaudeFile, options: ReadOptions) throws(FormatError) {
    let stream = try ClaudeLineStream(file, options)
    var decoder = ClaudeDecoder(file.located)
    var fingerprint = Fingerprint()
    while let record = try stream.next() {
      fingerprint.update(record.bytes)
      switch record.content {
      case .blank: break
      case .damaged(let message, let offset):
        let isRest = message == ClaudeLineStream.moreFollows
        decoder.log.add(
          "line-decodes", .error, record.place.advanced(by: offset),
          "\(message); Claude Code \(isRest ? "ignores it" : "skips such a line")")
      case .object(let object): decoder.scan(object, record)
      }
    }
    decoder.finishScan()
    head = file.completing(decoder.head, startedBy: decoder.facts.firstSession)
    carry = ClaudeCarry.find(stream, file, fingerprint)
    if carry.isLost {
      decoder.log.add(
        "carry-lost", .warning, .file(path: file.path),
        "the file beside the session that holds its original is missing or another; "
          + "the session is converted as it is")
    }
    records = ScannedRecords(
      decoder: decoder, leftOut: stream.leftOut, fingerprint: fingerprint)
  }
}
