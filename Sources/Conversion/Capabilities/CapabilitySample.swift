internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A session that holds everything the model knows, for finding out what formats keep of it.
enum CapabilitySample {
  /// The sample's identifier, legal in every format.
  static let id = "20260301-090000-00000000000000a1"

  /// The sample as a canonical file.
  static var canonical: [UInt8] {
    var writer = JSONWriter(reserving: 16 * 1_024)
    writer.beginObject()
    writer.field("record", "session")
    writer.field("version", CanonicalJSON.version)
    writer.key("head")
    CanonicalJSON.write(head, to: &writer)
    writer.endObject()
    writer.newline()
    for entry in entries {
      CanonicalJSON.write(entry, to: &writer)
      writer.newline()
    }
    return writer.bytes
  }

  private static func time(_ seconds: Int64) -> Timestamp {
    Timestamp(seconds: 1_772_355_600 + seconds, nanoseconds: 123_456_789, offset: 7_200)
  }

  private static var head: SessionHead {
    var head = SessionHead(id: id)
    head.title = "Plan the garden"
    head.summary = "Where to put the beans"
    head.preview = "Thank you."
    head.created = time(0)
    head.updated = time(900)
    head.workspace = "/home/sam/garden"
    head.gitBranch = "spring"
    head.gitCommit = "0123456789abcdef0123456789abcdef01234567"
    head.provider = "Anthropic (garden)"
    head.providerKey = "anthropic"
    head.endpoint = "default"
    head.model = "model-1"
    head.agent = "gardener"
    head.mode = "plan"
    head.status = "complete"
    head.archived = true
    head.pinned = true
    head.tags = ["garden", "spring"]
    head.parent = ParentLink(
      id: "20260228-090000-00000000000000a0", kind: .branch, message: "p-9")
    head.usage = TokenUsage(
      input: 30, output: 12, cacheRead: 4, cacheWrite: 2, promptTotal: 36)
    return head
  }

  private static func message(
    _ id: String, after parent: String?, _ role: Role, _ blocks: [Block], _ seconds: Int64
  ) -> Message {
    Message(id: id, parent: parent, role: role, blocks: blocks, time: time(seconds))
  }

  private static let picture: JSONString =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

  private static var entries: [Entry] {
    var entries = older.map { Entry($0, isEffective: false) }
    entries += newer.map { Entry($0) }
    return entries
  }

  /// What the compaction replaces, with everything that a message can hold.
  private static var older: [Entry.Content] {
    var oldHead = head
    oldHead.title = "Garden"
    var answer = message(
      "m-2", after: "m-1", .assistant,
      [
        .thinking(.init("Beans like sun.", signature: "c2lnbmVk", id: "th-1", kind: "summary")),
        .text(.init("I will look at the plan.")),
        .toolCall(
          .init(
            id: "call-1", name: "read_file",
            arguments: RawJSON(#"{"path": "plan.txt", "limit": 1.50}"#))),
      ], 20)
    answer.duration = 1_500_000_000
    answer.model = "model-1"
    answer.usage = TokenUsage(input: 10, output: 4, cacheRead: 2, cacheWrite: 1)
    answer.turn = 1
    var aside = message("m-5", after: "m-4", .user, [.text(.init("A note to the model."))], 50)
    aside.flags = [.hidden, .synthetic]
    var branch = message("m-6", after: "m-2", .assistant, [.text(.init("Another way."))], 55)
    branch.flags = [.sideChain]
    return [
      .headChange(oldHead),
      .message(message("m-0", after: nil, .system, [.text(.init("Be brief."))], 5)),
      .message(message("m-1", after: "m-0", .user, [.text(.init("Where do beans go?"))], 10)),
      .message(answer),
      .message(
        message(
          "m-3", after: "m-2", .tool,
          [
            .toolResult(
              .init(
                callID: "call-1", name: "read_file",
                content: [
                  .text(.init("no such file")),
                  .image(.init(mediaType: "image/png", base64: picture)),
                ], isError: true))
          ], 30)),
      .message(
        message(
          "m-4", after: "m-3", .assistant,
          [
            .thinking(.init(encrypted: "ZW5jcnlwdGVk")),
            .opaque(
              .init(
                format: "canonical", type: "citation",
                json: RawJSON(#"{"type":"citation","page":3}"#))),
            .text(.init("There is no plan.")),
          ], 40)),
      .message(aside), .message(branch),
    ]
  }

  /// The compaction and what follows.
  private static var newer: [Entry.Content] {
    var metric = MetricRecord(kind: "llm")
    metric.time = time(71)
    metric.turn = 2
    metric.timeToFirstToken = 250_000_000
    metric.thinkTime = 100_000_000
    metric.duration = 2_000_000_000
    metric.model = "model-1"
    metric.provider = "anthropic"
    metric.endpoint = "default"
    return [
      .checkpoint(
        Checkpoint(
          messages: [
            Message(
              id: "s-1", role: .user, blocks: [.text(.init("So far: no plan."))], time: time(60),
              flags: [.compactionSummary])
          ], tokens: 42, time: time(60))),
      .message(
        message(
          "m-7", after: "m-4", .user,
          [
            .text(.init("Here it is.")),
            .image(.init(mediaType: "image/png", base64: picture)),
            .file(
              .init(
                name: "plan.txt", mediaType: "text/plain", base64: "YmVhbnM=", text: "beans",
                size: 5)),
          ], 65)),
      .message(message("m-8", after: "m-7", .assistant, [.text(.init("South wall."))], 70)),
      .usage(
        UsageRecord(
          time: time(71), turn: 2, model: "model-1", provider: "anthropic", endpoint: "default",
          source: "agent",
          usage: TokenUsage(input: 30, output: 12, cacheRead: 4, cacheWrite: 2, promptTotal: 36))),
      .metric(metric),
      .event(
        EventRecord(
          format: "canonical", kind: "status", id: "ev-1", stream: "main", type: "done",
          time: time(72), data: RawJSON(#"{"ok":true}"#))),
      .opaque(
        OpaqueRecord(
          format: "canonical", type: "unheard-of",
          bytes: Array(#"{"record":"unheard-of"}"#.utf8)[...])),
      .message(message("m-9", after: "m-8", .developer, [.text(.init("Stay brief."))], 80)),
      .headChange(head),
    ]
  }
}
