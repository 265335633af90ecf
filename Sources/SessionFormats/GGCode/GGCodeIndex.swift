internal import FileIO
internal import JSONText
internal import SessionCoding
package import SessionModel

/// The list cache `index.json`: an array of what the tool's session list shows.
package struct GGCodeIndex {
  /// One session in the list.
  package struct Entry: Hashable {
    package var id: String
    package var title: String = ""
    package var preview: String?
    package var created: Timestamp?
    package var updated: Timestamp?
    package var messageCount: Int64 = 0
    package var workspace: String?
    package var vendor: String?
    package var endpoint: String?
    package var model: String?

    package init(id: String) { self.id = id }
  }

  /// The entries, in the order of the file.
  package private(set) var entries: [Entry] = []
  /// Where the first entry of each identifier stands.
  private var positions: [String: Int] = [:]
  /// Whether the file parsed; a missing file counts as an empty list.
  package private(set) var isReadable = true
  /// Where each entry starts in the file; empty for an index that was not read.
  package private(set) var offsets: [Int] = []
  /// Where an unreadable index breaks.
  package private(set) var damageOffset = 0
  /// Whether there is a file.
  package private(set) var exists = false

  /// An index without entries.
  package init() {}

  /// Reads an index file.
  ///
  /// A broken one gives no entries, as in the tool.
  package init(path: String) {
    do throws(FileError) {
      self.init(bytes: try readFile(path))
    } catch {
      self.init()
      exists = error.code != .notFound
      isReadable = !exists
    }
  }

  /// Reads an index's bytes.
  ///
  /// Broken ones give no entries, as in the tool.
  package init(bytes: [UInt8]) {
    exists = true
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(bytes, limits: .go)
    } catch {
      isReadable = false
      damageOffset = error.offset
      return
    }
    guard document.root.isNull || document.root.kind == .array else {
      isReadable = false
      return
    }
    for element in document.root.elements {
      guard let entry = Entry(element) else {
        isReadable = false
        damageOffset = element.range.lowerBound
        entries = []
        positions = [:]
        offsets = []
        return
      }
      append(entry)
      offsets.append(element.range.lowerBound)
    }
  }

  /// The position of the first entry of an identifier.
  package func position(of id: String) -> Int? { positions[id] }

  /// The first entry of an identifier.
  package func entry(_ id: String) -> Entry? { positions[id].map { entries[$0] } }

  /// Replaces the entry in place, or appends it.
  package mutating func update(_ entry: Entry) {
    if let position = positions[entry.id] {
      entries[position] = entry
    } else {
      append(entry)
    }
  }

  /// Removes all entries that do not fulfil a condition.
  package mutating func keep(where condition: (Entry) -> Bool) {
    guard let first = entries.firstIndex(where: { !condition($0) }) else { return }
    let rest = entries[first...].filter(condition)
    entries.removeSubrange(first...)
    positions = [:]
    for (position, entry) in entries.enumerated() where positions[entry.id] == nil {
      positions[entry.id] = position
    }
    for entry in rest { append(entry) }
  }

  /// Makes room for so many entries in all.
  package mutating func reserveCapacity(_ count: Int) {
    entries.reserveCapacity(count)
    positions.reserveCapacity(count)
  }

  private mutating func append(_ entry: Entry) {
    if positions[entry.id] == nil { positions[entry.id] = entries.count }
    entries.append(entry)
  }

  /// What an entry takes in the file when its texts are of usual length, in bytes.
  private static let usualEntryLength = 384

  /// The file as the tool writes it: indented by two spaces, HTML escaped, no newline at the end.
  package var json: [UInt8] {
    guard !entries.isEmpty else { return Array("[]".utf8) }
    var out: [UInt8] = []
    out.reserveCapacity(entries.count * Self.usualEntryLength)
    out += Array("[\n".utf8)
    for (position, entry) in entries.enumerated() {
      out += Array("  {\n".utf8)
      var fields = IndentedFields()
      fields.add("id", entry.id)
      fields.add("title", entry.title)
      fields.addUnlessEmpty("preview", entry.preview)
      fields.add("created_at", entry.created?.rfc3339 ?? "0001-01-01T00:00:00Z")
      fields.add("updated_at", entry.updated?.rfc3339 ?? "0001-01-01T00:00:00Z")
      fields.add("msg_count", entry.messageCount)
      fields.addUnlessEmpty("workspace", entry.workspace)
      fields.addUnlessEmpty("vendor", entry.vendor)
      fields.addUnlessEmpty("endpoint", entry.endpoint)
      fields.addUnlessEmpty("model", entry.model)
      out += fields.bytes
      out += Array((position + 1 < entries.count ? "\n  },\n" : "\n  }\n").utf8)
    }
    out.append(UInt8(ascii: "]"))
    return out
  }

  /// Members of one entry, a line each.
  private struct IndentedFields {
    var bytes: [UInt8] = []

    mutating func add(_ name: String, _ value: String) {
      begin(name)
      var writer = JSONWriter(escaping: .html, reserving: value.utf8.count + 8)
      writer.string(value)
      bytes += writer.bytes
    }

    mutating func add(_ name: String, _ value: Int64) {
      begin(name)
      bytes += Array(String(value).utf8)
    }

    mutating func addUnlessEmpty(_ name: String, _ value: String?) {
      guard let value, !value.isEmpty else { return }
      add(name, value)
    }

    private mutating func begin(_ name: String) {
      if !bytes.isEmpty { bytes += Array(",\n".utf8) }
      bytes += Array("    \"\(name)\": ".utf8)
    }
  }
}

extension GGCodeIndex.Entry {
  private static let fields = GoFields([
    "id", "title", "preview", "created_at", "updated_at", "msg_count", "workspace", "vendor",
    "endpoint", "model",
  ])

  /// Decodes an entry as the tool does; nil where its decoder would fail.
  fileprivate init?(_ value: JSONValue) {
    if value.isNull {
      self.init(id: "")
      return
    }
    guard let object = GoObject(value, fields: Self.fields) else { return nil }
    func text(_ index: Int) throws(GGCodeRecord.Damage) -> String? {
      try object.string(index, "index")?.string
    }
    func time(_ index: Int) throws(GGCodeRecord.Damage) -> Timestamp? {
      try object.time(index, "index")
    }
    self.init(id: "")
    do throws(GGCodeRecord.Damage) {
      id = try text(0) ?? ""
      title = try text(1) ?? ""
      preview = try text(2)
      created = try time(3)
      updated = try time(4)
      messageCount = try object.int64(5, "msg_count") ?? 0
      workspace = try text(6)
      vendor = try text(7)
      endpoint = try text(8)
      model = try text(9)
    } catch {
      return nil
    }
  }

  /// The entry that the tool would hold for a session.
  init(head: SessionHead, messageCount: Int, layout: GGCodeLayout) {
    id = head.id
    title = head.title ?? ""
    if layout == .current { preview = head.preview }
    created = head.created
    updated = head.updated
    self.messageCount = Int64(messageCount)
    workspace = head.workspace
    vendor = head.providerKey
    endpoint = head.endpoint
    model = head.model
  }
}
