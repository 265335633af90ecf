import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@testable import Conversion

/// Large sessions are copied in batches, and compared meanwhile where the target can; it makes no
/// difference.
@Suite struct PartsLawTests {
  @Test(arguments: FixtureCase.pairs)
  func `a session that is copied in batches comes out as any other`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    let folder = try TemporaryFolder()
    let whole = try await convert(
      fixture.format, fixture.input, to: target, at: folder.path("whole"))
    let sizes = target == "codex" ? [0, 3_000] : [0]
    for size in sizes {
      let batched = try await convert(
        fixture.format, fixture.input, to: target, at: folder.path("\(size)"), inBatchesOf: size)
      expectSame(batched, whole)
    }
    // The way back, where what was stored of the original is put together again.
    guard Registry.format(fixture.format) is any WritableSessionFormat else { return }
    let there = folder.path("whole")
    let back = try await convert(target, there, to: fixture.format, at: folder.path("back"))
    for size in sizes {
      let batched = try await convert(
        target, there, to: fixture.format, at: folder.path("back-\(size)"), inBatchesOf: size)
      expectSame(batched, back)
    }
  }

  @Test(arguments: FixtureCase.pairs.filter { ["codex", "canonical"].contains($0.1) })
  func `records that are too long are left out alike in batches`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    let folder = try TemporaryFolder()
    for longest in [300, 1_200] {
      let options = ReadOptions(maximumRecordLength: longest)
      let whole = try? await convert(
        fixture.format, fixture.input, to: target, at: folder.path("whole-\(longest)"), options)
      for size in [0, 3_000] {
        let batched = try? await convert(
          fixture.format, fixture.input, to: target, at: folder.path("\(longest)-\(size)"), options,
          inBatchesOf: size)
        #expect((whole == nil) == (batched == nil))
        if let whole, let batched { expectSame(batched, whole) }
      }
    }
  }

  @Test(arguments: FixtureCase.pairs.filter { $0.0.format == "claude-code" && $0.1 == "codex" })
  func `a session whose carry was damaged comes back alike in batches`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    let folder = try TemporaryFolder()
    let there = folder.path("there")
    let written = try await convert(fixture.format, fixture.input, to: target, at: there)
    var generator = SeededGenerator(seed: 7)
    for round in 0..<4 {
      for (name, bytes) in written.files where name.hasSuffix(".jsonl") && bytes.count > 40 {
        var bytes = bytes
        bytes[Int.random(in: bytes.count / 2..<bytes.count - 1, using: &generator)] = 0x7B
        try Data(bytes).write(to: URL(filePath: there + "/" + name))
      }
      let back = try? await convert(
        target, there, to: fixture.format, at: folder.path("back-\(round)"))
      let batched = try? await convert(
        target, there, to: fixture.format, at: folder.path("batched-\(round)"), inBatchesOf: 0)
      #expect((back == nil) == (batched == nil))
      if let back, let batched { expectSame(batched, back) }
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

  /// What a conversion gave: its report, and the files of the target.
  private typealias Outcome = (report: String, files: [(name: String, bytes: [UInt8])])

  private func expectSame(_ mine: Outcome, _ other: Outcome) {
    #expect(mine.report == other.report)
    #expect(mine.files.map(\.name) == other.files.map(\.name))
    for (mine, other) in zip(mine.files, other.files) {
      let isSame = mine.bytes == other.bytes
      #expect(isSame, "\(mine.name) differs")
    }
  }

  private func convert(
    _ format: String, _ input: String, to target: String, at path: String,
    _ readOptions: ReadOptions = ReadOptions(), inBatchesOf size: Int? = nil
  ) async throws -> Outcome {
    var options = ConversionOptions()
    if let size {
      options.retainedBytes = 0
      options.batchBytes = size
    }
    let source = try #require(Registry.format(format))
    let other = try #require(Registry.format(target) as? any WritableSessionFormat)
    let report = try await StoreConversion(
      from: source, at: input, to: other, at: path, options: options
    ).run(readOptions: readOptions)
    let text = String(decoding: report.json, as: UTF8.self)
      .replacingOccurrences(of: path, with: "target")
    var files: [(name: String, bytes: [UInt8])] = []
    if try FileStatus(path: path)?.kind == .file { return (text, [("", try readFile(path))]) }
    let names = try FileManager.default.subpathsOfDirectory(atPath: path).sorted()
    for name in names where try FileStatus(path: path + "/" + name)?.kind == .file {
      files.append((name, try readFile(path + "/" + name)))
    }
    return (text, files)
  }
}
