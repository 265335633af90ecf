internal import JSONText
internal import SessionModel

/// The head of a thread, from its first `session_meta` and what else the file tells.
enum CodexHead {
  private static let known: Set<String> = [
    "id", "timestamp", "cwd", "model_provider", "forked_from_id", "parent_thread_id",
  ]

  /// The facts in a `session_meta` payload.
  static func head(_ meta: JSONValue, id: String, time: Timestamp?) -> SessionHead {
    var head = SessionHead(id: id)
    head.created = CodexLine.time(meta["timestamp"]) ?? time
    head.workspace = text(meta["cwd"])
    head.gitBranch = text(meta["git"]?["branch"])
    head.gitCommit = text(meta["git"]?["commit_hash"])
    head.providerKey = text(meta["model_provider"])
    head.agent = text(meta["agent_nickname"]) ?? text(meta["agent_role"] ?? meta["agent_type"])
    head.parent = parent(meta, id: id)
    for (key, value) in meta.members {
      let name = key.string
      if known.contains(name) && value.kind == .string { continue }
      if name == "git", !value.members.contains(where: { !gitKeys.contains($0.key.string) }) {
        continue
      }
      head.extras.addCodex(name, RawJSON(value.raw))
    }
    return head
  }

  private static let gitKeys: Set<String> = ["branch", "commit_hash"]

  private static func text(_ value: JSONValue?) -> String? {
    guard let string = value?.string, !string.isEmpty else { return nil }
    return string.string
  }

  private static func parent(_ meta: JSONValue, id: String) -> ParentLink? {
    if let fork = text(meta["forked_from_id"]) { return ParentLink(id: fork, kind: .branch) }
    let spawn = meta["source"]?["subagent"]?["thread_spawn"]?["parent_thread_id"]
    if let parent = text(meta["parent_thread_id"]) ?? text(spawn) {
      return ParentLink(id: parent, kind: .subagent)
    }
    if let base = text(meta["history_base"]?["thread_id"]), base != text(meta["id"]) {
      return ParentLink(id: base, kind: .branch)
    }
    return nil
  }

  /// Where a thread of another tool comes from, as the program's lists tell it: a helper is no thread of
  /// the person's.
  static func source(of head: SessionHead) -> RawJSON {
    guard let parent = head.parent, parent.kind == .subagent else { return RawJSON("\"cli\"") }
    var json = JSONWriter(reserving: 128)
    json.object([:]) { json in
      json.key("subagent")
      json.object([:]) { json in
        json.key("thread_spawn")
        json.object([:]) { json in
          json.field("parent_thread_id", CodexID.thread(parent.id))
          json.field("depth", 1)
        }
      }
    }
    return RawJSON(json.bytes[...])
  }

  /// The text that lists show for a first prompt: what follows the editor's marker, when there is one.
  static func preview(_ payload: JSONValue) -> String? {
    var text: String?
    if let message = payload["message"]?.string {
      text = message.string
    } else if let item = payload["item"], item["type"]?.string?.equals("UserMessage") == true {
      text = item["content"]?.elements.compactMap { $0["text"]?.string?.string }
        .joined(separator: "\n")
    }
    guard var text else { return nil }
    if let marker = text.firstRange(of: "## My request for Codex:") {
      text = String(text[marker.upperBound...])
    }
    text = String(text.drop(while: \.isWhitespace))
    while text.last?.isWhitespace == true { text.removeLast() }
    return text.isEmpty ? "[Image]" : text
  }

  /// A title made from a first prompt: its first line, not too long.
  static func title(from preview: String) -> String {
    let line = preview.split(separator: "\n").first.map(String.init) ?? preview
    return line.count <= 120 ? line : String(line.prefix(119)) + "…"
  }
}
