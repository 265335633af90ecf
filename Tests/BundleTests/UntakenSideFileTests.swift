import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// What lies in a session's own folder and is not taken by a backup.
@Suite struct UntakenSideFileTests {
  @Test(arguments: [[], [HomeTests.session]])
  func `links and names that cannot be taken are told as the session's`(
    sessions: [String]
  ) async throws {
    let support = try BundleSupport()
    let project = "claude/projects/-home-dev-app/"
    let fixture = "claude-code/sub-agent/input/projects/-home-dev-app/\(HomeTests.session).jsonl"
    try support.folder.write(
      try Fixtures.bytes(fixture), to: project + HomeTests.session + ".jsonl")
    let results = project + HomeTests.session + "/tool-results"
    try support.folder.write([1], to: results + "/1.txt")
    try support.folder.write([2], to: "elsewhere/2.txt")
    try FileManager.default.createSymbolicLink(
      atPath: support.folder.path(results + "/2.txt"),
      withDestinationPath: support.folder.path("elsewhere/2.txt"))
    try FileManager.default.createSymbolicLink(
      atPath: support.folder.path(project + HomeTests.session + "/images"),
      withDestinationPath: support.folder.path("elsewhere"))
    let made = try support.run("printf x > \"\(results)/$(printf 'caf\\351')\"")
    try #require(made.code == 0, "\(made.output)")
    // What belongs to no session is no failure.
    try FileManager.default.createSymbolicLink(
      atPath: support.folder.path("claude/plugins"),
      withDestinationPath: support.folder.path("elsewhere"))
    let report = try await support.backup(
      [BundleSupport.source("claude-code", support.folder.path("claude"), sessions)], "all.tar.gz")
    let told = report.findings.filter { $0.rule == "archive.side-file" }
    #expect(told.count == 3, "\(told)")
    #expect(told.allSatisfy { $0.message.contains(HomeTests.session) })
    #expect(report.hasFailures)
    #expect(report.untaken.map(\.place) == (sessions.isEmpty ? ["."] : []))
    #expect(report.proven == 1)
  }
}
