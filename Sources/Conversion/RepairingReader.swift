internal import SessionCoding
internal import SessionModel
internal import SessionValidation

/// Applies the safe repairs of a plan while reading.
final class RepairingReader: LeavingReader {
  let head: SessionHead
  private let reader: any SessionReader
  private var repair: SessionRepair
  private var ended: Finding?

  /// Reads the session once to plan its repairs, then opens it again.
  init(_ open: () throws(FormatError) -> any SessionReader) throws(FormatError) {
    let first = try open()
    var validator = SessionValidator(head: first.head)
    while let entry = try first.next() { validator.observe(entry) }
    _ = validator.finish()
    reader = try open()
    repair = SessionRepair(validator.repairs)
    head = repair.repaired(reader.head)
  }

  var findings: [Finding] { reader.findings + repair.findings + (ended.map { [$0] } ?? []) }

  func next() throws(FormatError) -> Entry? {
    guard let entry = try reader.next() else { return nil }
    return repair.repaired(endingLine(of: entry))
  }

  /// The entry with a line end where its reader says that the last line has none.
  private func endingLine(of entry: Entry) -> Entry {
    guard var origin = entry.origin, origin.bytes.last != UInt8(ascii: "\n"),
      let finding = reader.findings.last(where: { $0.rule.hasSuffix(".final-newline") }),
      case .line(let path, let line, _)? = finding.place,
      case .line(path, line, _)? = entry.place
    else { return entry }
    ended = Finding(
      rule: finding.rule, severity: .info, place: finding.place,
      message: "repaired: the last line has its line end")
    origin.bytes.append(UInt8(ascii: "\n"))
    var entry = entry
    entry.origin = origin
    return entry
  }

  func takeLeftBehind() -> [ArraySlice<UInt8>] {
    (reader as? any LeavingReader)?.takeLeftBehind() ?? []
  }

  func carry() throws(FormatError) -> CarryCursor? { try reader.carry() }
}
