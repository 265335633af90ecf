import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A store is written anew where it is, without what conversions stored in it.
@Suite struct StripTests {
  @Test(arguments: Registry.writable.map(\.info.id))
  func `nothing but what was stored goes`(format: String) async throws {
    let folder = try TemporaryFolder()
    let target = try #require(Registry.format(format) as? any WritableSessionFormat)
    let origin = try #require(Registry.format(format == "pi" ? "ggcode" : "pi"))
    let fixture = format == "pi" ? "ggcode/images" : "pi/minimal"
    let path = folder.path("store") + (target.info.holdsRows ? ".db" : "")
    let options = WriteOptions(isDurable: false)
    _ = try await StoreConversion(
      from: origin, at: Fixtures.root + "/\(fixture)/input", to: target, at: path,
      writeOptions: options
    ).run()
    let before = try records(path, target)
    #expect(before.hasCarry && !before.sessions.isEmpty, "nothing is stored")
    var bare = ConversionOptions()
    bare.carries = false
    let report = try await StoreConversion(
      from: target, at: path, to: target, at: path, writeOptions: options, options: bare
    ).run()
    #expect(report.sessions.allSatisfy { $0.status == .written }, "\(report.sessions)")
    let after = try records(path, target)
    #expect(!after.hasCarry)
    #expect(after.sessions == before.sessions)
  }

  /// The bytes of the records of each session, and whether anything is stored with one.
  private func records(
    _ path: String, _ format: any SessionFormat
  ) throws -> (sessions: [String: [[UInt8]]], hasCarry: Bool) {
    let source = try format.open(path, options: .unlimited)
    var sessions: [String: [[UInt8]]] = [:]
    var hasCarry = false
    for session in try source.sessions() {
      let reader = try source.reader(for: session.id)
      while let entry = try reader.next() {
        sessions[session.id, default: []].append(Array(entry.origin?.bytes ?? []))
      }
      if try source.carryHeader(of: session.id) != nil { hasCarry = true }
    }
    return (sessions, hasCarry)
  }
}
