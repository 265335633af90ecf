import GGCodeStore
import TermLLMStore

/// Appends numbered messages to one session, as one of several processes of a test.
///
/// Arguments: `ggcode` or `term-llm`, the store, the session, the writer's number, how many.
@main
enum StoreWriter {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 6, let writer = Int(arguments[4]), let count = Int(arguments[5]) else {
      throw Usage()
    }
    if arguments[1] == "ggcode" {
      try writeLines(arguments[2], arguments[3], writer, count)
    } else {
      try writeRows(arguments[2], arguments[3], writer, count)
    }
  }

  struct Usage: Error {}

  private static func writeLines(
    _ folder: String, _ id: String, _ writer: Int, _ count: Int
  ) throws {
    var options = JSONLStore.Options()
    options.isDurable = false
    let store = try JSONLStore(directory: folder, options: options)
    var session = newSession(vendor: "v", endpoint: "e", model: "m")
    session.id = id
    for number in 0..<count {
      try store.appendMessage(
        GGCodeStore.Message(role: "user", text: "writer \(writer) message \(number)"),
        to: &session)
    }
  }

  private static func writeRows(
    _ path: String, _ id: String, _ writer: Int, _ count: Int
  ) throws {
    var config = Config()
    config.path = path
    let store = try SQLiteStore(config)
    for number in 0..<count {
      let text = "writer \(writer) message \(number)"
      var message = TermLLMStore.Message(
        role: "user", parts: Parts(text: text), textContent: text)
      try store.addMessage(&message, to: id)
    }
    try store.close()
  }
}
