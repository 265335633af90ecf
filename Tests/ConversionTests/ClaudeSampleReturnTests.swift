import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Real and third-party sessions, copied and brought to every other format and back.
@Suite(.enabled(if: CodexSamples.folder != nil))
struct ClaudeSampleReturnTests {
  static let folder = CodexSamples.folder.map {
    ($0 as NSString).deletingLastPathComponent + "/claude-code"
  }
  /// Folders laid out as a configuration folder, and single sessions.
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder ?? "")) ?? [])
    .filter { $0.hasSuffix(".jsonl") || !$0.contains(".") }.sorted()

  /// Each session's records, by identifier; of a sample they are the whole file.
  static func sessions(_ path: String) throws -> [String: [UInt8]] {
    let source = try ClaudeCode().open(path, options: ReadOptions())
    var sessions: [String: [UInt8]] = [:]
    for summary in try source.sessions() {
      let reader = try source.reader(for: summary.id)
      var bytes: [UInt8] = []
      while let entry = try reader.next() { bytes += entry.origin?.bytes ?? [] }
      sessions[summary.id] = bytes
      let isWhole = try bytes == readFile(summary.path) || path.contains("carryover-test")
      #expect(isWhole, "\(summary.path)")
    }
    return sessions
  }

  @Test(arguments: names)
  func `a copy in the same format has the same bytes`(_ name: String) async throws {
    let temporary = try TemporaryFolder()
    let path = try #require(Self.folder) + "/" + name
    let report = try await CodexSamples.convert(
      path, "claude-code", to: temporary.path("copy"), "claude-code")
    for session in report.sessions {
      #expect(session.fidelity == .exact, "\(session.source): \(session.reason ?? "")")
    }
    let isSame = try Self.sessions(temporary.path("copy")) == Self.sessions(path)
    #expect(isSame)
  }

  @Test(arguments: names, Registry.writable.map(\.info.id).filter { $0 != "claude-code" })
  func `it comes back byte for byte`(_ name: String, through middle: String) async throws {
    let temporary = try TemporaryFolder()
    let path = try #require(Self.folder) + "/" + name
    let there = try await CodexSamples.convert(
      path, "claude-code", to: temporary.path("middle"), middle)
    for session in there.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity == .complete, "\(session.source): \(session.losses)")
    }
    let back = try await CodexSamples.convert(
      temporary.path("middle"), middle, to: temporary.path("back"), "claude-code")
    for session in back.sessions {
      #expect(session.fidelity == .exact, "\(session.source): \(session.losses)")
    }
    let isSame = try Self.sessions(temporary.path("back")) == Self.sessions(path)
    #expect(isSame)
  }
}
