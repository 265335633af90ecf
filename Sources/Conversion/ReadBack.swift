internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads the staged session back beside its source and proves what the way back will give.
///
/// Each source record that is not of the target's own format becomes a carry item, with the hashes of the
/// entries that stand for it; what the target does not show becomes a loss.
struct ReadBack {
  private let sourceHead: SessionHead
  private let targetHead: SessionHead
  private let sourceFormat: String
  private let targetFormat: String
  private let isReturn: Bool
  private let carries: Bool
  private var difference: EntryDifference
  /// What is stored of the original; nil where nothing is to be.
  private(set) var chunks: CarryChunks?
  /// The record at hand, which entries that follow may be part of.
  private var item: CarryItem?
  private var scratch = JSONWriter(reserving: 16 * 1_024)
  /// What the carry of a session that comes back says of its original; nil for one of another format.
  private let original: Original?
  /// The fingerprint of the source's records that were found in the target as they are.
  private var kept = Fingerprint()
  /// Whether all that was read back so far is what the source's reader gave.
  private var isAsRead = true
  /// Whether a record states the head, and says in the target how it is now.
  private var isRestated = false
  private var isHeadKept = true

  /// What was read so far.
  private(set) var written: WrittenRecords

  /// A session as it was in the target's own format.
  struct Original {
    /// The fingerprint that it has if it is written as it was.
    var whole: Fingerprint
    /// The fingerprint of those of its records that a carry gives back, or all.
    var restored: Fingerprint
  }

  /// - Parameter original: What is known of the session as it was in the target's format; nil when it
  ///   comes to this format for the first time.
  init(
    sourceHead: SessionHead, targetHead: SessionHead, sourceFormat: any SessionFormat,
    targetFormat: any SessionFormat, isReturn: Bool, original: Original?, carries: Bool,
    tracksPrefixes: Bool
  ) {
    self.sourceHead = sourceHead
    self.targetHead = targetHead
    self.sourceFormat = sourceFormat.info.id
    self.targetFormat = targetFormat.info.id
    self.isReturn = isReturn
    self.carries = carries
    chunks = carries ? CarryChunks(storesUnplaced: !isReturn) : nil
    self.original = original
    written = WrittenRecords(tracksPrefixes: tracksPrefixes || isReturn)
    difference = EntryDifference(isCarried: carries)
  }

  /// What the target does not show; known at the end.
  var losses: [Loss] {
    let losses = difference.losses.losses
    guard carries, isWhatItWas else { return losses }
    return losses.map { loss in
      var loss = loss
      loss.isCarried = false
      return loss
    }
  }

  /// Whether what was written is the session as it was, byte for byte.
  private var isExact: Bool { original.map { $0.whole == written.fingerprint } ?? false }

  /// Whether a session that comes back is what it was, and nothing was stored for it yet.
  var isWhatItWas: Bool {
    isReturn && (isExact && chunks?.hasChunks != true || chunks?.hasOriginals != true)
  }

  /// How faithful what was read back is; known at the end.
  var fidelity: Fidelity {
    if isExact { return isReturn && !isWhatItWas ? .complete : .exact }
    guard isReturn else { return losses.contains { !$0.isCarried } ? .lossy : .complete }
    // What only the other tool had goes with it; what was said there must not.
    if losses.contains(where: { !$0.isCarried && $0.isOfConversation }) { return .lossy }
    return isContinued ? .continued : .edited
  }

  /// Whether all of the original is there, and something after it.
  private var isContinued: Bool {
    guard let original, kept == original.restored, isHeadKept || !isRestated else { return false }
    return original.whole == original.restored || written.beginsWith(original.whole)
  }

  mutating func run(
    _ source: any SessionReader, _ written: any SessionReader, counts: [UInt16], trailing: Int,
    interruption: Interruption, store: ([UInt8]) throws(FormatError) -> Void
  ) throws(FormatError) {
    var target = PeekingReader(written)
    var group: [Entry] = []
    for (index, count) in counts.enumerated() {
      if index & 63 == 0 { try interruption.check() }
      guard let entry = try source.next() else {
        throw FormatError(
          .readBackDiffers, "the source has fewer records than a moment ago",
          advice: "it changed while it was read; run again")
      }
      // One by one: there are few, and removing all at once costs a replacement of the range.
      while !group.isEmpty { group.removeLast() }
      for _ in 0..<count {
        guard let foreign = try target.next() else {
          throw differs("ends early", at: entry.place)
        }
        self.written.note(foreign.origin?.bytes ?? [])
        group.append(foreign)
      }
      // What else a record of the target's own says comes with it.
      while entry.origin?.format == targetFormat, !group.isEmpty, let part = try target.nextPart() {
        group.append(part)
      }
      if let chunk = try compare(entry, with: group) { try store(chunk) }
    }
    guard try source.next() == nil else {
      throw FormatError(
        .readBackDiffers, "the source has more records than a moment ago",
        advice: "it changed while it was read; run again")
    }
    for _ in 0..<trailing {
      guard let extra = try target.next() else { throw differs("ends early", at: nil) }
      if let chunk = try noteTrailing(extra) { try store(chunk) }
    }
    while let extra = try target.next() {
      self.written.note(extra.origin?.bytes ?? [])
      // A session without a single record still has a head in formats that cannot do without one.
      guard counts.isEmpty, extra.content.isHeadChange else {
        throw differs("has records that were not written", at: extra.place)
      }
    }
    if let chunk = try addItem(nil) { try store(chunk) }
    // What is the same without a carry needs none.
    if !isWhatItWas, let chunk = try chunks?.finish() { try store(chunk) }
    compareHeads()
  }

  /// Notes an entry that stands for nothing in the source, so that nothing comes back for it.
  private mutating func noteTrailing(_ extra: Entry) throws(FormatError) -> [UInt8]? {
    written.note(extra.origin?.bytes ?? [])
    isAsRead = false
    return try addItem(CarryItem(foreign: [hash(of: extra)], original: []))
  }

  private mutating func hash(of entry: Entry) -> ContentHash {
    CarryReturnReader.hash(of: entry, scratch: &scratch)
  }

  /// Adds the record at hand to the carry and takes the next one.
  private mutating func addItem(_ next: CarryItem?) throws(FormatError) -> [UInt8]? {
    let last = item
    item = next
    guard let last else { return nil }
    return try chunks?.add(last)
  }

  private func differs(_ what: String, at place: Place?) -> FormatError {
    FormatError(
      .readBackDiffers, "what was written \(what) when it is read back", at: place,
      advice: "nothing was published; please report this as a defect")
  }

  /// Compares one source entry with the entries that stand for it.
  ///
  /// - Returns: A chunk of the carry that is complete.
  private mutating func compare(
    _ entry: Entry, with group: [Entry]
  ) throws(FormatError) -> [UInt8]? {
    if entry.saysNothing {
      return try addItem(CarryItem(foreign: [], original: entry.origin?.bytes))
    }
    guard let origin = entry.origin, origin.format != targetFormat else {
      if let origin = entry.origin {
        compareNative(entry, origin, with: group)
      } else {
        isAsRead = false
        if !(isReturn && entry.content.isHeadChange) {
          difference.compareView(entry, with: group)
          difference.compare(entry, with: group)
        }
      }
      guard !group.isEmpty else { return nil }
      return try addItem(CarryItem(foreign: group.map { hash(of: $0) }, original: nil))
    }
    isAsRead = false
    difference.compareView(entry, with: group)
    difference.compare(entry, with: group)
    let hashes = group.map { hash(of: $0) }
    if origin.bytes.isEmpty, item?.original != nil {
      // Another part of what the record before says.
      item?.foreign += hashes
      return nil
    }
    return try addItem(CarryItem(foreign: hashes, original: origin.bytes))
  }

  /// A record of the target's own format must have come out as it went in.
  private mutating func compareNative(
    _ entry: Entry, _ origin: Origin, with group: [Entry]
  ) {
    let isSame = Self.isSame(origin.bytes, group)
    if !isSame { isAsRead = false }
    if isSame || restates(entry, group) {
      kept.update(origin.bytes)
      if !isSame { isRestated = true }
      return
    }
    difference.add(
      "record.bytes", at: entry.place, "the record had to change, as when an identifier was taken")
    if group.isEmpty { difference.compare(entry, with: group) }
  }

  private static func isSame(_ record: ArraySlice<UInt8>, _ group: [Entry]) -> Bool {
    if group.count == 1, let written = group[0].origin,
      written.bytes.span.isEqual(to: record.span)
    {
      return true
    }
    var written: [UInt8] = []
    for entry in group { written += entry.origin?.bytes ?? [] }
    // A last line without an end gets one when something follows it.
    if written.count == record.count + 1, written.last == UInt8(ascii: "\n") {
      written.removeLast()
    }
    return written.elementsEqual(record)
  }

  /// Whether a record that states the head, such as a database's row of a session, states it anew.
  ///
  /// It does where the session was gone on with: what it says is compared as the head.
  private func restates(_ entry: Entry, _ group: [Entry]) -> Bool {
    guard isReturn, group.count == 1, group[0].content.isHeadChange else { return false }
    // Nothing may have stood for it in the other tool.
    if case .opaque = entry.content { return true }
    return entry.content.isHeadChange
  }

  private mutating func compareHeads() {
    guard !isExact, original == nil || !isAsRead else { return }
    var lost = HeadFields.lost(from: sourceHead, in: targetHead)
    // What follows every change is each tool's own.
    if isReturn { lost.removeAll(where: HeadFields.isFollowing) }
    // Tokens that were used there may be counted otherwise here.
    isHeadKept = lost.allSatisfy { $0 == "usage" }
    for name in lost {
      difference.add("head.\(name)", at: nil, "the target does not state this as the source does")
    }
  }

  /// What is written down about this conversion.
  ///
  /// Nil within a format, and where all records are the target's own.
  ///
  /// - Parameters:
  ///   - chain: The formats of the carries that the originals get back.
  ///   - own: Those of the carry that the session has of its own.
  func header(
    id: String, source fingerprint: Fingerprint?, chain: [String], own: [String]
  ) -> CarryHeader? {
    let hasOriginals = chunks?.hasOriginals ?? false
    guard let fingerprint, sourceFormat != targetFormat, !isReturn || hasOriginals else {
      return nil
    }
    return CarryHeader(
      format: sourceFormat, id: id, source: fingerprint, target: written.fingerprint,
      sourceHead: carries ? CanonicalJSON.json(of: sourceHead) : RawJSON("{}"),
      targetHead: CanonicalJSON.json(of: targetHead), items: chunks?.fingerprint,
      restores: chunks?.restores ?? Fingerprint(), chain: chain, own: own)
  }

  /// Has the carry of another conversion passed on with this one.
  mutating func passOn(
    _ cursor: CarryCursor, ofOriginals isOriginals: Bool,
    store: ([UInt8]) throws(FormatError) -> Void
  ) throws(FormatError) {
    try chunks?.passOn(cursor, ofOriginals: isOriginals, store: store)
  }
}
