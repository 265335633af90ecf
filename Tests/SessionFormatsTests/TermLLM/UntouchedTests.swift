import FileIO
import GRDB
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct UntouchedTests {
  /// Names and contents of a folder, but for the shared index, which readers may touch.
  private func contents(_ path: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for entry in try listDirectory(path) where !entry.name.hasSuffix("-shm") {
      files[entry.name] = try readFile(path + "/" + entry.name)
    }
    return files
  }

  private func titles(_ path: String) throws -> [String?] {
    try TermLLM().open(path, options: ReadOptions()).sessions().map(\.title)
  }

  @Test func `Reading a database without a log creates and changes nothing`() throws {
    let scratch = try Scratch()
    let path = try scratch.copy("head-v46.db")
    let before = try contents(scratch.path)
    #expect(TermLLM().recognizes(path))
    #expect(try titles(path).count == 7)
    #expect(try contents(scratch.path) == before)
    #expect(try listDirectory(scratch.path).map(\.name) == ["sessions.db"])
  }

  @Test func `A log in use is read and stays as it is`() throws {
    let scratch = try Scratch()
    let path = try scratch.copy("head-v46.db")
    let live = try Fixture.database(path, write: true)
    try live.write { try $0.execute(sql: "UPDATE sessions SET name = 'only in the log'") }
    let before = try contents(scratch.path)
    #expect(before["sessions.db-wal"]?.isEmpty == false)
    #expect(try titles(path).allSatisfy { $0 == "only in the log" })
    #expect(try contents(scratch.path) == before)
    try live.close()
  }

  @Test func `A copied log is read and stays as it is`() throws {
    let scratch = try Scratch()
    let path = try scratch.copy("head-v46.db")
    let live = try Fixture.database(path, write: true)
    try live.write { try $0.execute(sql: "UPDATE sessions SET name = 'only in the log'") }
    let pair = try Scratch()
    for (name, bytes) in try contents(scratch.path) {
      var output = try AtomicOutput(replacing: pair.path + "/" + name)
      try output.write(bytes)
      try output.commit(durable: false)
    }
    try live.close()
    let before = try contents(pair.path)
    #expect(try titles(pair.path + "/sessions.db").allSatisfy { $0 == "only in the log" })
    #expect(try contents(pair.path) == before)
    #expect(try listDirectory(pair.path).map(\.name) == ["sessions.db", "sessions.db-wal"])
  }

  @Test func `A change while an unlocked file is read is noticed`() throws {
    let scratch = try Scratch()
    let path = try scratch.copy("seed-v7.db")
    let source = try TermLLM().open(path, options: ReadOptions())
    let live = try Fixture.database(path, write: true)
    try live.write { try $0.execute(sql: "UPDATE sessions SET name = 'changed'") }
    try live.close()
    let error = #expect(throws: FormatError.self) { try source.sessions() }
    #expect(error?.code == .busy)
  }

  @Test func `Damaged and foreign files are refused with a reason`() throws {
    let scratch = try Scratch()
    let whole = try readFile(Fixture.path("base-small.db"))
    func code(_ bytes: [UInt8]) throws -> FormatError.Code? {
      let path = scratch.path + "/damaged.db"
      var output = try AtomicOutput(replacing: path)
      try output.write(bytes)
      try output.commit(durable: false)
      let error = #expect(throws: FormatError.self) {
        let source = try TermLLM().open(path, options: ReadOptions())
        for summary in try source.sessions() {
          _ = try source.reader(for: summary.id).entries()
        }
      }
      #expect(error?.advice != nil)
      return error?.code
    }
    #expect(try code([]) == .notRecognised)
    #expect(try code(Array("not a database at all".utf8)) == .notRecognised)
    #expect(try code(Array(whole.prefix(60))) == .damaged)
    #expect(try code(Array(whole.prefix(whole.count / 2))) == .damaged)
    var random = whole
    for index in 0..<random.count { random[index] = UInt8(truncatingIfNeeded: index &* 167 &+ 13) }
    #expect(try code(random) == .notRecognised)
    var scrambled = whole
    for index in 100..<2_000 { scrambled[index] = 0xA5 }
    #expect(try code(scrambled) == .damaged)
    let missing = #expect(throws: FormatError.self) {
      try TermLLM().open(scratch.path + "/missing.db", options: ReadOptions())
    }
    #expect(missing?.code == .notFound)
  }

  @Test func `Versions that no tool opens are refused, newer ones read`() throws {
    let scratch = try Scratch()
    let path = try scratch.copy("base-small.db")
    func set(_ version: String) throws {
      let live = try Fixture.database(path, write: true)
      try live.write { try $0.execute(sql: "UPDATE schema_version SET version = \(version)") }
      try live.close()
    }
    try set("3")
    let old = #expect(throws: FormatError.self) {
      try TermLLM().open(path, options: ReadOptions())
    }
    #expect(old?.code == .unsupportedVersion)
    try set("47")
    #expect(try TermLLM().open(path, options: ReadOptions()).sessions().count == 3)
    let newer = #expect(throws: FormatError.self) {
      try TermLLM().target(at: path, options: WriteOptions())
    }
    #expect(newer?.code == .unsupportedVersion)
  }
}
