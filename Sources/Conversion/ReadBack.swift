internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads the staged session back beside its source and proves what the way back will give.
///
/// For every source record the entries that stand for it are encoded in the source's own form. Equal
/// bytes need nothing stored; otherwise the difference becomes a carry item, and what the target does
/// not show becomes a loss.
struct ReadBack {
  private let sourceHead: SessionHead
  private let targetHead: SessionHead
  private let encoder: any RecordEncoder
  private let sourceFormat: String
  private let targetFormat: String
  private let isReturn: Bool
  private let carries: Bool
  private var difference: EntryDifference
  /// What is stored of the original; nil where nothing is to be.
  private var chunks: CarryChunks?
  private var scratch = JSONWriter(reserving: 16 * 1_024)
  /// The form in which the source's encoder writes the record at hand.
  private var native: [UInt8] = []
  private var variant = 0
  /// The fingerprint that the session has if it is written as it was; nil in another format.
  private let original: Fingerprint?
  /// The fingerprint of the source's records that were found in the target as they are.
  private var kept = Fingerprint()
  /// Whether all that was read back so far is what the source's reader gave.
  private var isAsRead = true
  /// Whether a record states the head, and says in the target how it is now.
  private var isRestated = false
  private var isHeadKept = true

  /// What was read so far.
  private(set) var written: WrittenRecords

  /// - Parameter original: The fingerprint that the session has if it is written as it was; nil when
  ///   it comes to this format for the first time.
  init(
    sourceHead: SessionHead, targetHead: SessionHead, sourceFormat: any SessionFormat,
    targetFormat: any SessionFormat, isReturn: Bool, original: Fingerprint?, carries: Bool,
    tracksPrefixes: Bool
  ) {
    self.sourceHead = sourceHead
    self.targetHead = targetHead
    self.sourceFormat = sourceFormat.info.id
    self.targetFormat = targetFormat.info.id
    self.isReturn = isReturn
    self.carries = carries
    chunks = carries ? CarryChunks() : nil
    self.original = original
    written = WrittenRecords(tracksPrefixes: tracksPrefixes)
    encoder = sourceFormat.makeRecordEncoder()
    difference = EntryDifference(isCarried: carries)
  }

  var losses: [Loss] { difference.losses.losses }

  /// Whether what was written is the session as it was, byte for byte.
  private var isExact: Bool { original.map { $0 == written.fingerprint } ?? false }

  /// How faithful what was read back is; known at the end.
  var fidelity: Fidelity {
    if isExact { return .exact }
    guard isReturn else { return losses.contains { !$0.isCarried } ? .lossy : .complete }
    // What only the other tool had goes with it; what was said there must not.
    if losses.contains(where: \.isOfConversation) { return .lossy }
    return kept == original && (isHeadKept || !isRestated) ? .continued : .edited
  }

  mutating func run(
    _ source: any SessionReader, _ target: any SessionReader, counts: [UInt16], trailing: Int,
    interruption: Interruption, store: ([UInt8]) throws(FormatError) -> Void
  ) throws(FormatError) {
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
        written.note(foreign.origin?.bytes ?? [])
        group.append(foreign)
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
      if let chunk = noteTrailing(extra) { try store(chunk) }
    }
    while let extra = try target.next() {
      written.note(extra.origin?.bytes ?? [])
      // A session without a single record still has a head in formats that cannot do without one.
      guard counts.isEmpty, extra.content.isHeadChange else {
        throw differs("has records that were not written", at: extra.place)
      }
    }
    if let chunk = chunks?.finish() { try store(chunk) }
    compareHeads()
  }

  /// Notes an entry that stands for nothing in the source, so that nothing comes back for it.
  private mutating func noteTrailing(_ extra: Entry) -> [UInt8]? {
    written.note(extra.origin?.bytes ?? [])
    let hash = CarryReturnReader.hash(of: extra, scratch: &scratch)
    isAsRead = false
    guard !isReturn else { return nil }
    return chunks?.add(CarryItem(foreign: [hash], delta: .whole([])))
  }

  private func differs(_ what: String, at place: Place?) -> FormatError {
    FormatError(
      .readBackDiffers, "what was written \(what) when it is read back", at: place,
      advice: "nothing was published; please report this as a defect")
  }

  /// Compares one source record with the entries that stand for it.
  ///
  /// - Returns: A chunk of the carry that is complete with it.
  private mutating func compare(_ entry: Entry, with group: [Entry]) throws(FormatError)
    -> [UInt8]?
  {
    if let origin = entry.origin, origin.format == targetFormat {
      compareNative(entry, origin, with: group)
      return nil
    }
    isAsRead = false
    // Where a head that was changed elsewhere is stated is no matter; what is stated is compared below.
    if isReturn, entry.content.isHeadChange { return nil }
    difference.compareView(entry, with: group)
    guard let origin = entry.origin else {
      difference.compare(entry, with: group)
      return nil
    }
    var item = CarryItem(foreign: [], delta: .same)
    if entry.content.isHeadChange {
      item.delta = .whole(origin.bytes)
    } else {
      let isSame = try encode(group, like: origin.bytes)
      if isSame, variant == 0, group.count == 1 {
        return chunks?.add(CarryReturnReader.hash(of: group[0], scratch: &scratch))
      }
      item.variant = variant
      if !isSame {
        item.delta = RecordDelta(
          original: origin.bytes, base: native, style: encoder.deltaStyle)
      }
    }
    item.foreign = group.map { CarryReturnReader.hash(of: $0, scratch: &scratch) }
    if item.delta != .same { difference.compare(entry, with: group) }
    return chunks?.add(item)
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

  /// Encodes the entries as the source's own encoder does.
  ///
  /// - Returns: Whether a form gives the original; if none does, the form is that of the record before.
  private mutating func encode(
    _ group: [Entry], like original: ArraySlice<UInt8>
  ) throws(FormatError) -> Bool {
    let count = encoder.variantCount
    for step in 0..<count {
      let candidate = (variant + step) % count
      try encode(group, variant: candidate)
      if original.span.isEqual(to: native.span) {
        variant = candidate
        return true
      }
      // The others would be no different.
      if !group.contains(where: { encoder.hasVariants($0) }) { return false }
    }
    if count > 1 { try encode(group, variant: variant) }
    return false
  }

  private mutating func encode(_ group: [Entry], variant: Int) throws(FormatError) {
    native.removeAll(keepingCapacity: true)
    let group = group.span
    for index in group.indices where !group[index].content.isHeadChange {
      try encoder.encode(group[index], head: sourceHead, variant: variant, into: &native)
    }
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
  /// Nil within a format, and on the way back, where the original says it all.
  func header(id: String, source fingerprint: Fingerprint?) -> CarryHeader? {
    guard let fingerprint, !isReturn, sourceFormat != targetFormat else { return nil }
    return CarryHeader(
      format: sourceFormat, id: id, source: fingerprint, target: written.fingerprint,
      sourceHead: carries ? CanonicalJSON.json(of: sourceHead) : RawJSON("{}"),
      targetHead: CanonicalJSON.json(of: targetHead), items: chunks?.fingerprint)
  }
}
