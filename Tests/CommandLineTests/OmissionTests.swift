import Foundation
import TestSupport
import Testing

/// What grants access is left out by every command, and people read that it is.
@Suite struct OmissionTests {
  @Test(arguments: [
    "convert sessions.db out --to ggcode", "convert sessions.db out --to ggcode --dry-run",
    "convert sessions.db copy.db --to term-llm", "backup sessions.db all.tar.gz",
  ])
  func `what is left out is named`(command: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Fixtures.bytes("term-llm/store/head-v46.db"), to: "sessions.db")
    let run = try CommandLineRun("carryover " + command, in: folder.path)
    #expect(run.code == 0, "\(run.errors)")
    #expect(
      run.output.contains(
        "left out: term-llm push_subscriptions, 1 record that grants access\n"), "\(run.output)")
  }
}
