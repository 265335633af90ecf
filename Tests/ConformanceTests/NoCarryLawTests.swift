import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Without a carry nothing is stored but what the target's own tool says, on every path.
@Suite struct NoCarryLawTests {
  @Test(arguments: CopyTests.pairs)
  func `no original stays beside what is written`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    for way in ConversionWay.allCases {
      let folder = try TemporaryFolder()
      try await convert(
        fixture.input, fixture.format, to: folder.path("target"), target,
        options: way.options { $0.carries = false })
      try expectNoCarry(target, folder.path("target"), way)
    }
  }

  @Test(arguments: Registry.writable.map(\.info.id))
  func `a copy does not pass on what an earlier conversion kept`(_ format: String) async throws {
    let (source, from) =
      format == "ggcode"
      ? (Fixtures.root + "/term-llm/store/head-v46.db", "term-llm")
      : (Fixtures.root + "/ggcode/store", "ggcode")
    let folder = try TemporaryFolder()
    try await convert(source, from, to: folder.path("first"), format)
    for way in ConversionWay.allCases {
      let copy = folder.path(way.rawValue)
      try await convert(
        folder.path("first"), format, to: copy, format, options: way.options { $0.carries = false })
      try expectNoCarry(format, copy, way)
    }
  }

  @Test(
    arguments: Registry.writable.map(\.info.id).filter { $0 != "ggcode" }, ConversionWay.allCases)
  func `an original that stands there already goes when none is to be kept`(
    in target: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    let store = Fixtures.root + "/ggcode/store"
    let path = folder.path("target")
    try await convert(store, "ggcode", to: path, target)
    let options = way.options { $0.carries = false }
    var report = try await convert(store, "ggcode", to: path, target, options: options)
    #expect(report.sessions.allSatisfy { $0.status == .written })
    let source = try open(target, path)
    for summary in try source.sessions() {
      let header = try source.carryHeader(of: summary.id)
      #expect(header == nil || header?.header?.hasItems == false)
      #expect(try source.reader(for: summary.id).carry()?.nextStoredChunk() == nil)
    }
    report = try await convert(store, "ggcode", to: path, target, options: options)
    #expect(report.sessions.allSatisfy { $0.status == .unchanged })
    // What was kept of the store as a whole may be of another one: it stays, and is told.
    #expect(try source.carriedStoreRecords() != nil)
    #expect(report.storeFindings.contains { $0.rule == "carry.kept-before" })
  }

  /// What stands in an original alone: in a line that is no record, a record and a field that nobody
  /// knows, and in the store's index.
  static let secret = "only-in-the-original-7f3a"

  @Test(
    arguments: Registry.writable.map(\.info.id).filter { $0 != "ggcode" }, ConversionWay.allCases)
  func `what only an original says is found nowhere`(in target: String, _ way: ConversionWay)
    async throws
  {
    let folder = try TemporaryFolder()
    let minimal = Fixtures.root + "/ggcode/minimal/input"
    let id = OddStoreTests.id
    var bytes = try readFile(minimal + "/\(id).jsonl")
    bytes += Array(
      """
      \(Self.secret), which is no record
      {"type":"unheard_of","session_id":"\(id)","note":"\(Self.secret)"}
      {"type":"message","session_id":"\(id)","unheard_of":"\(Self.secret)","message":{"role":"user",\
      "content":[{"type":"text","text":"Again"}]}}\n
      """.utf8)
    try folder.write(bytes, to: "store/\(id).jsonl")
    try folder.write(
      Array(#"[{"id":"\#(id)","title":"t","unheard_of":"\#(Self.secret)"}]"#.utf8),
      to: "store/index.json")
    let path = folder.path("target")
    try await convert(
      folder.path("store"), "ggcode", to: path, target, options: way.options { $0.carries = false })
    // Formats that can say everything say it as their own content.
    let said = try open(target, path).all().map(\.canonicalText).joined()
    guard !said.contains(Self.secret) else { return }
    for (name, bytes) in try Snapshot(path).contents {
      let isFound = bytes.firstRange(of: Array(Self.secret.utf8)) != nil
      #expect(!isFound, "\(name)")
    }
  }

  private func expectNoCarry(_ format: String, _ path: String, _ way: ConversionWay) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let source = try open(format, path)
    #expect(try source.carriedStoreRecords() == nil, "\(way)")
    for summary in try source.sessions() {
      if let header = try source.carryHeader(of: summary.id) {
        #expect(header.header?.hasItems == false, "\(way): session \(summary.id)")
        #expect(header.header?.sourceHead == RawJSON("{}"), "\(way): session \(summary.id)")
      }
      let cursor = try source.reader(for: summary.id).carry()
      #expect(try cursor?.nextStoredChunk() == nil, "\(way): session \(summary.id)")
    }
  }
}
