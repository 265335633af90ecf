internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Heads of sessions as named values: lines of the front matter, or members of a marker.
enum ChatHead {
  /// Keys of the front matter that are no fields of the head.
  static let reserved: Set<String> = ["chat-md", "messages", "end"]

  /// The fields that a head states, in the order in which they are written.
  static func members(of head: SessionHead, tool: String?) -> [(name: String, json: [UInt8])] {
    var members: [(name: String, json: [UInt8])] = []
    func add(_ name: String, _ write: (inout JSONWriter) -> Void) {
      var writer = JSONWriter()
      write(&writer)
      members.append((name, writer.bytes))
    }
    func text(_ name: String, _ value: String?) {
      if let value { add(name) { $0.string(value) } }
    }
    func time(_ name: String, _ value: Timestamp?) {
      if let value { add(name) { $0.chatTime(value) } }
    }
    func flag(_ name: String, _ value: Bool?) {
      if let value { add(name) { $0.bool(value) } }
    }
    text("session", head.id)
    if let own = head.extras.value("tool", of: Markdown.id), isSafe(own) {
      members.append(("tool", Array(own.bytes)))
    } else {
      text("tool", tool)
    }
    text("title", head.title)
    text("summary", head.summary)
    text("preview", head.preview)
    time("created", head.created)
    time("updated", head.updated)
    text("provider", head.provider)
    text("provider_key", head.providerKey)
    text("endpoint", head.endpoint)
    text("model", head.model)
    text("agent", head.agent)
    text("mode", head.mode)
    text("status", head.status)
    text("workspace", head.workspace)
    text("git_branch", head.gitBranch)
    text("git_commit", head.gitCommit)
    flag("archived", head.archived)
    flag("pinned", head.pinned)
    if !head.tags.isEmpty {
      add("tags") { writer in
        writer.beginArray()
        for tag in head.tags { writer.string(tag) }
        writer.endArray()
      }
    }
    if let parent = head.parent {
      text("parent", parent.id)
      text("parent_kind", parent.kind.rawValue)
      text("parent_message", parent.message)
    }
    if let usage = head.usage {
      add("usage") { writer in
        writer.beginObject()
        for (name, count) in usage.chatCounts {
          if let count { writer.field(name, count) }
        }
        writer.endObject()
      }
    }
    return members
  }

  /// The names that ``members(of:tool:)`` uses.
  static let names: Set<String> = [
    "session", "tool", "title", "summary", "preview", "created", "updated", "provider",
    "provider_key", "endpoint", "model", "agent", "mode", "status", "workspace", "git_branch",
    "git_commit", "archived", "pinned", "tags", "parent", "parent_kind", "parent_message", "usage",
  ]

  /// Extra fields that are lines of the front matter, and the others.
  static func split(_ extras: [Extra]) -> (lines: [Extra], others: [Extra]) {
    var lines: [Extra] = []
    var others: [Extra] = []
    var seen: Set<String> = []
    for extra in extras {
      if extra.format == Markdown.id, extra.key == "tool" || extra.key == "end",
        isSafe(extra.value),
        seen.insert(extra.key).inserted
      {
        continue
      }
      let isLine =
        extra.format == Markdown.id && !names.contains(extra.key) && !reserved.contains(extra.key)
        && isKey(extra.key) && isSafe(extra.value) && seen.insert(extra.key).inserted
      if isLine { lines.append(extra) } else { others.append(extra) }
    }
    return (lines, others)
  }

  private static func isSafe(_ json: RawJSON) -> Bool { json.isInline }

  static func isKey(_ key: String) -> Bool {
    !key.isEmpty
      && key.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
      }
  }

  /// Adds a head to a marker.
  static func write(_ head: SessionHead, to fields: inout ChatFields) {
    for member in members(of: head, tool: nil) where member.name != "tool" {
      fields.member(member.name, member.json)
    }
    fields.extras(head.extras)
  }

  /// Reads a head out of named values; nil without an identifier.
  static func read(_ value: (String) -> JSONValue?) -> SessionHead? {
    guard let id = value("session")?.string?.string else { return nil }
    var head = SessionHead(id: id)
    func text(_ name: String) -> String? { value(name)?.string?.string }
    head.title = text("title")
    head.summary = text("summary")
    head.preview = text("preview")
    head.created = value("created").flatMap { ChatTime.read($0) }
    head.updated = value("updated").flatMap { ChatTime.read($0) }
    head.provider = text("provider")
    head.providerKey = text("provider_key")
    head.endpoint = text("endpoint")
    head.model = text("model")
    head.agent = text("agent")
    head.mode = text("mode")
    head.status = text("status")
    head.workspace = text("workspace")
    head.gitBranch = text("git_branch")
    head.gitCommit = text("git_commit")
    head.archived = value("archived")?.bool
    head.pinned = value("pinned")?.bool
    if let tags = value("tags") { head.tags = tags.elements.compactMap { $0.string?.string } }
    if let parent = text("parent") {
      head.parent = ParentLink(
        id: parent, kind: ParentLink.Kind(rawValue: text("parent_kind") ?? "") ?? .unknown,
        message: text("parent_message"))
    }
    head.usage = value("usage").flatMap { ChatTime.tokens($0) }
    return head
  }
}

extension ChatFields {
  /// A member whose value is JSON already.
  mutating func member(_ name: String, _ value: [UInt8]) {
    json.key(JSONString(name))
    json.raw(value[...])
  }
}

/// Times and token counts as files spell them.
enum ChatTime {
  static func read(_ value: JSONValue) -> Timestamp? {
    if let text = value.string { return Timestamp(rfc3339: text.string) }
    guard value.kind == .object else { return nil }
    var time: Timestamp
    if let at = value["at"]?.string {
      guard let read = Timestamp(rfc3339: at.string) else { return nil }
      time = read
      time.text = nil
    } else {
      guard let seconds = value["seconds"]?.int64,
        let nanoseconds = value["nanoseconds"]?.int64.flatMap({ Int32(exactly: $0) }),
        let offset = value["offset"]?.int64.flatMap({ Int32(exactly: $0) }),
        (0..<1_000_000_000).contains(nanoseconds), seconds.magnitude < 1 << 50
      else { return nil }
      time = Timestamp(seconds: seconds, nanoseconds: nanoseconds, offset: offset)
    }
    time.text = value["text"]?.string?.string
    time.isSynthesised = value["synthesised"]?.bool ?? false
    return time
  }

  static func tokens(_ value: JSONValue) -> TokenUsage? {
    guard value.kind == .object else { return nil }
    return TokenUsage(
      input: value["input"]?.int64, output: value["output"]?.int64,
      cacheRead: value["cache_read"]?.int64, cacheWrite: value["cache_write"]?.int64,
      promptTotal: value["prompt_total"]?.int64)
  }
}
