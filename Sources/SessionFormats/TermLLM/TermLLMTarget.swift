import FileIO
import GRDB
import JSONText
import SessionCoding
import SessionModel
import Synchronization

/// A database being written to: a new one built aside, or a live one changed session by session.
final class TermLLMTarget: SessionTarget {
  let profile: String
  /// Numbers and identifiers are given in the order of writing.
  let allowsParallelWriters = false
  var publishesEachSession: Bool { store.isLive }
  /// In a live database each session is one transaction; a new one is only visible as a whole.
  let store: TermLLMStore

  /// Opens a database, or starts a new one beside its place.
  ///
  /// - Throws: `.unsupportedVersion` if a live database is neither of the versions that are written,
  ///   or not the one that was asked for.
  init(path: String, options: WriteOptions) throws(FormatError) {
    let size: UInt64
    do throws(FileError) {
      try SQLiteFile.checkKinds(of: path)
      size = try FileStatus(path: path)?.size ?? 0
    } catch {
      throw FormatError(writing: error)
    }
    store =
      size == 0
      ? try TermLLMStore(building: path, profile: options.profile ?? "46", options: options)
      : try TermLLMStore(live: path, options: options)
    profile = String(store.schema.version)
  }

  func identifier(for head: SessionHead) -> String {
    // Any text is a legal identifier.
    head.id.isEmpty ? "imported" : head.id
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    guard try store.holds(session: id) else { return nil }
    return ExistingSession(
      carry: try store.carryHeader(of: id), files: SQLiteFile.files(of: store.path), file: nil
    ) {
      [store] () throws(FormatError) in
      try store.fingerprint(ofExisting: id)
    } reader: { [store] () throws(FormatError) in
      try TermLLMReader(try store.connection(), id: id)
    }
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    try TermLLMWriter(store, head: head, id: id, isNew: existing == nil)
  }

  func publish() throws(FormatError) { try store.publish() }

  func discard() { store.discard() }
}

extension TermLLMReader {
  /// The fingerprint over the session's rows; the reader is used up.
  func fingerprint() throws(FormatError) -> Fingerprint {
    var fingerprint = Fingerprint()
    while let entry = try next() {
      if let origin = entry.origin { fingerprint.update(origin.bytes) }
    }
    return fingerprint
  }
}
