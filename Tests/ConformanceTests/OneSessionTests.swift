import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

@testable import Conversion

/// Where there is room for one session, several are refused before anything is written.
@Suite struct OneSessionTests {
  /// Names of destinations: with them formats tell files from folders.
  static let names = ["target", "target.md", "target.jsonl", "standard-output.tmp"]
  static let targets = Registry.writable.map(\.info.id).flatMap { format in
    names.map { (format, $0) }
  }

  /// A store with several sessions that is not of a format.
  static func several(for target: String) -> (path: String, format: String) {
    target == "ggcode"
      ? (Fixtures.root + "/term-llm/store/head-v46.db", "term-llm")
      : (Fixtures.root + "/ggcode/store", "ggcode")
  }

  @Test(arguments: targets, [1, 3])
  func `several sessions all have room, or none is written`(
    _ target: (format: String, name: String), jobs: Int
  ) async throws {
    let folder = try TemporaryFolder()
    let source = Self.several(for: target.format)
    let path = folder.path(target.name)
    let holdsOne = try writable(target.format).holdsOneSession(at: path)
    for isDryRun in [true, false] {
      let options = ConversionOptions.with { options in
        options.jobs = jobs
        options.isDryRun = isDryRun
      }
      guard holdsOne else {
        let report = try await convert(
          source.path, source.format, to: path, target.format, options: options)
        #expect(report.sessions.allSatisfy { $0.status == .written })
        continue
      }
      let error = await #expect(throws: FormatError.self) {
        try await convert(source.path, source.format, to: path, target.format, options: options)
      }
      #expect(error?.code == .severalSessions)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
    guard !holdsOne else { return }
    let count = try open(source.format, source.path).sessions().count
    #expect(try open(target.format, path).sessions().count == count)
  }

  @Test(arguments: targets)
  func `a place that holds one session takes one, and stays as it is for several`(
    _ target: (format: String, name: String)
  ) async throws {
    let folder = try TemporaryFolder()
    let source = Self.several(for: target.format)
    let path = folder.path(target.name)
    guard try writable(target.format).holdsOneSession(at: path) else { return }
    let id = try #require(try open(source.format, source.path).sessions().first?.id)
    let report = try await convert(
      source.path, source.format, to: path, target.format, options: .with { $0.sessions = [id] })
    #expect(report.sessions.map(\.status) == [.written])
    #expect(try writable(target.format).holdsOneSession(at: path))
    let before = try Snapshot(path)
    let error = await #expect(throws: FormatError.self) {
      try await convert(
        source.path, source.format, to: path, target.format,
        options: .with { $0.onConflict = .replace })
    }
    #expect(error?.code == .severalSessions)
    #expect(try Snapshot(path) == before)
  }
}
