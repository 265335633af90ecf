internal import JSONText

/// One difference of an original record from its native form.
///
/// A number of bytes of the native form stay, then some are left out, and some of the original stand
/// there instead. Behind the last edit the rest of the native form stays.
public struct RecordEdit: Sendable, Hashable {
  /// The bytes of the native form that stay before the difference.
  public var keep: Int
  /// The bytes of the native form that are left out.
  public var drop: Int
  /// The bytes of the original that stand there instead.
  public var insert: Int

  /// Creates an edit.
  public init(keep: Int, drop: Int, insert: Int) {
    self.keep = keep
    self.drop = drop
    self.insert = insert
  }
}

/// Finds the edits between two records that have most of their bytes in common.
///
/// The differences of records are values and members in one of them only, so after one both soon go
/// on alike. Where they do not, what is left up to the common end is one edit.
struct RecordComparison {
  private(set) var edits: [RecordEdit] = []
  /// What the original has instead, one after the other.
  private(set) var inserted: [UInt8] = []
  /// The number of bytes that both have.
  private(set) var kept = 0

  /// How far a place is looked for at first; then in all that is left, for the first few candidates.
  private static let window = 1_024
  /// So many bytes must be alike for both to count as going on alike.
  private static let alike = 16
  /// How many places of the native form are tried, and how many of them far away.
  private static let candidates = (near: 96, far: 8)

  init(of record: ArraySlice<UInt8>, from nativeForm: [UInt8]) {
    let (original, base) = (record.span, nativeForm.span)
    var here = original.commonPrefix(with: base)
    var there = here
    let tail = original.commonSuffix(
      with: base, limit: min(original.count, base.count) - here)
    let (end, baseEnd) = (original.count - tail, base.count - tail)
    kept = here + tail
    var keep = here
    edits.reserveCapacity(4)
    inserted.reserveCapacity(min(end - here, 512))
    while here < end || there < baseEnd {
      var next = (here: end, there: baseEnd)
      if let found = Self.nextAlike(original, here..<end, base, there..<baseEnd) { next = found }
      edits.append(RecordEdit(keep: keep, drop: next.there - there, insert: next.here - here))
      inserted += record[(record.startIndex + here)..<(record.startIndex + next.here)]
      keep = original.extracting(next.here..<end)
        .commonPrefix(with: base.extracting(next.there..<baseEnd))
      kept += keep
      here = next.here + keep
      there = next.there + keep
    }
  }

  /// The next places from which both go on alike; nil when none is found.
  private static func nextAlike(
    _ original: Span<UInt8>, _ here: Range<Int>, _ base: Span<UInt8>, _ there: Range<Int>
  ) -> (here: Int, there: Int)? {
    guard here.count >= alike, there.count >= alike else { return nil }
    let near = min(here.upperBound, here.lowerBound + window)
    if let found = place(original, here.lowerBound..<near, base, there, candidates.near) {
      return found
    }
    guard near < here.upperBound else { return nil }
    return place(original, near..<here.upperBound, base, there, candidates.far)
  }

  /// Where the first of some places of the native form stands in a part of the original.
  ///
  /// Tried are the beginning and what follows a separator.
  private static func place(
    _ original: Span<UInt8>, _ here: Range<Int>, _ base: Span<UInt8>, _ there: Range<Int>,
    _ count: Int
  ) -> (here: Int, there: Int)? {
    var remaining = count
    var candidate = there.lowerBound
    let last = min(there.upperBound - alike, there.lowerBound + window)
    while candidate <= last {
      let pattern = base.extracting(candidate..<(candidate + alike))
      if let found = original.firstIndex(of: pattern, in: here) { return (found, candidate) }
      remaining -= 1
      guard remaining > 0 else { return nil }
      repeat { candidate += 1 } while candidate <= last && !isSeparator(base[candidate])
    }
    return nil
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "}")
  }
}
