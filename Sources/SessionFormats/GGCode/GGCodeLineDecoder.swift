internal import JSONText
internal import SessionModel

/// Decodes the lines of one session file.
///
/// Records of one type mostly begin with the same bytes, up to what they are there for: type, session,
/// zero tokens and zero times. What such a beginning says is checked once.
struct GGCodeLineDecoder {
  private struct Known {
    let kind: GGCodeRecord.Kind
    let envelope: GoEnvelope
  }

  private let id: String
  private let limits: JSONLimits
  /// One for each type at most.
  private var known: [Known] = []
  /// How many more beginnings are worth a try; files in which all differ have nothing from it.
  private var attempts = 64

  init(id: String, maximumDepth: Int) {
    self.id = id
    var limits = JSONLimits.go
    limits.maximumDepth = maximumDepth
    self.limits = limits
  }

  /// Decodes a line, with or without its line feed.
  mutating func decode(_ bytes: [UInt8]) -> GGCodeDecodedLine { decode(bytes, in: bytes.indices) }

  /// Decodes a line that is a part of some bytes.
  mutating func decode(_ bytes: [UInt8], in range: Range<Int>) -> GGCodeDecodedLine {
    if GGCodeCarry.isOurs(bytes.span.extracting(range)) { return GGCodeDecodedLine(.carryover) }
    do throws(JSONError) {
      for index in known.indices {
        if let document = try known[index].envelope.document(bytes, in: range, limits: limits) {
          return decoded(document, 0, range.count, known[index])
        }
      }
      return decoded(try JSONDocument(bytes, in: range, limits: limits), 0, range.count, nil)
    } catch {
      return decodeTrimmed(Array(bytes[range]), error)
    }
  }

  /// Decodes a line that is no JSON: white space that is none of JSON's may be around it.
  private mutating func decodeTrimmed(_ bytes: [UInt8], _ error: JSONError) -> GGCodeDecodedLine {
    guard let trimmed = UnicodeWhiteSpace.trimmed(bytes) else { return GGCodeDecodedLine(.blank) }
    guard trimmed.count < bytes.count else {
      return GGCodeDecodedLine(GGCodeLine.damage(bytes, error, 0))
    }
    let shift = trimmed.startIndex
    do {
      let document = try JSONDocument(Array(trimmed), limits: limits)
      return decoded(document, shift, bytes.count, nil)
    } catch {
      return GGCodeDecodedLine(GGCodeLine.damage(Array(trimmed), error, shift))
    }
  }

  private mutating func decoded(
    _ document: JSONDocument, _ shift: Int, _ count: Int, _ known: Known?
  ) -> GGCodeDecodedLine {
    do throws(GGCodeRecord.Damage) {
      var decoded = try decode(document, known)
      decoded.invalidUTF8 = document.firstInvalidUTF8.map { $0 + shift }
      return decoded
    } catch {
      return GGCodeDecodedLine(
        .damaged(message: error.message, offset: min(error.offset + shift, count)))
    }
  }

  private mutating func decode(
    _ document: JSONDocument, _ known: Known?
  ) throws(GGCodeRecord.Damage) -> GGCodeDecodedLine {
    if document.root.isNull { return GGCodeDecodedLine(.ignored(type: "")) }
    let record = try GGCodeRecord(document, envelope: known?.envelope)
    var kind = known?.kind
    if kind == nil { kind = try record.kind() }
    guard let kind else {
      try record.checkUnused(by: nil, checked: GoFieldSet())
      return GGCodeDecodedLine(.ignored(type: try record.string(.type)?.string ?? ""), record)
    }
    // The type itself may be stated once more behind the beginning.
    if known != nil, record.object.hasRepeats { return try decode(document, nil) }
    try record.checkUnused(by: kind, checked: known?.envelope.fields ?? GoFieldSet())
    let content = try GGCodeEntry.content(of: record, kind: kind, id: id)
    if known == nil { note(record, kind) }
    return GGCodeDecodedLine(
      content.map { .content(kind, $0) } ?? .ignored(type: kind.rawValue), record)
  }

  /// Keeps how a record begins.
  private mutating func note(_ record: GGCodeRecord, _ kind: GGCodeRecord.Kind) {
    guard attempts > 0, record.misfits.isEmpty, let payload = kind.payload,
      let envelope = GoEnvelope(of: record.object, before: payload.rawValue)
    else { return }
    attempts -= 1
    let new = Known(kind: kind, envelope: envelope)
    if let index = known.firstIndex(where: { $0.kind == kind }) {
      known[index] = new
    } else {
      known.append(new)
    }
  }
}
