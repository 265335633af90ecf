internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// Copies a large session batch by batch: each is read, written, and where the target allows it read
/// back and compared.
///
/// A few tasks take turns, each with a batch of its own for all these steps, so that the memory of a
/// batch stays near the processor that filled it and goes back to where it came from. In each step the
/// batches come in their order.
final class BatchedCopy: Sendable {
  /// One more than can be at work where there are two processors, as steps take different times.
  private static let workers = 3
  private static let mostEntries = 256

  private struct Batch {
    var entries: [Entry] = []
    /// What the reader said behind these; nil when more follow.
    var end: EntriesEnd?
  }

  /// What was written of a batch and is to be compared.
  private struct Written {
    var counts: [UInt16]
    var part: WrittenPart
    /// How many entries come behind those; nil unless it is the last batch.
    var trailing: Int?
  }

  private struct Reading {
    var reader: any SessionReader
    var isAtEnd = false
    /// What failed behind the entries that were handed out.
    var failure: FormatError?
  }

  private struct Restoring {
    var reader: CarryReturnReader
    var isAtEnd = false
    /// What failed behind the entries that were handed out.
    var failure: FormatError?
  }

  private struct Comparing {
    var readBack: ReadBack
    var carry: CarrySpool?
    var head: SessionHead?

    /// Compares a batch with what was read back of it; false when these do not fit together.
    mutating func compare(
      _ batch: Batch, _ written: Written, _ back: (entries: [Entry], head: SessionHead?)
    ) throws(FormatError) -> Bool {
      if carry == nil { carry = try CarrySpool(beside: written.part.path) }
      let spool = carry
      head = back.head
      return try readBack.run(
        batch.entries, counts: written.counts, back.entries, trailing: written.trailing
      ) { (chunk) throws(FormatError) in try spool?.append(chunk) }
    }

    /// What comparing all batches gave; nil when the last one was not as foreseen.
    mutating func finish(id: String, source fingerprint: Fingerprint?) -> ComparedSession? {
      guard let head else { return nil }
      readBack.end(head)
      return ComparedSession(readBack, id: id, source: fingerprint, carry: carry)
    }
  }

  private let reading: Mutex<Reading>
  /// Nil where what is read is not to be restored, or is restored while it is read.
  private let restoring: Mutex<Restoring?>
  private let writing: Mutex<SessionCopy>
  private let comparing: Mutex<Comparing?>
  /// Whether batches are compared, and all of them were as they should be so far.
  private let isComparing: Atomic<Bool>
  private let turns = (
    reading: Turns(), restoring: Turns(), writing: Turns(), readingBack: Turns(),
    comparing: Turns()
  )
  /// Whether restoring has used up what was read.
  private let isStarved = Atomic<Bool>(true)
  private let isRestored: Bool
  /// The first batch in which something failed.
  private let failure = Mutex<(batch: Int, error: FormatError)?>(nil)

  private let id: String
  private let fingerprint: Fingerprint?
  private let opening: SessionHead?
  private let batchBytes: Int

  /// - Parameters:
  ///   - readBack: What compares the session with what was written of it, where that is possible.
  ///   - id: The session's identifier in the source.
  ///   - fingerprint: The source's, where the conversion is to be written down.
  ///   - opening: What a session without a single record begins with, where it needs something.
  ///   - batchBytes: How many bytes of the source make a batch.
  init(
    _ reader: sending any SessionReader, _ copy: sending SessionCopy,
    comparing readBack: sending ReadBack?, id: String, source fingerprint: Fingerprint?,
    openingWith opening: SessionHead?, batchBytes: Int
  ) {
    if let returning = reader as? CarryReturnReader,
      // Without a reader of its own the session is read by one task, which meets the failure.
      let foreign = try? returning.foreign.independent()
    {
      reading = Mutex(Reading(reader: foreign))
      restoring = Mutex(Restoring(reader: returning))
      isRestored = true
    } else {
      reading = Mutex(Reading(reader: reader))
      restoring = Mutex(nil)
      isRestored = false
    }
    writing = Mutex(copy)
    isComparing = Atomic(readBack != nil)
    // What is compared is there twice.
    self.batchBytes = readBack == nil ? 2 * batchBytes : batchBytes
    comparing = Mutex(readBack.map { Comparing(readBack: $0) })
    self.id = id
    self.fingerprint = fingerprint
    self.opening = opening
  }

  /// Copies the session; called once.
  func run() async -> sending SessionCopy.Result {
    await withTaskGroup(of: Void.self) { group in
      for worker in 0..<Self.workers {
        group.addTask { @concurrent in
          var number = worker
          while await self.handle(number) { number += Self.workers }
        }
      }
    }
    let isCompared = isComparing.load(ordering: .acquiring)
    let compared = comparing.withLock { comparing in
      isCompared ? comparing?.finish(id: id, source: fingerprint) : nil
    }
    // Handed back: nobody looks at it here any more.
    let copy = writing.withLock { copy in
      nonisolated(unsafe) let copy = copy
      return unsafe copy
    }
    return SessionCopy.Result(
      copy: copy, compared: compared, failure: failure.withLock { $0?.error })
  }

  /// Takes a batch through all steps; false when this task is done.
  private func handle(_ number: Int) async -> Bool {
    var read = await step(turns.reading, number) { () throws(FormatError) in try self.read() }
    if isRestored, let foreign = read {
      read = await step(turns.restoring, number) { () throws(FormatError) in
        try self.restore(foreign)
      }
    }
    guard let batch = read else { return false }
    let written = await step(turns.writing, number) { () throws(FormatError) -> Written?? in
      .some(try self.write(batch))
    }
    guard let written else { return false }
    guard let written else { return batch.end == nil }
    // Then nothing counts as compared, and the whole session is read back.
    let back = await step(turns.readingBack, number) { .some(try? written.part.read()) }
    guard let back else { return false }
    let isDone = await step(turns.comparing, number) {
      self.compare(batch, written, back)
      return true
    }
    return isDone != nil && batch.end == nil
  }

  /// Waits for a batch's turn and does what it is for; nil when that fails, or when an earlier batch
  /// failed.
  private func step<Output>(
    _ turns: Turns, _ number: Int, _ body: () throws(FormatError) -> Output?
  ) async -> Output? {
    await turns.begin(number)
    var output: Output?
    if failure.withLock({ $0.map { number < $0.batch } ?? true }) {
      do throws(FormatError) {
        output = try body()
      } catch {
        failure.withLock { if $0.map({ number < $0.batch }) ?? true { $0 = (number, error) } }
      }
    }
    await turns.end()
    return output
  }

  /// The next entries; nil behind the last.
  ///
  /// A failure comes behind the entries before it.
  private func read() throws(FormatError) -> Batch? {
    try reading.withLock { (reading) throws(FormatError) in
      var batch = Batch()
      // What is restored may be more than what was read.
      if isRestored, !isStarved.load(ordering: .acquiring) { return batch }
      if reading.isAtEnd {
        guard isRestored else { return nil }
        batch.end = EntriesEnd(of: reading.reader)
        return batch
      }
      if let failure = reading.failure { throw failure }
      var bytes = 0
      do throws(FormatError) {
        while batch.entries.count < Self.mostEntries, bytes <= batchBytes {
          guard let entry = try reading.reader.next() else {
            reading.isAtEnd = true
            batch.end = EntriesEnd(of: reading.reader)
            break
          }
          bytes += entry.origin?.bytes.count ?? 0
          batch.entries.append(entry)
        }
      } catch {
        if batch.entries.isEmpty { throw error }
        reading.failure = error
      }
      return batch
    }
  }

  /// The entries that the next ones here stand for; nil behind the last.
  private func restore(_ foreign: Batch) throws(FormatError) -> Batch? {
    try restoring.withLock { (restoring) throws(FormatError) in
      guard let reader = restoring?.reader, restoring?.isAtEnd == false else { return nil }
      if let failure = restoring?.failure { throw failure }
      reader.give(foreign.entries, findings: foreign.end?.findings)
      var batch = Batch()
      var bytes = 0
      var isStarved = false
      do throws(FormatError) {
        while !isStarved, batch.entries.count < Self.mostEntries, bytes <= batchBytes {
          switch try reader.poll() {
          case .entry(let entry):
            bytes += entry.origin?.bytes.count ?? 0
            batch.entries.append(entry)
          case .starved: isStarved = true
          case .end:
            restoring?.isAtEnd = true
            batch.end = EntriesEnd(of: reader)
            return batch
          }
        }
      } catch {
        if batch.entries.isEmpty { throw error }
        restoring?.failure = error
      }
      self.isStarved.store(isStarved, ordering: .releasing)
      return batch
    }
  }

  /// Writes a batch; gives what is to be compared, if anything.
  private func write(_ batch: Batch) throws(FormatError) -> Written? {
    try writing.withLock { (copy) throws(FormatError) in
      var counts: [UInt16] = []
      counts.reserveCapacity(batch.entries.count)
      for entry in batch.entries { counts.append(try copy.add(entry)) }
      if let end = batch.end { try copy.finish(end, openingWith: opening) }
      guard isComparing.load(ordering: .acquiring) else { return nil }
      guard let part = try copy.writer.endPart() else {
        isComparing.store(false, ordering: .releasing)
        return nil
      }
      return Written(
        counts: counts, part: part, trailing: batch.end.map { _ in copy.writer.trailingEntryCount })
    }
  }

  /// Compares a batch; without success reading back the whole session tells what is to be told.
  private func compare(
    _ batch: Batch, _ written: Written, _ back: (entries: [Entry], head: SessionHead?)?
  ) {
    let isSame = comparing.withLock { comparing in
      // As above: a failure leads to the comparison of the whole session.
      back.flatMap { try? comparing?.compare(batch, written, $0) } ?? false
    }
    if !isSame { isComparing.store(false, ordering: .releasing) }
  }
}
