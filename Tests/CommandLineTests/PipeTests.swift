import Foundation
import TestSupport
import Testing

@Suite struct PipeTests {
  @Test func `a canonical session goes through pipes unchanged`() throws {
    let folder = try TemporaryFolder.withStore()
    let direct = try CommandLineRun(
      "carryover convert store one.session.jsonl --to canonical --session 20260301",
      in: folder.path)
    #expect(direct.code == 0)
    let piped = try CommandLineRun(
      "carryover convert store - --to canonical --session 20260301"
        + " | carryover convert - - --from canonical --to canonical", in: folder.path)
    #expect(piped.code == 0)
    let file = try String(contentsOfFile: folder.path("one.session.jsonl"), encoding: .utf8)
    #expect(!file.isEmpty)
    #expect(piped.output == file)
    #expect(try folder.files("tmp").isEmpty)
  }

  @Test func `a pipe goes back to the original bytes`() throws {
    let folder = try TemporaryFolder.withStore()
    let run = try CommandLineRun(
      "carryover convert store - --to canonical --quiet | carryover convert - back --to ggcode",
      in: folder.path)
    #expect(run.code == 0)
    let (original, back) = (try folder.files("store"), try folder.files("back"))
    for (name, bytes) in original where name != "index.json" {
      #expect(back[name] == bytes, "\(name)")
    }
  }

  @Test(arguments: [
    "show store --session 20260301 --all", "list store", "convert store - --to canonical",
    "convert store out --to canonical --json", "formats", "formats --markdown", "--help",
  ])
  func `a broken pipe is success`(command: String) throws {
    let folder = try TemporaryFolder.withStore()
    let pipe = Pipe()
    // Nobody reads from the beginning, so the first write fails.
    try pipe.fileHandleForReading.close()
    let errors = Pipe()
    let process = try CommandLineRun.start(
      "exec carryover " + command, in: folder.path, output: pipe, errors: errors)
    try pipe.fileHandleForWriting.close()
    try errors.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)
    #expect(try !folder.hasStrays())
  }
}
