import FileIO
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What a writer says of records that it read back while it wrote them is what reading them gives.
@Suite struct RecordsReadBackTests {
  @Test(arguments: FixtureCase.writable)
  func `records that were read back while they were written`(_ fixture: FixtureCase) throws {
    _ = try check(fixture)
  }

  @Test func `copies within Claude Code are read back while they are written`() throws {
    let fixtures = FixtureCase.writable.filter { $0.format == "claude-code" }
    #expect(try fixtures.contains { try check($0) > 0 })
  }

  /// Copies the sessions of an input; gives how many were read back while they were written.
  private func check(_ fixture: FixtureCase) throws -> Int {
    let folder = try TemporaryFolder()
    let format = try #require(Registry.format(fixture.format) as? any WritableSessionFormat)
    let source = try format.open(fixture.input, options: ReadOptions())
    let store = try format.target(
      at: folder.path("target"), options: WriteOptions(profile: fixture.profile))
    var count = 0
    for summary in try source.sessions() {
      let reader = try source.reader(for: summary.id)
      let writer = try store.writer(for: reader.head, id: summary.id)
      defer { writer.discard() }
      while let entry = try reader.next() { _ = try writer.write(entry) }
      try writer.finishEntries()
      guard let told = writer.recordsReadBack else { continue }
      count += 1
      var found = RecordsReadBack(fingerprint: Fingerprint(), count: 0)
      let records = EntryRecords(try writer.readBack())
      while let record = try records.nextRecord() {
        found.fingerprint.update(record)
        found.count += 1
      }
      #expect(told == found, "\(summary.id)")
    }
    store.discard()
    return count
  }
}
