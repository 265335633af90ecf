internal import SessionCoding
internal import SessionModel

/// Hands out entries that were kept.
final class RetainedReader: SessionReader {
  let head: SessionHead
  let findings: [Finding]
  /// What was handed out is nil.
  private var entries: [Entry?]
  private var position = 0

  init(head: SessionHead, entries: [Entry?]) {
    self.head = head
    self.entries = entries
    findings = []
  }

  func next() throws(FormatError) -> Entry? {
    guard position < entries.count else { return nil }
    defer { position += 1 }
    return entries[position].take()
  }

  func carry() throws(FormatError) -> CarryCursor? { nil }
}
