/// Something that a session can state, and the codes of losses that concern it.
struct Capability: Sendable {
  /// The words for it in tables.
  var name: String
  /// The codes of losses; those that end in `.` stand for all that begin so.
  var codes: [String]

  /// Whether a loss concerns it.
  func covers(_ code: String) -> Bool {
    codes.contains { $0 == code || ($0.hasSuffix(".") && code.hasPrefix($0)) }
  }

  /// Everything, in the order of tables.
  static let all: [Capability] =
    [
      Capability(name: "text", codes: ["text", "text.text", "tool-result.text.text"]),
      Capability(name: "roles", codes: ["message.role"]),
      Capability(name: "thinking", codes: ["thinking", "thinking.text"]),
      Capability(name: "thinking: signature", codes: ["thinking.signature"]),
      Capability(name: "thinking: encrypted", codes: ["thinking.encrypted"]),
      Capability(name: "thinking: id and kind", codes: ["thinking.kind"]),
      Capability(name: "tool calls", codes: ["tool-call", "tool-call.id", "tool-call.name"]),
      Capability(
        name: "tool calls: arguments to the byte",
        codes: ["tool-call.arguments", "tool-call.arguments.value"]),
      Capability(
        name: "tool results",
        codes: ["tool-result", "tool-result.call-id", "tool-result.name", "tool-result.text"]),
      Capability(name: "tool results: error mark", codes: ["tool-result.is-error"]),
      Capability(
        name: "tool results: images", codes: ["tool-result.image", "tool-result.image.data"]),
      Capability(name: "images", codes: ["image", "image.data"]),
      Capability(name: "files", codes: ["file", "file.data"]),
      Capability(name: "blocks of unknown kinds", codes: ["block"]),
      Capability(name: "message ids", codes: ["message.id"]),
      Capability(name: "branches", codes: ["message.parent"]),
      Capability(name: "message times", codes: ["message.time"]),
      Capability(name: "message times: zone", codes: ["message.time-zone"]),
      Capability(name: "durations of messages", codes: ["message.duration"]),
      Capability(name: "model of each message", codes: ["message.model"]),
      Capability(name: "tokens of each message", codes: ["message.usage"]),
      Capability(name: "turns of messages", codes: ["message.turn"]),
      Capability(name: "hidden messages", codes: ["message.flags"]),
      Capability(name: "messages of side chains", codes: ["message", "message.side-chain"]),
      Capability(
        name: "what the tool goes on with", codes: ["message.out-of-view", "message.in-view"]),
      Capability(
        name: "compactions", codes: ["checkpoint", "checkpoint.message", "checkpoint.reference"]),
      Capability(name: "compactions: tokens", codes: ["checkpoint.tokens"]),
      Capability(name: "compactions: time", codes: ["checkpoint.time"]),
      Capability(name: "token records", codes: ["usage", "usage."]),
      Capability(name: "metrics", codes: ["metric", "metric."]),
      Capability(name: "events", codes: ["event", "event."]),
      Capability(name: "records of unknown kinds", codes: ["record", "record."]),
      Capability(name: "earlier heads", codes: ["head-history"]),
    ] + HeadFields.all.map { Capability(name: "head: \($0.name)", codes: ["head.\($0.name)"]) }
}
