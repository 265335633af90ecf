internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says messages of other tools in Pi's entries, and which of them the model gets.
struct LettaEncoder: LineEncoder {
  private var lines: PiEncoder<LettaCode>
  private let head: SessionHead
  private let id: String
  /// What `conversation.json` said before, and the messages on its list.
  private let stated: JSONValue?
  private let listed: [String]
  private var title: String?
  private var updated: Timestamp?
  private var isChanged = false
  private var isPastList = false

  static var links: Relinker? { PiEncoder<LettaCode>.links }
  var leaf: String? { lines.leaf }

  init(_ head: SessionHead, id: String) {
    stated = Descriptions.stated(in: head, of: LettaCode.id)
      .first { $0.name == LettaCode.conversation }
      .flatMap { JSONDocument(ifValid: $0.text)?.root }
    listed = stated?["in_context_message_ids"]?.elements.compactMap { $0.string?.string } ?? []
    lines = PiEncoder(head, id: id)
    if !listed.isEmpty { lines.listed = Set(listed) }
    self.head = head
    self.id = id
    title = head.title
    updated = head.updated
  }

  mutating func follow(_ object: JSONValue) { lines.follow(object) }

  mutating func pass(_ object: JSONValue, saying entry: Entry) {
    // The list may be older than the lines, when these come back from another tool.
    if let id = object["message"]?.text("id") {
      if isPastList, entry.isEffective { lines.listed?.insert(id) }
      isPastList = isPastList || id == listed.last
    }
    lines.follow(object)
  }

  mutating func write(_ entry: Entry, to json: inout JSONWriter) -> Int {
    if case .headChange(let changed) = entry.content {
      title = changed.title
      updated = changed.updated
    } else {
      isChanged = true
    }
    return lines.write(entry, to: &json)
  }

  mutating func finish(to json: inout JSONWriter) -> Int { lines.finish(to: &json) }

  // MARK: The files beside the lines

  var descriptions: [Description]? {
    let root = stated
    let files = Descriptions.stated(in: head, of: LettaCode.id)
    // Nothing new is said.
    if let root, root.text("summary") == title, root.text("id") == id,
      root["archived"]?.bool == head.archived, listed.isEmpty && !isChanged || listed == context
    {
      return files
    }
    var written = files.filter { $0.name != LettaCode.conversation }
    if !files.contains(where: { $0.name == "manifest.json" }) {
      written.append(Description(name: "manifest.json", text: manifest))
    }
    written.append(Description(name: LettaCode.conversation, text: conversation(root)))
    if root == nil {
      written.append(Description(name: LettaCode.agentFile, text: agent, isShared: true))
    }
    return written
  }

  /// The messages that the model gets.
  private var context: [String] { lines.context.map(\.message) }

  private var created: Timestamp { head.created ?? head.updated ?? Timestamp(seconds: 0) }

  private var manifest: [UInt8] {
    var json = JSONWriter(reserving: 200)
    json.beginObject()
    json.field("schema_version", 2)
    json.field("message_format", "pi-session-entry-jsonl")
    json.field("provider_stack", "pi-ai")
    json.field("created_at", created.javaScript)
    json.endObject()
    json.newline()
    return json.bytes
  }

  /// - Parameter old: What the file said before.
  private func conversation(_ old: JSONValue?) -> [UInt8] {
    var json = JSONWriter(reserving: 1_024)
    let last = (updated ?? created).javaScript
    json.beginObject()
    json.field("id", id)
    json.field("agent_id", old?.text("agent_id") ?? LettaCode.agent)
    json.field("archived", head.archived ?? false)
    json.key("archived_at")
    if let time = old?.text("archived_at") { json.string(time) } else { json.null() }
    json.field("created_at", old?.text("created_at") ?? created.javaScript)
    json.field("updated_at", last)
    json.field("last_message_at", last)
    json.key("summary")
    if let title, !title.isEmpty { json.string(title) } else { json.null() }
    json.array("in_context_message_ids", context) { $0.string($1) }
    json.extras(
      old?.extras(
        of: LettaCode.id,
        except: [
          "id", "agent_id", "archived", "archived_at", "created_at", "updated_at",
          "last_message_at", "summary", "in_context_message_ids",
        ]) ?? [], of: LettaCode.id)
    json.endObject()
    json.newline()
    return json.bytes
  }

  private var agent: [UInt8] {
    let model = head.model ?? "unknown"
    let provider = ModelProvider.name(for: head.model, head)
    var json = JSONWriter(reserving: 400)
    json.beginObject()
    json.field("id", LettaCode.agent)
    json.field("name", "Imported")
    json.field("description", "Conversations that Carryover brought from other tools")
    json.field("system", "You are a helpful coding agent.")
    json.array("tags", ["origin:letta-code"]) { $0.string($1) }
    json.field("model", provider + "/" + model)
    json.endObject()
    json.newline()
    return json.bytes
  }
}
