internal import Archive
internal import JSONText
internal import SessionModel

/// One line of a bundle's catalogue `index.jsonl`: a session, or what belongs to a whole store.
public struct BundleEntry: Sendable, Hashable {
  /// What the line is about.
  public enum Kind: String, Sendable, Hashable { case session, store }

  /// What tells sessions apart across runs.
  public struct Identity: Sendable, Hashable {
    /// The kind of entry.
    public var kind: Kind
    /// The identifier of the session's format.
    public var tool: String
    /// The store's key, which is made from its place; empty in bundles of other programs.
    public var store: String
    /// The session's identifier; empty for a store.
    public var id: String
  }

  /// What the line is about.
  public var kind = Kind.session
  /// The folder in the bag.
  public var path: String
  /// The identifier of the session's format.
  public var tool: String
  /// The store's key.
  public var store = ""
  /// The session's own identifier.
  public var sourceID = ""
  /// The session's title.
  public var title: String?
  /// When it began, as RFC 3339.
  public var created: String?
  /// When it last changed, as RFC 3339.
  public var updated: String?
  /// The folder that it works in, when known.
  public var workspace: String?
  /// The number of messages, when known.
  public var messages: Int?
  /// The size of the files in the folder.
  public var bytes: UInt64 = 0
  /// The digest of the canonical form, when it is there.
  public var sessionDigest: String?
  /// The digest of the original: of its one file, or of the list of its files.
  public var rawDigest = ""
  /// The digest of the places, modes and times of the original's files; nil when it is no files.
  public var filesDigest: String?
  /// Which state of the session this is, counted from 1.
  public var revision = 1
  /// Whether the canonical form is complete.
  public var fidelity = "lossless"
  /// The number of warnings from making the canonical form, when it was made.
  public var warnings: Int?
  /// Size, time, number, mode and place of the original files, by which the next run knows them again;
  /// vaults keep it apart.
  public var stamp: String?
  /// The bundle that holds the files, when it is another one.
  public var bundle: String?
  /// By what a vault tells this state from others, when no pack holds it.
  var missingState: String?
  /// The sessions of the store that hold files of this one too.
  public var holders: [String] = []

  /// Creates an entry.
  public init(path: String, tool: String) {
    self.path = path
    self.tool = tool
  }

  /// When it last changed, as far as is known.
  var time: Timestamp? { (updated ?? created).flatMap { Timestamp(rfc3339: $0) } }

  /// What tells the session apart.
  public var identity: Identity {
    Identity(kind: kind, tool: tool, store: store, id: sourceID)
  }
}

extension BundleEntry {
  /// The catalogue's lines.
  static func read(_ bytes: [UInt8], problem: (_ line: Int) -> Void) -> [BundleEntry] {
    var entries: [BundleEntry] = []
    for (index, line) in bytes.split(separator: 0x0A).enumerated() {
      if let document = JSONDocument(ifValid: Array(line)), let entry = BundleEntry(document.root) {
        entries.append(entry)
      } else {
        problem(index + 1)
      }
    }
    return entries
  }

  private init?(_ value: JSONValue) {
    func text(_ name: String) -> String? { value[name: name]?.string?.string }
    guard let path = text("path"), let tool = text("tool"), let raw = text("raw_sha256") else {
      return nil
    }
    self.init(path: path, tool: tool)
    kind = text("kind").flatMap { Kind(rawValue: $0) } ?? .session
    store = text("store") ?? ""
    sourceID = text("source_id") ?? ""
    title = text("title")
    created = text("created")
    updated = text("updated")
    messages = value["messages"]?.int64.flatMap { Int(exactly: $0) }
    bytes = UInt64(clamping: value["bytes"]?.int64 ?? 0)
    sessionDigest = text("session_sha256")
    rawDigest = raw
    filesDigest = text("files_sha256")
    revision = value["revision"]?.int64.flatMap { Int(exactly: $0) } ?? 1
    fidelity = text("fidelity") ?? fidelity
    warnings = value["warnings"]?.int64.flatMap { Int(exactly: $0) }
    workspace = text("workspace")
    bundle = value["ref"]?["bundle"]?.string?.string
    // Most sessions hold their files alone.
    holders = value["with"]?.elements.compactMap { $0.string?.string } ?? []
  }

  /// The line, its keys in alphabetical order.
  var line: [UInt8] {
    var writer = JSONWriter(reserving: 512)
    func optional(_ name: StaticString, _ value: String?) {
      if let value { writer.field(name, value) }
    }
    func optional(_ name: StaticString, _ value: Int?) {
      if let value { writer.field(name, value) }
    }
    writer.beginObject()
    writer.field("bytes", Int64(clamping: bytes))
    optional("created", created)
    if kind == .session { writer.field("fidelity", fidelity) }
    optional("files_sha256", filesDigest)
    if kind != .session { writer.field("kind", kind.rawValue) }
    optional("messages", messages)
    writer.field("path", path)
    writer.field("raw_sha256", rawDigest)
    if let bundle {
      writer.key("ref")
      writer.beginObject()
      writer.field("bundle", bundle)
      writer.field("raw_sha256", rawDigest)
      optional("session_sha256", sessionDigest)
      writer.endObject()
    }
    writer.field("revision", revision)
    optional("session_sha256", sessionDigest)
    if kind == .session { writer.field("source_id", sourceID) }
    if !store.isEmpty { writer.field("store", store) }
    optional("title", title)
    writer.field("tool", tool)
    optional("updated", updated)
    writer.field("v", 1)
    optional("warnings", warnings)
    if !holders.isEmpty {
      writer.key("with")
      writer.beginArray()
      for holder in holders { writer.string(holder) }
      writer.endArray()
    }
    optional("workspace", workspace)
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// The text of a catalogue.
  static func index(_ entries: [BundleEntry]) -> [UInt8] {
    entries.sorted { BagManifest.precedes($0.path, $1.path) }.flatMap(\.line)
  }

  /// The latest state of each session, in the order of their folders.
  static func current(_ entries: [BundleEntry]) -> [BundleEntry] {
    var latest: [Identity: BundleEntry] = [:]
    for entry in entries {
      if let known = latest[entry.identity], known.revision >= entry.revision { continue }
      latest[entry.identity] = entry
    }
    return latest.values.sorted { BagManifest.precedes($0.path, $1.path) }
  }
}
