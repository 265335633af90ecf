import SessionCoding
import SessionModel

/// A format that tells when a writer is asked for: the target was looked at, nothing is published.
struct ObservedFormat: WritableSessionFormat {
  let base: any WritableSessionFormat
  let willWrite: @Sendable () -> Void

  var info: FormatInfo { base.info }
  func recognizes(_ path: String) -> Bool { base.recognizes(path) }
  func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try base.open(path, options: options)
  }
  func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap) -> (bytes: [UInt8], count: Int)? {
    base.mappingPaths(of: record, map)
  }
  func target(at path: String, options: WriteOptions) throws(FormatError) -> any SessionTarget {
    ObservedTarget(base: try base.target(at: path, options: options), willWrite: willWrite)
  }
}

private final class ObservedTarget: SessionTarget {
  let base: any SessionTarget
  let willWrite: @Sendable () -> Void

  init(base: any SessionTarget, willWrite: @escaping @Sendable () -> Void) {
    self.base = base
    self.willWrite = willWrite
  }

  var profile: String { base.profile }
  var allowsParallelWriters: Bool { base.allowsParallelWriters }
  var publishesEachSession: Bool { base.publishesEachSession }
  func identifier(for head: SessionHead) -> String { base.identifier(for: head) }
  func resumeCommand(for id: String) -> ResumeCommand? { base.resumeCommand(for: id) }
  func existing(_ id: String) throws(FormatError) -> ExistingSession? { try base.existing(id) }
  func existing(
    _ id: String, for head: SessionHead
  ) throws(FormatError) -> ExistingSession? {
    try base.existing(id, for: head)
  }
  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    willWrite()
    return try base.writer(for: head, id: id, replacing: existing)
  }
  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    try base.carryStoreRecords(records, of: format)
  }
  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {
    try base.restoreStoreRecords(records)
  }
  func publish() throws(FormatError) { try base.publish() }
  func discard() { base.discard() }
}
