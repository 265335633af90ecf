public import SessionModel

/// The records of a session that are left out because they are longer than what is read.
///
/// What is left out is not in what is written either: it is a loss, and never carried.
public struct LeftOutRecords: Sendable, Hashable {
  private struct Record: Sendable, Hashable {
    var place: Place
    /// The length in bytes, where it is known.
    var count: Int?
  }

  /// The rule that a record breaks.
  public static let rule = "record.too-long"
  /// More are not told one by one.
  private static let mostTold = 100

  private var records: [Record] = []

  /// Creates an empty list.
  public init() {}

  /// Whether nothing is left out.
  public var isEmpty: Bool { records.isEmpty }

  /// How many records are left out.
  public var count: Int { records.count }

  /// Adds a record.
  ///
  /// - Parameter count: Its length in bytes; nil where only is known that it is too long.
  public mutating func add(_ place: Place, count: Int?) {
    records.append(Record(place: place, count: count))
  }

  /// Adds what is left out of what belongs to the session too.
  public mutating func add(_ other: LeftOutRecords) { records += other.records }

  /// The records at certain places.
  public func filter(_ isIncluded: (Place) -> Bool) -> LeftOutRecords {
    var list = LeftOutRecords()
    list.records = records.filter { isIncluded($0.place) }
    return list
  }

  /// A finding for each record, and one for all after the first hundred.
  public var findings: [Finding] {
    var findings = records.prefix(Self.mostTold).map { record in
      let length = record.count.map { "has \($0) bytes" } ?? "is longer than --max-record allows"
      let size = record.count.map { ByteSize($0).roundedUp.description } ?? "SIZE"
      return Finding(
        rule: Self.rule, severity: .warning, place: record.place,
        message: "the record \(length) and is left out; --max-record \(size) reads it")
    }
    if records.count > Self.mostTold {
      findings.append(
        Finding(
          rule: Self.rule, severity: .warning, place: records[Self.mostTold].place,
          message: "and \(records.count - Self.mostTold) more from here on"))
    }
    return findings
  }

  /// What a target lacks for it; nil when nothing is left out.
  public var loss: Loss? {
    records.first.map { Self.loss(records.count, at: $0.place.description) }
  }

  /// What a target lacks for so many records.
  public static func loss(_ count: Int, at place: String) -> Loss {
    Loss(
      code: rule, place: place, count: count,
      detail: "the record is longer than --max-record allows and was left out", isCarried: false)
  }
}

extension FormatError {
  /// That something that cannot be left out is longer than what is read.
  public static func tooLong(_ what: String, _ count: Int, at place: Place) -> FormatError {
    FormatError(
      .limit, "\(what) has \(count) bytes, more than --max-record allows", at: place,
      advice: "give --max-record \(ByteSize(count).roundedUp)")
  }
}
