import Bundles
import Conversion
import FileIO
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A restoration gives back what sessions carry, or, where no originals are to be kept, none of it.
@Suite struct NoCarryTests {
  /// A vault of a store that was converted to a format; gives how many sessions it holds.
  func backUp(_ format: any WritableSessionFormat, in support: BundleSupport) async throws -> Int {
    let (from, source) =
      format.info.id == "ggcode"
      ? ("term-llm", BundleSupport.termLLM) : ("ggcode", BundleSupport.ggcode)
    let report = try await StoreConversion(
      from: BundleSupport.format(from), at: source, to: format, at: support.folder.path("store"),
      writeOptions: WriteOptions(isDurable: false)
    ).run()
    #expect(report.sessions.allSatisfy { $0.status == .written })
    try await support.backup(
      [BundleSupport.source(format.info.id, support.folder.path("store"))], "vault")
    return report.sessions.count
  }

  static let formats = Registry.writable.map(\.info.id)

  @Test(arguments: formats)
  func `what was carried comes back with its sessions`(_ id: String) async throws {
    let support = try BundleSupport()
    let format = try #require(Registry.format(id) as? any WritableSessionFormat)
    let count = try await backUp(format, in: support)
    let restored = try await support.restore("vault", "back")
    #expect(restored.sessions.count == count)
    BundleSupport.isExact(restored)
    let store = try format.open(support.folder.path("store"), options: ReadOptions())
    let back = try format.open(support.folder.path("back"), options: ReadOptions())
    for summary in try store.sessions() {
      let header = try store.carryHeader(of: summary.id)
      #expect(try back.carryHeader(of: summary.id) == header)
      #expect(header != nil)
    }
  }

  @Test(arguments: formats, [false, true])
  func `nothing of another format is restored when none is to be kept`(
    _ id: String, naming: Bool
  ) async throws {
    let support = try BundleSupport()
    let format = try #require(Registry.format(id) as? any WritableSessionFormat)
    let count = try await backUp(format, in: support)
    let restored = try await support.restore("vault", "back") { options in
      options.carries = false
      if naming { options.format = format }
    }
    #expect(restored.sessions.count == count)
    #expect(
      restored.sessions.allSatisfy { $0.status == .written },
      "\(restored.sessions.map { $0.reason ?? $0.status.rawValue })")
    let back = try format.open(support.folder.path("back"), options: ReadOptions())
    #expect(try back.carriedStoreRecords() == nil)
    for summary in try back.sessions() {
      #expect(try back.carryHeader(of: summary.id) == nil)
      #expect(try back.reader(for: summary.id).carry() == nil)
    }
  }
}
