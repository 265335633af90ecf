import FileIO
import GGCodeStore
import SessionFormats
import TermLLMStore

/// Times what the two live stores promise, with `store-speed FOLDER`.
///
/// Listing 10,000 sessions against reading their index, appending one message at message 10 and at
/// message 100,000, searching 50,000 messages.
@main
enum StoreSpeed {
  static func main() async throws {
    guard CommandLine.arguments.count == 2 else {
      print("usage: store-speed FOLDER")
      return
    }
    let folder = CommandLine.arguments[1]
    try await measureLines(folder + "/ggcode")
    try measureRows(folder + "/term-llm")
  }

  private static func time(_ name: String, times: Int = 5, _ body: () throws -> Void) rethrows {
    var best = Duration.seconds(1_000)
    for _ in 0..<times {
      let clock = ContinuousClock()
      best = min(best, try clock.measure(body))
    }
    print("\(name): \(best)")
  }

  private static func measureLines(_ folder: String) async throws {
    var options = JSONLStore.Options()
    options.isDurable = false
    let many = try JSONLStore(directory: folder + "/many", options: options)
    var index = "[\n"
    for number in 0..<10_000 {
      let id = "20260101-\(100_000 + number)-00000000000000aa"
      let line = """
        {"type":"message","message":{"role":"user","content":[{"type":"text","text":"hi"}]}}

        """
      try createFileIfAbsent(many.directory + "/\(id).jsonl", Array(line.utf8))
      index += """
          {
            "id": "\(id)",
            "title": "Session number \(number)",
            "created_at": "2026-01-01T10:00:00Z",
            "updated_at": "2026-01-01T10:\(10 + number % 50):00.\(100_000 + number)Z",
            "msg_count": 1,
            "workspace": "/home/dev/project",
            "vendor": "openai",
            "endpoint": "coding",
            "model": "gpt-test"
          }\(number < 9_999 ? "," : "")

        """
    }
    index += "]"
    var output = try AtomicOutput(replacing: many.directory + "/index.json")
    try output.write(Array(index.utf8))
    try output.commit(durable: false)
    time("ggcode: reading and parsing the index of 10,000 sessions") {
      _ = GGCodeIndex(path: many.directory + "/index.json")
    }
    _ = try many.list()
    await many.finishMaintenance()
    try time("ggcode: listing 10,000 sessions") { _ = try many.list() }
    await many.finishMaintenance()

    let one = try JSONLStore(directory: folder + "/one", options: options)
    var session = newSession(vendor: "v", endpoint: "e", model: "m")
    let message = GGCodeStore.Message(role: "user", text: "the quick brown fox jumps over")
    func append(_ count: Int) throws {
      for _ in 0..<count { try one.appendMessage(message, to: &session) }
    }
    try append(10)
    try time("ggcode: appending 100 messages after message 10", times: 1) { try append(100) }
    // All but the last of them at once.
    session.messages = Array(repeating: message, count: 100_000)
    try one.save(&session)
    try time("ggcode: appending 100 messages after message 100,000") { try append(100) }
    try time("ggcode: searching 100,000 messages", times: 1) { _ = try one.search("quick fox") }
  }

  private static func measureRows(_ folder: String) throws {
    try createDirectory(folder)
    var config = Config()
    config.path = folder + "/sessions.db"
    let store = try SQLiteStore(config)
    let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
    var last = ""
    for number in 0..<50 {
      var session = TermLLMStore.Session(provider: "p", model: "m")
      try store.create(&session)
      last = session.id
      var messages: [TermLLMStore.Message] = []
      for place in 0..<1_000 {
        let text = (0..<30).map { words[(number * 7 + place * 3 + $0 * $0) % words.count] }
          .joined(separator: " ")
        messages.append(
          TermLLMStore.Message(role: "user", parts: Parts(text: text), textContent: text))
      }
      try store.replaceMessages(messages, of: session.id)
    }
    try time("term-llm: searching 50,000 messages") { _ = try store.search("alpha theta") }
    var one = TermLLMStore.Session(provider: "p", model: "m")
    try store.create(&one)
    func append(_ count: Int, to id: String) throws {
      for _ in 0..<count {
        var message = TermLLMStore.Message(role: "user", parts: "x", textContent: "fox")
        try store.addMessage(&message, to: id)
      }
    }
    try append(10, to: one.id)
    try time("term-llm: appending 100 messages after message 10") { try append(100, to: one.id) }
    let text = "fox"
    try store.replaceMessages(
      (0..<100_000).map { _ in
        TermLLMStore.Message(role: "user", parts: Parts(text: text), textContent: text)
      }, of: last)
    try time("term-llm: appending 100 messages after message 100,000") {
      try append(100, to: last)
    }
  }
}
