import FileIO
import GRDB
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

/// Copies a store entry by entry, as a conversion between equal formats does.
func copyStore(_ source: any SessionSource, to target: any SessionTarget) throws {
  for summary in try source.sessions() {
    let reader = try source.reader(for: summary.id)
    let writer = try target.writer(for: reader.head, id: reader.head.id)
    var count = 0
    while let entry = try reader.next() { count += try writer.write(entry) }
    try writer.finishEntries()
    let back = try writer.readBack().entries()
    #expect(back.count == count)
    try writer.publish(header: nil)
  }
  try target.restoreStoreRecords(try source.storeRecords().records)
  try target.publish()
}

@Suite struct CopyingTests {
  @Test(arguments: ["head-v46.db", "seed-v7.db", "base-small.db"])
  func `A copy has every row of every table, but none that grants access`(name: String) throws {
    let scratch = try Scratch()
    let source = try termLLMSource(Fixture.path(name))
    let path = scratch.path + "/sessions.db"
    let profile = try #require(source.profile)
    let target = try TermLLM().target(
      at: path, options: WriteOptions(profile: profile, isDurable: false))
    try copyStore(source, to: target)

    try expectSound(path)
    let copy = try termLLMSource(path)
    for (table, columns) in source.database.layout.columns
    where !table.hasPrefix("messages_fts") && table != "push_subscriptions" {
      let query =
        "SELECT \(columns.map(\.quoted).joined(separator: ", ")) FROM \(table) ORDER BY 1, 2"
      let order = columns.count == 1 ? query.replacing(", 2", with: "") : query
      #expect(
        try copy.database.rows(order) == source.database.rows(order), "table \(table)")
    }
    if copy.database.layout.columns["push_subscriptions"] != nil {
      #expect(try copy.database.rows("SELECT * FROM push_subscriptions").isEmpty)
    }
    #expect(try listDirectory(scratch.path).map(\.name) == ["sessions.db"])
  }

  @Test(arguments: TermLLM.schemas.map(\.profile))
  func `A new database has the documented schema`(profile: String) throws {
    let scratch = try Scratch()
    let path = scratch.path + "/new.db"
    let target = try TermLLM().target(
      at: path, options: WriteOptions(profile: profile, isDurable: false))
    let writer = try target.writer(for: SessionHead(id: "a"), id: "a")
    try writer.finishEntries()
    try writer.publish(header: nil)
    try target.publish()
    let schema = try #require(TermLLM.schemas.first { $0.profile == profile })
    let reference = scratch.path + "/reference.db"
    let queue = try Fixture.database(reference, write: true)
    try queue.write { database in
      for sql in schema.tables + schema.search { try database.execute(sql: sql) }
    }
    let query = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
    let wanted = try queue.read { try Row.fetchAll($0, sql: query) }
    let made = try Fixture.database(path).read { try Row.fetchAll($0, sql: query) }
    #expect(made == wanted)
    #expect(
      try Fixture.database(path).read {
        try Int.fetchAll($0, sql: "SELECT version FROM schema_version")
      } == [Int(profile)])
    try expectSound(path)
  }
}

/// Checks a database as SQLite itself can.
func expectSound(_ path: String) throws {
  let queue = try Fixture.database(path, write: true)
  try queue.writeWithoutTransaction { database in
    #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
    #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty)
    try database.execute(
      sql: "INSERT INTO messages_fts(messages_fts, rank) VALUES('integrity-check', 1)")
  }
  try queue.close()
}
