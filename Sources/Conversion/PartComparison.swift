internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// Compares a session with what was written of it while more of it is written.
///
/// The entries are those that were given to the writer, so that the source is not read once more. One
/// task reads the parts back, another compares them; memory stays bounded.
final class PartComparison: Sendable {
  typealias Sources = [(entry: Entry, count: UInt16)]

  /// Entries that were written, with the number of entries that stand for each.
  struct Written: Sendable {
    var sources: Sources
    var part: WrittenPart
    /// How many entries come behind those; nil unless it is the last part.
    var trailing: Int?
  }

  /// The same with the entries that were read back.
  private struct Read: Sendable {
    var written: Written
    var entries: [Entry]
    var head: SessionHead?
  }

  private let readBack: Mutex<ReadBack?>
  private let id: String
  private let fingerprint: Fingerprint?
  private let interruption: Interruption
  private let written = Handover<Written>()
  private let read = Handover<Read>()
  private let compared = Mutex<ComparedSession?>(nil)

  /// - Parameters:
  ///   - id: The session's identifier in the source.
  ///   - fingerprint: The source's, where the conversion is to be written down.
  init(
    _ readBack: sending ReadBack, id: String, source fingerprint: Fingerprint?,
    _ interruption: Interruption
  ) {
    self.readBack = Mutex(readBack)
    self.id = id
    self.fingerprint = fingerprint
    self.interruption = interruption
  }

  /// What all parts gave; nil unless the last one was compared and all were as they should be.
  var result: ComparedSession? { compared.withLock { $0 } }

  /// Hands a part over; false when none is wanted any more.
  func give(_ part: Written) async -> Bool { await written.give(part) }

  /// Says that no part follows.
  func end() { written.end() }

  /// Ends it without a result; reading back the whole session then tells what is to be told.
  func stop() {
    written.stop()
    read.stop()
  }

  /// Reads part after part back.
  func readParts() async {
    while let next = await written.take() {
      guard !interruption.isSet, let (entries, head) = try? next.part.read(),
        await read.give(Read(written: next, entries: entries, head: head))
      else { return stop() }
    }
    read.end()
  }

  /// Compares part after part.
  func compareParts() async {
    guard var readBack = readBack.withLock({ $0.take() }) else { return }
    var carry: CarrySpool?
    while let next = await read.take() {
      let spool = carry ?? (try? CarrySpool(beside: next.written.part.path))
      guard let spool,
        (try? readBack.run(
          next.written.sources, next.entries, trailing: next.written.trailing,
          store: { (chunk) throws(FormatError) in try spool.append(chunk) })) == true
      else { return stop() }
      carry = spool
      guard next.written.trailing != nil, let head = next.head else { continue }
      readBack.end(head)
      let session = ComparedSession(readBack, id: id, source: fingerprint, carry: spool)
      compared.withLock { $0 = session }
    }
  }
}

/// Gathers what was written into parts for a comparison.
struct PartFeeder {
  /// Nil when no part can be compared, or none any more.
  private var comparison: PartComparison?
  private var sources: PartComparison.Sources = []
  private var bytes = 0
  private let partBytes: Int

  private init(_ comparison: PartComparison?, partBytes: Int) {
    self.comparison = comparison
    self.partBytes = partBytes
  }

  /// Notes an entry that was just written.
  mutating func note(
    _ entry: Entry, count: UInt16, _ writer: any SessionWriter
  ) async throws(FormatError) {
    guard comparison != nil else { return }
    sources.append((entry, count))
    bytes += entry.origin?.bytes.count ?? 0
    if bytes >= partBytes { try await endPart(writer, trailing: nil) }
  }

  /// Hands over the last part, behind ``SessionWriter/finishEntries()``.
  mutating func finish(_ writer: any SessionWriter) async throws(FormatError) {
    try await endPart(writer, trailing: writer.trailingEntryCount)
    comparison?.end()
  }

  private mutating func endPart(
    _ writer: any SessionWriter, trailing: Int?
  ) async throws(FormatError) {
    guard let comparison else { return }
    var gathered: PartComparison.Sources = []
    swap(&gathered, &sources)
    bytes = 0
    guard let part = try writer.endPart(),
      await comparison.give(
        PartComparison.Written(sources: gathered, part: part, trailing: trailing))
    else {
      comparison.stop()
      self.comparison = nil
      return
    }
  }

  /// Calls `body` with a feeder whose parts other tasks compare; without a comparison it does nothing.
  static func with<Value>(
    _ comparison: PartComparison?, partBytes: Int,
    _ body: (inout PartFeeder) async throws(FormatError) -> Value
  ) async throws(FormatError) -> Value {
    guard let comparison else {
      var feeder = PartFeeder(nil, partBytes: partBytes)
      return try await body(&feeder)
    }
    let result = await withTaskGroup(of: Void.self) { group in
      group.addTask { @concurrent in await comparison.readParts() }
      group.addTask { @concurrent in await comparison.compareParts() }
      let result: Result<Value, FormatError>
      do throws(FormatError) {
        var feeder = PartFeeder(comparison, partBytes: partBytes)
        result = .success(try await body(&feeder))
      } catch {
        result = .failure(error)
        comparison.stop()
      }
      return result
    }
    return try result.get()
  }
}
