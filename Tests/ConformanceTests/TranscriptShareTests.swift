import Conversion
import FileIO
import Foundation
import SessionFormats
import TestSupport
import Testing

/// Transcripts are for people: nearly all that stands in front of the carry is what they read.
@Suite struct TranscriptShareTests {
  /// How much of a transcript are markers.
  struct Share: CustomStringConvertible {
    var (bytes, markers, lines, markerLines) = (0, 0, 0, 0)

    mutating func add(_ file: String) throws {
      for line in try String(contentsOfFile: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      {
        if line.hasPrefix("<!-- carryover ") { return }
        let isMarker = line.hasPrefix("<!-- ")
        bytes += line.utf8.count + 1
        lines += 1
        markers += isMarker ? line.utf8.count + 1 : 0
        markerLines += isMarker ? 1 : 0
        #expect(!isMarker || line.utf8.count <= 48, "\(line)")
      }
    }

    /// Markers are at most a twentieth of the bytes and a tenth of the lines, or two in a few lines.
    var isForPeople: Bool { markers * 20 <= bytes && markerLines * 10 <= lines || markerLines <= 2 }

    var description: String { "\(markers) of \(bytes) bytes, \(markerLines) of \(lines) lines" }
  }

  private func share(_ input: String, _ format: String) async throws -> Share {
    let folder = try TemporaryFolder()
    let report = try await convert(input, format, to: folder.path("out"), "markdown")
    var share = Share()
    for session in report.sessions where session.status == .written {
      for file in session.files where file.hasSuffix(".md") { try share.add(file) }
    }
    return share
  }

  @Test(arguments: FixtureCase.all.filter { $0.format != "markdown" })
  func `of a fixture's transcript markers are a small part`(_ fixture: FixtureCase) async throws {
    let share = try await share(fixture.input, fixture.format)
    #expect(share.isForPeople, "\(share)")
  }

  private static let samples: [(format: String, path: String)] = ["claude-code", "codex"].flatMap {
    format -> [(String, String)] in
    let folder = Fixtures.projectRoot + "/../shared/samples/" + format
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().filter { name in
      // Of a scrubbed session all texts are the same few words.
      !name.hasSuffix(".md") && !name.hasSuffix(".json") && !name.contains("scrubbed")
    }
    .map { (format, folder + "/" + $0) }
  }

  @Test(arguments: samples)
  func `of a real session's transcript markers are a small part`(
    _ sample: (format: String, path: String)
  ) async throws {
    let share = try await share(sample.path, sample.format)
    #expect(share.isForPeople, "\(share)")
  }
}
