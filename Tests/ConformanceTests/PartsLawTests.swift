import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@testable import Conversion

/// Large sessions are compared in parts while they are written; it makes no difference.
@Suite struct PartsLawTests {
  @Test(arguments: FixtureCase.pairs.filter { $0.1 == "codex" })
  func `a session that is compared in parts comes out as any other`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    var options = ConversionOptions()
    let whole = try await convert(fixture, to: target, options)
    for size in [0, 3_000] {
      options.retainedBytes = 0
      options.batchBytes = size
      let parts = try await convert(fixture, to: target, options)
      #expect(parts.report == whole.report)
      #expect(parts.files.map(\.name) == whole.files.map(\.name))
      for (mine, other) in zip(parts.files, whole.files) {
        let isSame = mine.bytes == other.bytes
        #expect(isSame, "\(mine.name) differs")
      }
    }
  }

  @Test(arguments: FixtureCase.pairs.filter { $0.1 == "codex" })
  func `parts give what reading back the whole gives`(
    _ fixture: FixtureCase, to target: String
  ) throws {
    _ = try readInParts(fixture, to: target)
  }

  @Test func `sessions of the usual kinds are read back in parts`() throws {
    for name in ["claude-code/", "ggcode/", "term-llm/"] {
      let all = FixtureCase.pairs.filter { $0.1 == "codex" && $0.0.testDescription.hasPrefix(name) }
      let counts = try all.map { try readInParts($0.0, to: $0.1) }
      #expect(counts.reduce(0) { $0 + $1.inParts } > 0, "\(name)")
    }
  }

  /// Reads the sessions of an input back in parts; gives how many there were and how many could be.
  private func readInParts(
    _ fixture: FixtureCase, to target: String
  ) throws -> (sessions: Int, inParts: Int) {
    let folder = try TemporaryFolder()
    let format = try #require(Registry.format(fixture.format))
    let other = try #require(Registry.format(target) as? any WritableSessionFormat)
    let source = try format.open(fixture.input, options: ReadOptions())
    let store = try other.target(at: folder.path("target"), options: WriteOptions())
    var (sessions, inParts) = (0, 0)
    for summary in try source.sessions() {
      for step in [1, 7] {
        let reader = try source.reader(for: summary.id)
        let writer = try store.writer(
          for: reader.head, id: store.identifier(for: SessionHead(id: summary.id)))
        defer { writer.discard() }
        sessions += 1
        var entries: [Entry]? = []
        var head: SessionHead?
        var expected = 0
        func read() throws {
          guard let part = try entries == nil ? nil : writer.endPart() else {
            entries = nil
            return
          }
          let read = try part.read()
          entries? += read.entries
          head = read.head
        }
        var count = 0
        while let entry = try reader.next() {
          expected += try writer.write(entry)
          count += 1
          if count % step == 0 { try read() }
        }
        try writer.finishEntries()
        try read()
        expected += writer.trailingEntryCount
        let whole = try writer.readBack()
        guard let entries, let head else { continue }
        inParts += 1
        #expect(whole.head == head)
        #expect(entries.count == expected)
        var position = 0
        while let entry = try whole.next() {
          guard position < entries.count else { break }
          var mine = entries[position]
          // A head may lack what comes later.
          if case .headChange = mine.content, case .headChange = entry.content {
            mine.content = entry.content
          }
          #expect(mine.content == entry.content)
          #expect(mine.isEffective == entry.isEffective)
          #expect(mine.origin?.bytes == entry.origin?.bytes)
          #expect(mine.place == entry.place)
          position += 1
        }
        #expect(position == entries.count)
      }
    }
    store.discard()
    return (sessions, inParts)
  }

  private func convert(
    _ fixture: FixtureCase, to target: String, _ options: ConversionOptions
  ) async throws -> (report: String, files: [(name: String, bytes: [UInt8])]) {
    let folder = try TemporaryFolder()
    let path = folder.path("target")
    let source = try #require(Registry.format(fixture.format))
    let format = try #require(Registry.format(target) as? any WritableSessionFormat)
    let report = try await StoreConversion(
      from: source, at: fixture.input, to: format, at: path, options: options
    ).run()
    let text = String(decoding: report.json, as: UTF8.self)
      .replacingOccurrences(of: path, with: "target")
    let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    var files: [(name: String, bytes: [UInt8])] = []
    for name in names where try FileStatus(path: path + "/" + name)?.kind == .file {
      files.append((name, try readFile(path + "/" + name)))
    }
    return (text, files)
  }
}
