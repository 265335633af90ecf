internal import FileIO
internal import JSONText

/// The names that people gave threads: `session_index.jsonl`, append-only, the last one wins.
struct CodexNames {
  static let fileName = "session_index.jsonl"
  /// The last name of each thread.
  private(set) var names: [String: String] = [:]

  /// Reads such a file; lines of over a megabyte name nothing.
  init(path: String) throws(FileError) {
    var lines = try LineReader(path: path, maximumLineLength: 1 << 20)
    while let line = try lines.next(passingOver: { _ in }) { add(line.bytes) }
  }

  /// Reads the lines of such a file.
  init(lines bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) { add(Array(line)) }
  }

  private mutating func add(_ line: [UInt8]) {
    guard let root = JSONDocument(ifValid: line)?.root, let id = root.text("id"),
      let name = root.text("thread_name"), Self.isName(name)
    else { return }
    names[id.lowercased()] = name
  }

  /// Whether a text can name a thread: the program ignores blank ones.
  static func isName(_ text: String) -> Bool { !text.allSatisfy(\.isWhitespace) }

  subscript(_ id: String) -> String? { names[id.lowercased()] }

  /// The lines of another such file for threads that have no name here.
  func missing(of lines: [UInt8]) -> [UInt8] {
    lines.split(separator: UInt8(ascii: "\n")).filter { line in
      // A line that is no name of a thread names nothing.
      guard let id = JSONDocument(ifValid: Array(line))?.root.text("id") else { return false }
      return self[id] == nil
    }.flatMap { $0 + [UInt8(ascii: "\n")] }
  }

  /// The line that gives a thread a name.
  static func line(id: String, name: String, updated: String) -> [UInt8] {
    var json = JSONWriter(reserving: 256)
    json.object([
      "id": JSONString(id), "thread_name": JSONString(name), "updated_at": JSONString(updated),
    ])
    json.newline()
    return json.bytes
  }
}
