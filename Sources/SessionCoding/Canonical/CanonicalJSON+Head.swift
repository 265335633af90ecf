public import JSONText
public import SessionModel

extension CanonicalJSON {
  /// Appends a head as one object.
  public static func write(_ head: SessionHead, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.text("id", head.id)
    writer.text("title", head.title)
    writer.text("summary", head.summary)
    writer.text("preview", head.preview)
    writer.time("created", head.created)
    writer.time("updated", head.updated)
    writer.text("workspace", head.workspace)
    writer.text("git_branch", head.gitBranch)
    writer.text("git_commit", head.gitCommit)
    writer.text("provider", head.provider)
    writer.text("provider_key", head.providerKey)
    writer.text("endpoint", head.endpoint)
    writer.text("model", head.model)
    writer.text("agent", head.agent)
    writer.text("mode", head.mode)
    writer.text("status", head.status)
    writer.flag("archived", head.archived)
    writer.flag("pinned", head.pinned)
    if !head.tags.isEmpty {
      writer.key("tags")
      writer.beginArray()
      for tag in head.tags { writer.string(tag) }
      writer.endArray()
    }
    if let parent = head.parent {
      writer.key("parent")
      writer.beginObject()
      writer.text("id", parent.id)
      writer.text("kind", parent.kind.rawValue)
      writer.text("message", parent.message)
      writer.endObject()
    }
    writer.tokens("usage", head.usage)
    writer.extras(head.extras, besides: HeadField.names)
    writer.endObject()
  }

  /// The head as compact JSON.
  public static func json(of head: SessionHead) -> RawJSON {
    var writer = JSONWriter(reserving: 512)
    write(head, to: &writer)
    return RawJSON(writer.bytes[...])
  }

  /// Reads a head; nil when it is not an object with an identifier.
  public static func head(from value: JSONValue) -> SessionHead? {
    guard let object = CanonicalObject<HeadField>(value), let id = object[.id]?.string else {
      return nil
    }
    var head = SessionHead(id: id.string)
    head.title = object.text(.title)
    head.summary = object.text(.summary)
    head.preview = object.text(.preview)
    head.created = object[.created]?.time
    head.updated = object[.updated]?.time
    head.workspace = object.text(.workspace)
    head.gitBranch = object.text(.gitBranch)
    head.gitCommit = object.text(.gitCommit)
    head.provider = object.text(.provider)
    head.providerKey = object.text(.providerKey)
    head.endpoint = object.text(.endpoint)
    head.model = object.text(.model)
    head.agent = object.text(.agent)
    head.mode = object.text(.mode)
    head.status = object.text(.status)
    head.archived = object[.archived]?.bool
    head.pinned = object[.pinned]?.bool
    if let tags = object[.tags] { head.tags = tags.elements.compactMap { $0.string?.string } }
    if let parent = object[.parent], let id = parent.text("id") {
      head.parent = ParentLink(
        id: id, kind: ParentLink.Kind(rawValue: parent.text("kind") ?? "") ?? .unknown,
        message: parent.text("message"))
    }
    head.usage = object[.usage]?.tokens
    head.extras = object.extras
    return head
  }

  /// Reads a head from JSON text.
  public static func head(from json: RawJSON) -> SessionHead? {
    guard let document = JSONDocument(ifValid: Array(json.bytes)) else { return nil }
    return head(from: document.root)
  }
}
