import FileIO
import TestSupport
import Testing

/// `strip` asks, removes what is stored, and leaves everything else.
@Suite struct StripCommandTests {
  @Test func `a store is stripped when it is confirmed`() throws {
    let folder = try TemporaryFolder()
    let fixture = Fixtures.root + "/ggcode/images/input"
    func run(_ command: String) throws -> CommandLineRun {
      try CommandLineRun("carryover \(command)", in: folder.path)
    }
    #expect(try run("convert \(fixture) home --to codex").code == 0)
    let converted = try folder.files("home")
    let asked = try run("strip home")
    #expect(asked.code == 2 && asked.errors.contains("add --yes"))
    let planned = try run("strip home --dry-run")
    #expect(planned.code == 0 && planned.output.contains("from ggcode"))
    #expect(planned.output.contains("1 session would be stripped"))
    #expect(try folder.files("home") == converted)
    let done = try run("strip home --yes")
    #expect(done.code == 0 && done.output.contains("1 session stripped"), "\(done)")
    #expect(try folder.files("home") != converted)
    let again = try run("strip home --yes --json")
    #expect(again.code == 0 && again.output.contains("\"sessions\":[]"), "\(again.output)")
    #expect(try run("convert home back --to ggcode").code == 0)
  }

  @Test func `what is only read has nothing of ours`() throws {
    let folder = try TemporaryFolder()
    let fixture = Fixtures.root + "/specstory/history/input"
    let run = try CommandLineRun("carryover strip \(fixture) --from specstory", in: folder.path)
    #expect(run.code == 2 && run.errors.contains("only read"), "\(run)")
  }
}
