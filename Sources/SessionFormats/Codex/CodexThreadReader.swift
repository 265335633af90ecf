internal import SessionCoding
internal import SessionModel

/// Reads a thread that begins in another file, as paginated forks and reverts leave it.
///
/// The beginning comes after the thread's own first record. Its entries have origins without bytes: they
/// are part of the conversation, not of the file.
final class CodexThreadReader: SessionReader {
  private let own: any SessionReader
  private var beginning: (any SessionReader)?
  /// How many bytes of the other file belong to the thread.
  private let end: UInt64
  private var hasBegun = false
  let findings: [Finding]

  var head: SessionHead { own.head }

  /// - Parameter beginning: Reads the other file; nil when it is not here, which `missing` says.
  init(
    _ own: any SessionReader, after beginning: (any SessionReader)?, end: UInt64,
    missing: [Finding]
  ) {
    self.own = own
    self.beginning = beginning
    self.end = end
    let ofLines = (beginning?.findings ?? []).filter { finding in
      if case .line(_, _, let byte)? = finding.place { byte < end } else { false }
    }
    findings = missing + own.findings + ofLines
  }

  func next() throws(FormatError) -> Entry? {
    while hasBegun, var entry = try beginning?.next() {
      if case .line(_, _, let byte)? = entry.place, byte >= end,
        entry.origin?.bytes.isEmpty == false
      {
        break
      }
      switch entry.content {
      case .message, .checkpoint:
        entry.origin = Origin(format: Codex.id, bytes: [])
        return entry
      default: continue
      }
    }
    if hasBegun { beginning = nil }
    hasBegun = true
    return try own.next()
  }

  func carry() throws(FormatError) -> CarryCursor? { try own.carry() }
}
