import FileIO
import GRDB
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

/// Finds fixtures and makes folders that go with the test.
final class Scratch {
  let path: String

  init() throws {
    path = "/tmp/carryover-tests-\(UInt64.random(in: 0 ... .max))"
    try createDirectory(path)
  }

  deinit { try? removeTree(path) }

  /// A writable copy of a fixture.
  func copy(_ name: String, as newName: String = "sessions.db") throws -> String {
    let target = path + "/" + newName
    var output = try AtomicOutput(replacing: target)
    try output.write(readFile(Fixture.path(name)))
    try output.commit(durable: false)
    return target
  }
}

enum Fixture {
  static func path(_ name: String) -> String {
    let parts = #filePath.split(separator: "/").dropLast(4)
    return "/" + parts.joined(separator: "/") + "/Fixtures/term-llm/store/" + name
  }

  static func json(_ name: String) throws -> JSONValue {
    try JSONDocument(readFile(path(name))).root
  }

  static let stores = ["head-v46.db", "seed-v7.db", "base-small.db", "fts-stale.db"]

  /// Opens a database for checks, with SQLite's own rules.
  static func database(_ path: String, write: Bool = false) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = !write
    return try DatabaseQueue(path: path, configuration: configuration)
  }
}

/// A database of term-llm, opened for reading.
func termLLMSource(_ path: String) throws -> RowSource<TermLLM> {
  try RowSource(TermLLM(), path: path, options: ReadOptions())
}

extension SessionReader {
  /// All entries that are left.
  func entries() throws -> [Entry] {
    var entries: [Entry] = []
    while let entry = try next() { entries.append(entry) }
    return entries
  }
}
