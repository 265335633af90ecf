#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes a store of a given shape: `make-corpus KIND FOLDER [SEED [PERCENT]]`.
///
/// The kinds that begin with `claude` are sessions of Claude Code, the others are ggcode stores.
@main
enum MakeCorpus {
  private struct Shape {
    var sessions: Int
    var sessionBytes: Int
    var recordBytes: ClosedRange<Int>
  }

  private static let shapes: [String: Shape] = [
    "ordinary": Shape(sessions: 200, sessionBytes: 1_000_000, recordBytes: 300...30_000),
    "large": Shape(sessions: 1, sessionBytes: 400_000_000, recordBytes: 300...30_000),
    "many": Shape(sessions: 10_000, sessionBytes: 20_000, recordBytes: 300...3_000),
  ]

  /// Sessions of Claude Code: how many, and their size in bytes.
  private static let claudeShapes = [
    "claude": (1, 50_000_000), "claude-large": (1, 400_000_000), "claude-many": (5_000, 63_000),
  ]

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let names = (Array(shapes.keys) + claudeShapes.keys).sorted().joined(separator: "|")
    guard (2...4).contains(arguments.count),
      shapes[arguments[0]] != nil || claudeShapes[arguments[0]] != nil,
      let seed = arguments.count > 2 ? UInt64(arguments[2]) : 1,
      let percent = arguments.count > 3 ? Int(arguments[3]) : 100, (1...100).contains(percent)
    else { fail("usage: make-corpus \(names) FOLDER [SEED [PERCENT]]") }
    let folder = arguments[1]
    if let (sessions, size) = claudeShapes[arguments[0]] {
      if sessions == 1 { return writeClaude(1, size / 100 * percent, seed: seed, to: folder) }
      return writeClaude(max(1, sessions * percent / 100), size, seed: seed, to: folder)
    }
    guard var shape = shapes[arguments[0]] else { return }
    if shape.sessions == 1 {
      shape.sessionBytes = shape.sessionBytes / 100 * percent
    } else {
      shape.sessions = max(1, shape.sessions * percent / 100)
    }
    make(folder)

    var entries: [String] = []
    var total = 0
    for number in 0..<shape.sessions {
      var session = SessionWriter(number: number, seed: seed)
      var file = OutputFile(path: "\(folder)/\(session.id).jsonl")
      session.write(size: shape.sessionBytes, recordBytes: shape.recordBytes, to: &file)
      total += file.bytesWritten
      entries.append(session.indexEntry)
    }
    var index = OutputFile(path: "\(folder)/index.json")
    index.write(Array(("[\n" + entries.joined(separator: ",\n") + "\n]").utf8))
    print("\(shape.sessions) sessions, \(total) bytes")
  }

  private static func writeClaude(_ sessions: Int, _ size: Int, seed: UInt64, to folder: String) {
    make(folder)
    make("\(folder)/projects")
    make("\(folder)/projects/-home-dev-tea-shop")
    var total = 0
    for number in 0..<sessions {
      var session = ClaudeSessionWriter(seed: seed + UInt64(number))
      var file = OutputFile(path: "\(folder)/projects/\(session.path)")
      session.write(size: size, to: &file)
      total += file.bytesWritten
    }
    print("\(sessions) sessions, \(total) bytes")
  }

  private static func make(_ folder: String) {
    if mkdir(folder, 0o700) != 0 && errno != EEXIST { fail("cannot create \(folder)") }
  }
}
