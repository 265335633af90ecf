import FileIO
import GRDB
import JSONText
import SessionCoding
import SessionModel
import TestSupport
import Testing

@testable import SessionFormats

/// What the kit does for a format of rows, shown by one that has little of its own.
@Suite struct LedgerFormatTests {
  private let format = LedgerFormat()

  private func said(_ role: Role, _ texts: String...) -> Entry {
    Entry(.message(Message(role: role, blocks: texts.map { .text(Block.Text(JSONString($0))) })))
  }

  private func write(
    _ entries: [Entry], _ head: SessionHead, to target: any SessionTarget
  ) throws {
    let writer = try target.writer(for: head, id: head.id)
    var count = 0
    for entry in entries { count += try writer.write(entry) }
    try writer.finishEntries()
    #expect(try writer.readBack().entries().count == count + writer.trailingEntryCount)
    try writer.publish(header: nil)
  }

  private func entries(_ path: String, _ id: String) throws -> [Entry] {
    try format.open(path, options: ReadOptions()).reader(for: id).entries()
  }

  private func target(_ path: String) throws -> any SessionTarget {
    try format.target(at: path, options: WriteOptions(isDurable: false))
  }

  private func rows(_ path: String, _ table: String) throws -> [Row] {
    let queue = try DatabaseQueue(path: path)
    return try queue.read { try Row.fetchAll($0, sql: "SELECT * FROM \(table) ORDER BY 1, 2") }
  }

  private func folder() throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    return (folder, folder.path("ledger.db"))
  }

  @Test func `a row and its details are read as one message, and copied as they are`() throws {
    let (folder, path) = try folder()
    var head = SessionHead(id: "one")
    head.title = "A talk"
    let target = try target(path)
    try write([said(.user, "Good", "day"), said(.assistant, "Hello")], head, to: target)
    try target.publish()
    #expect(format.recognizes(path) && format.recognizes(folder.path("")))
    let source = try format.open(path, options: ReadOptions())
    #expect(try source.sessions().map(\.title) == ["A talk"])
    #expect(try source.sessions().map(\.messageCount) == [2])
    #expect(try source.storeFindings().isEmpty)
    let entries = try entries(path, "one")
    #expect(
      entries.map { String(decoding: $0.origin?.bytes ?? [], as: UTF8.self) } == [
        #"{"table":"talk","id":"one","title":"A talk","reply_to":null}"# + "\n",
        #"{"table":"line","id":"one-1","place":1,"who":"user"}"# + "\n"
          + #"{"table":"piece","line_id":"one-1","place":0,"data":{"json":{"text":"Good"}}}"# + "\n"
          + #"{"table":"piece","line_id":"one-1","place":1,"data":{"json":{"text":"day"}}}"# + "\n",
        #"{"table":"line","id":"one-2","place":2,"who":"assistant"}"# + "\n"
          + #"{"table":"piece","line_id":"one-2","place":0,"data":{"json":{"text":"Hello"}}}"#
          + "\n",
      ])
    #expect(
      entries.map(\.place) == [
        .row(path: path, table: "talk", row: 1), .row(path: path, table: "line", row: 1),
        .row(path: path, table: "line", row: 2),
      ])

    let copy = folder.path("copy/ledger.db")
    let second = try self.target(copy)
    try write(entries, head, to: second)
    try second.publish()
    for table in ["talk", "line", "piece"] {
      #expect(try rows(copy, table) == rows(path, table), "\(table)")
    }
  }

  @Test func `a live session is replaced with its details, or not after all`() throws {
    let (folder, path) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let new = try target(path)
    try write([said(.user, "old", "words")], SessionHead(id: "one"), to: new)
    try write([said(.user, "other")], SessionHead(id: "two"), to: new)
    try new.publish()
    let before = try rows(path, "piece")

    let live = try target(path)
    let writer = try live.writer(for: SessionHead(id: "one"), id: "one")
    _ = try writer.write(said(.user, "new"))
    writer.discard()
    #expect(try rows(path, "piece") == before)

    try write([said(.user, "new")], SessionHead(id: "one"), to: live)
    #expect(try rows(path, "piece").count == 2)
    #expect(try entries(path, "two").count == 2)
  }

  @Test func `a session that another program changed since the look is not replaced`() throws {
    let (folder, path) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let new = try target(path)
    try write([said(.user, "old")], SessionHead(id: "one"), to: new)
    try new.publish()

    let live = try target(path)
    let existing = try #require(try live.existing("one"))
    _ = try existing.fingerprint()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "UPDATE line SET who = 'system'") }
    let error = #expect(throws: FormatError.self) {
      try live.writer(for: SessionHead(id: "one"), id: "one", replacing: existing)
    }
    #expect(error?.code == .changed)
    #expect(try rows(path, "line").map { $0["who"] } == ["system"])
  }

  @Test func `a session refers to its parent as soon as that is there`() throws {
    let (folder, path) = try folder()
    defer { withExtendedLifetime(folder) {} }
    var child = SessionHead(id: "child")
    child.parent = ParentLink(id: "parent", kind: .subagent)
    let target = try target(path)
    try write([said(.user, "a")], child, to: target)
    try write([said(.user, "b")], SessionHead(id: "parent"), to: target)
    try target.publish()
    #expect(try entries(path, "child").count == 2)
    #expect(try rows(path, "talk").map { $0["reply_to"] as String? } == ["parent", nil])
  }

  @Test(arguments: [true, false])
  func `a carry stands beside a database whose schema is left alone`(isLive: Bool) throws {
    let (folder, path) = try folder()
    defer { withExtendedLifetime(folder) {} }
    if isLive {
      let new = try target(path)
      try write([said(.user, "there")], SessionHead(id: "old"), to: new)
      try new.publish()
    }
    let target = try target(path)
    let writer = try target.writer(for: SessionHead(id: "one"), id: "one")
    _ = try writer.write(said(.user, "a"))
    try writer.finishEntries()
    try writer.appendCarry(Array("\"AAAA\"".utf8))
    try writer.publish(header: nil)
    try target.carryStoreRecords([Array("{}".utf8)], of: "other")
    try target.publish()
    target.discard()

    let names = ["ledger.db", "ledger.db.carryover"]
    #expect(try listDirectory(folder.path).map(\.name).sorted() == names)
    let source = try RowSource(format, path: path, options: ReadOptions())
    #expect(source.database.layout.columns.keys.sorted() == ["line", "piece", "talk"])
    #expect(try source.carryHeader(of: "one") != nil)
    #expect(try source.carriedStoreRecords()?.format == "other")
    #expect(try listDirectory(folder.path).map(\.name).sorted() == names)
  }

  @Test func `a value that is too long is left out with its table and row`() throws {
    let (folder, path) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let long = String(repeating: "long ", count: 2_000)
    let target = try target(path)
    try write([said(.user, "a", long, "b")], SessionHead(id: "one"), to: target)
    try target.publish()
    let source = try format.open(path, options: ReadOptions(maximumRecordLength: 1_000))
    let reader = try source.reader(for: "one")
    let entries = try reader.entries()
    guard case .message(let message)? = entries.last?.content else {
      Issue.record("no message")
      return
    }
    #expect(message.blocks.count == 2)
    #expect(reader.findings.map(\.place) == [.row(path: path, table: "piece", row: 2)])
    #expect(try source.leftOut(of: "one").count == 1)
  }

  @Test func `damage is told with its table and row`() throws {
    let (folder, path) = try folder()
    defer { withExtendedLifetime(folder) {} }
    let target = try target(path)
    try write([said(.user, "a")], SessionHead(id: "one"), to: target)
    try target.publish()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "UPDATE piece SET data = '{'") }
    try queue.close()
    let found = try format.open(path, options: ReadOptions()).findings(of: "one")
    #expect(found.map(\.rule) == ["ledger.piece"])
    #expect(found.map(\.place) == [.row(path: path, table: "piece", row: 1)])
  }
}
