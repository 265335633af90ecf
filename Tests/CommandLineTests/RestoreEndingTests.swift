import FileIO
import Foundation
import TestSupport
import Testing

/// What `restore` exits with.
@Suite struct RestoreEndingTests {
  private func backUp(_ folder: TemporaryFolder) throws {
    let store = Fixtures.root + "/ggcode/store"
    let run = try CommandLineRun("carryover backup \(store) vault", in: folder.path)
    try #require(run.code == 0, "\(run.errors)")
  }

  @Test(arguments: [nil, ""])
  func `a bundle whose list of sessions is gone or empty is no success`(list: String?) throws {
    let folder = try TemporaryFolder()
    let store = Fixtures.root + "/ggcode/store"
    let made = try CommandLineRun(
      "carryover backup \(store) bag.tar.gz && tar xzf bag.tar.gz", in: folder.path)
    try #require(made.code == 0, "\(made.errors)")
    try FileManager.default.removeItem(atPath: folder.path("bag/index.jsonl"))
    if let list { try folder.write(Array(list.utf8), to: "bag/index.jsonl") }
    let run = try CommandLineRun("carryover restore bag back", in: folder.path)
    #expect(run.code == 3, "\(run.output)")
    #expect(run.errors.contains("index.jsonl") && run.errors.contains("raw/"), "\(run.errors)")
  }

  @Test func `sessions that are skipped for others in their places are told by the exit code`()
    throws
  {
    let folder = try TemporaryFolder()
    try backUp(folder)
    try folder.write(Array("{}\n".utf8), to: "back/20260406-100000.jsonl")
    let run = try CommandLineRun("carryover restore vault back", in: folder.path)
    #expect(run.code == 1, "\(run.output)")
    let again = try CommandLineRun(
      "carryover restore vault back --on-conflict replace", in: folder.path)
    #expect(again.code == 0, "\(again.output)")
  }

  @Test func `a symbolic link above a session is a failure`() throws {
    let folder = try TemporaryFolder()
    let place = "claude/projects/-home-dev-app/"
    try folder.write(
      try Fixtures.bytes(
        "claude-code/sub-agent/input/projects/-home-dev-app/0c0ffee0-0000-4000-8000-000000000001.jsonl"
      ), to: place + "0c0ffee0-0000-4000-8000-000000000001.jsonl")
    let backup = try CommandLineRun("carryover backup claude vault", in: folder.path)
    try #require(backup.code == 0, "\(backup.errors)")
    try createDirectory(folder.path("back"))
    try createDirectory(folder.path("elsewhere"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("back/projects"), withDestinationPath: folder.path("elsewhere"))
    let run = try CommandLineRun("carryover restore vault back", in: folder.path)
    #expect(run.code == 5, "\(run.output)")
    #expect(run.output.contains("symbolic link"), "\(run.output)")
  }
}
