import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@Suite struct TermLLMReturnTests {
  static let stores = ["head-v46.db", "seed-v7.db", "base-small.db"]

  /// The native rows of every session, in order.
  func rows(_ path: String) throws -> [String: [UInt8]] {
    let format = try #require(Registry.format("term-llm"))
    let source = try format.open(path, options: ReadOptions())
    var rows: [String: [UInt8]] = [:]
    for summary in try source.sessions() {
      let reader = try source.reader(for: summary.id)
      var bytes: [UInt8] = []
      while let entry = try reader.next() { bytes += entry.origin?.bytes ?? [] }
      rows[summary.id] = bytes
    }
    return rows
  }

  func convert(
    _ from: String, _ format: String, to: String, _ target: String, profile: String? = nil
  ) async throws -> ConversionReport {
    let source = try #require(Registry.format(format))
    let writable = try #require(Registry.format(target) as? any WritableSessionFormat)
    return try await StoreConversion(
      from: source, at: from, to: writable, at: to,
      writeOptions: WriteOptions(profile: profile, isDurable: false)
    ).run()
  }

  @Test(arguments: stores, Registry.writable.map(\.info.id))
  func `a term-llm store comes back row for row`(name: String, middle: String) async throws {
    let folder = try TemporaryFolder()
    let store = Fixtures.root + "/term-llm/store/" + name
    let profile = name.hasPrefix("seed") ? "7" : "46"
    let between = folder.path("between")
    let there = try await convert(
      store, "term-llm", to: between, middle, profile: middle == "term-llm" ? profile : nil)
    for session in there.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity != .lossy, "\(session.source): \(session.losses)")
    }
    let back = try await convert(
      between, middle, to: folder.path("back.db"), "term-llm", profile: profile)
    for session in back.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity == .exact, "\(session.source): \(session.losses)")
    }
    let returned = try rows(folder.path("back.db"))
    let original = try rows(store)
    #expect(returned.count == original.count)
    for (id, bytes) in original {
      let isSame = returned[id] == bytes
      #expect(isSame, "session \(id) differs")
    }
  }

  @Test func `a live store takes sessions in, keeps its own, and is left alone when it has them`()
    async throws
  {
    let folder = try TemporaryFolder()
    let live = try folder.write(Fixtures.bytes("term-llm/store/seed-v7.db"), to: "live.db")
    let own = try rows(live)
    let source = Fixtures.root + "/ggcode/store"
    let first = try await convert(source, "ggcode", to: live, "term-llm")
    #expect(first.sessions.allSatisfy { $0.status == .written }, "\(first.sessions.map(\.reason))")
    let after = try rows(live)
    for (id, bytes) in own {
      let isSame = after[id] == bytes
      #expect(isSame, "session \(id) differs")
    }
    #expect(after.count == own.count + first.sessions.count)
    let again = try await convert(source, "ggcode", to: live, "term-llm")
    #expect(again.sessions.allSatisfy { $0.status == .unchanged })
    let isSame = try rows(live) == after
    #expect(isSame)
  }

  @Test(arguments: [("head-v46.db", "7"), ("seed-v7.db", "46"), ("base-small.db", "7")])
  func `a store changes its schema, and what has no place is told`(name: String, profile: String)
    async throws
  {
    let folder = try TemporaryFolder()
    let report = try await convert(
      Fixtures.root + "/term-llm/store/" + name, "term-llm", to: folder.path("new.db"),
      "term-llm", profile: profile)
    for session in report.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
    }
    // A copy of the result is exact.
    let again = try await convert(
      folder.path("new.db"), "term-llm", to: folder.path("copy.db"), "term-llm", profile: profile)
    #expect(again.sessions.allSatisfy { $0.fidelity == .exact })
  }
}
