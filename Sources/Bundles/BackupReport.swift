internal import Conversion
internal import JSONText
public import SessionCoding

/// What became of a backup.
public struct BackupReport: Sendable {
  /// One session, or what belongs to a store.
  public struct Item: Sendable {
    /// What became of it.
    public enum Status: String, Sendable, CaseIterable { case added, changed, unchanged, failed }
    /// The format.
    public var tool: String
    /// The session's identifier; empty for a store.
    public var id: String
    /// The folder in the bundle.
    public var path: String?
    /// What became of it.
    public var status: Status
    /// Why it failed.
    public var reason: String?
    /// The size of its files.
    public var bytes: UInt64 = 0
  }

  /// Files at a store's place that are neither sessions, nor list them, nor grant access.
  public struct Untaken: Sendable, Hashable {
    /// The format of the store.
    public var tool: String
    /// The folder below the store's place; `.` for that itself.
    public var place: String
    /// How many files; of a folder with files that are taken only those directly in it.
    public var files: Int
  }

  /// Where the bundle is.
  public var bundle: String
  /// Its identifier.
  public var identifier = ""
  /// Its number in its series.
  public var number = 1
  /// Whether anything was written.
  public var isWritten = false
  /// The sessions, by source and then in the order of their folders.
  public var items: [Item] = []
  /// What was left out.
  public var omissions: [Omission] = []
  /// What was not taken, by folder.
  public var untaken: [Untaken] = []
  /// The number of sessions that were restored from the bundle and compared before it was published; nil
  /// when that was not asked for, or nothing was written.
  public var proven: Int?
  /// What opening the stores found to be wrong.
  public var findings: [Finding] = []
  /// The size of the archive file; 0 for a vault.
  public var archiveBytes: UInt64 = 0

  /// The number of sessions of a status, stores not counted.
  public func count(_ status: Item.Status) -> Int {
    items.count { $0.status == status && !$0.id.isEmpty }
  }

  /// Whether anything could not be backed up.
  public var hasFailures: Bool {
    items.contains { $0.status == .failed }
      || findings.contains { $0.severity == .error && !$0.isSalvaged }
  }

  /// The report as one JSON object.
  public var json: [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", 1)
    writer.field("bundle", bundle)
    writer.field("identifier", identifier)
    writer.field("number", number)
    writer.field("written", isWritten)
    writer.field("bytes", Int64(clamping: archiveBytes))
    writer.key("sessions")
    writer.beginArray()
    for item in items where !item.id.isEmpty { item.write(to: &writer) }
    writer.endArray()
    writer.key("stores")
    writer.beginArray()
    for item in items where item.id.isEmpty { item.write(to: &writer) }
    writer.endArray()
    writer.key("omitted")
    writer.omissions(omissions)
    writer.key("not_taken")
    writer.beginArray()
    for item in untaken {
      writer.beginObject()
      writer.field("format", item.tool)
      writer.field("place", item.place)
      writer.field("files", item.files)
      writer.endObject()
    }
    writer.endArray()
    if let proven { writer.field("proven", proven) }
    if !findings.isEmpty {
      writer.key("findings")
      writer.findings(findings)
    }
    writer.key("totals")
    writer.beginObject()
    for status in Item.Status.allCases {
      writer.key(JSONString(status.rawValue))
      writer.int(count(status))
    }
    writer.endObject()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}

extension BackupReport.Item {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.field("format", tool)
    if !id.isEmpty { writer.field("id", id) }
    if let path { writer.field("path", path) }
    writer.field("status", status.rawValue)
    if let reason { writer.field("reason", reason) }
    writer.field("bytes", Int64(clamping: bytes))
    writer.endObject()
  }
}
