internal import FileIO
internal import JSONText
internal import SessionCoding
package import SessionModel

/// The list cache `index.json`: an array of what the tool's session list shows.
package struct GGCodeIndex {
  /// The entries, in the order of the file.
  package private(set) var entries: [Entry] = []
  /// Where the first entry of each identifier stands.
  private var positions: [String: Int] = [:]
  /// Whether the file parsed; a missing file counts as an empty list.
  package private(set) var isReadable = true
  /// Where each entry starts in the file; empty for an index that was not read.
  private(set) var offsets: [Int] = []
  /// Where an unreadable index breaks.
  private(set) var damageOffset = 0
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
  init(bytes: [UInt8]) {
    self.init()
    exists = true
    do {
      let root = try JSONDocument(bytes, limits: .go).root
      if root.isNull { return }
      for element in try root.goArray("index") {
        append(try Entry(element))
        offsets.append(element.offset)
      }
    } catch {
      (entries, positions, offsets) = ([], [:], [])
      isReadable = false
      damageOffset = (error as? JSONError)?.offset ?? (error as? GGCodeDamage)?.offset ?? 0
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
    let kept = entries.filter(condition)
    guard kept.count < entries.count else { return }
    (entries, positions) = ([], [:])
    for entry in kept { append(entry) }
  }

  private mutating func append(_ entry: Entry) {
    if positions[entry.id] == nil { positions[entry.id] = entries.count }
    entries.append(entry)
  }

  /// The file as the tool writes it: indented by two spaces, HTML escaped, no newline at the end.
  package var json: [UInt8] {
    var out = Array("[".utf8)
    for (position, entry) in entries.enumerated() {
      out += Array((position == 0 ? "\n  {\n" : ",\n  {\n").utf8)
      for (position, member) in entry.members.enumerated() {
        out += Array("\(position == 0 ? "" : ",\n")    \"\(member.name)\": ".utf8)
        out += member.json
      }
      out += Array("\n  }".utf8)
    }
    return out + Array((entries.isEmpty ? "]" : "\n]").utf8)
  }
}

extension GGCodeIndex {
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

    private static let fields = GGCodeFields([
      "id", "title", "preview", "created_at", "updated_at", "msg_count", "workspace", "vendor",
      "endpoint", "model",
    ])

    /// Decodes an entry as the tool does; `null` gives an empty one.
    ///
    /// - Throws: Where the tool's decoder would fail; the offset is that of the entry.
    fileprivate init(_ value: JSONValue) throws(GGCodeDamage) {
      self.init(id: "")
      if value.isNull { return }
      do throws(GGCodeDamage) {
        let object = try GGCodeObject(value, "index", Self.fields)
        id = try object.string(0)?.string ?? ""
        title = try object.string(1)?.string ?? ""
        preview = try object.string(2)?.string
        created = try object.time(3)
        updated = try object.time(4)
        messageCount = try object.int(5) ?? 0
        workspace = try object.string(6)?.string
        vendor = try object.string(7)?.string
        endpoint = try object.string(8)?.string
        model = try object.string(9)?.string
      } catch {
        throw GGCodeDamage(message: error.message, offset: value.offset)
      }
    }

    /// The entry that the tool would hold for a session.
    init(head: SessionHead, layout: GGCodeLayout) {
      id = head.id
      title = head.title ?? ""
      if layout == .current { preview = head.preview }
      created = head.created
      updated = head.updated
      messageCount = Int64(head.messageCount ?? 0)
      workspace = head.workspace
      vendor = head.providerKey
      endpoint = head.endpoint
      model = head.model
    }

    fileprivate var members: [(name: String, json: [UInt8])] {
      func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(escaping: .html, reserving: 64)
        write(&writer)
        return writer.bytes
      }
      func filled(_ text: String?) -> [UInt8]? {
        text.flatMap { text in text.isEmpty ? nil : json { $0.string(text) } }
      }
      func time(_ time: Timestamp?) -> [UInt8] {
        json { $0.string(time?.rfc3339 ?? "0001-01-01T00:00:00Z") }
      }
      let members: [(name: String, json: [UInt8]?)] = [
        ("id", json { $0.string(id) }), ("title", json { $0.string(title) }),
        ("preview", filled(preview)), ("created_at", time(created)), ("updated_at", time(updated)),
        ("msg_count", json { $0.int(messageCount) }), ("workspace", filled(workspace)),
        ("vendor", filled(vendor)), ("endpoint", filled(endpoint)), ("model", filled(model)),
      ]
      return members.compactMap { name, json in json.map { (name, $0) } }
    }
  }
}
