/// What a store holds beside its sessions, without what grants access.
///
/// Sources have no other way to give such records away: a subscription, a key or an account is never
/// written to a target, a copy or a bundle by any command.
public struct StoreRecords: Sendable {
  /// The file of ours in which a folder keeps such records of another format's store.
  public static let carriedFileName = "carryover-store.json"

  /// Native records, in a stable order.
  public private(set) var records: [[UInt8]] = []
  /// What was left out, by name.
  public private(set) var omissions: [Omission] = []

  /// Nothing.
  public init() {}

  /// Keeps the records that grant nothing.
  public init(_ all: [[UInt8]], of format: any SessionFormat) {
    let info = format.info
    var counts: [String: Int] = [:]
    for record in all {
      if let name = format.storeRecordName(record), Self.grantsAccess(name, info) {
        counts[name, default: 0] += 1
      } else {
        records.append(record)
      }
    }
    omissions = counts.sorted { $0.key < $1.key }.map {
      Omission(format: info.id, name: $0.key, count: $0.value)
    }
  }

  /// Records of a format that is not known, of which nobody can tell what they grant.
  public init(omitting count: Int, ofUnknown format: String) {
    guard count > 0 else { return }
    omissions = [Omission(format: format, name: "records", count: count)]
  }

  /// What is not known may be an account or a key when it is named so, so it stays out too.
  private static func grantsAccess(_ name: String, _ info: FormatInfo) -> Bool {
    if info.neverCarried.contains(name) { return true }
    let name = name.lowercased()
    return ["auth", "credential", "secret", "token", "password", "account", "api_key"]
      .contains { name.contains($0) }
  }
}

/// Records that were left out because they grant access, or may do so.
public struct Omission: Sendable, Hashable {
  /// The format of the records.
  public var format: String
  /// The table or file that they are of.
  public var name: String
  /// How many records.
  public var count: Int

  /// Creates a note.
  public init(format: String, name: String, count: Int) {
    self.format = format
    self.name = name
    self.count = count
  }
}
