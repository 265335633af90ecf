import Foundation
import JSONText
import TestSupport
import Testing

@Suite struct JSONOutputTests {
  static let commands = [
    "formats --json", "list store --json", "list store --json --session 20260301",
    "show store 20260302 --json", "show store --session 20260301 --session 20260302 --json --all",
    "validate store --json", "convert store out --to canonical --json",
    "convert store out --to canonical --json --dry-run", "diff store store --json",
    "diff store other --json",
  ]

  @Test(arguments: commands)
  func `every command prints one JSON object of version 1`(command: String) throws {
    let folder = try TemporaryFolder.withStore()
    _ = try CommandLineRun("cp -r store other && rm other/20260301*", in: folder.path)
    let run = try CommandLineRun("carryover " + command, in: folder.path)
    #expect(run.errors.isEmpty)
    #expect(run.code == (command.contains("other") ? 1 : 0))
    let document = try JSONDocument(Array(run.output.utf8))
    #expect(document.root["version"]?.int64 == 1)
    #expect(!document.hasDuplicateKeys)
    #expect(run.output.hasSuffix("}\n"))
  }

  @Test func `the report file and the standard output say the same`() throws {
    let folder = try TemporaryFolder.withStore()
    let run = try CommandLineRun(
      "carryover convert store out --to canonical --json --report report.json", in: folder.path)
    #expect(run.code == 0)
    let report = try String(contentsOfFile: folder.path("report.json"), encoding: .utf8)
    #expect(report == run.output)
    let root = try JSONDocument(Array(report.utf8)).root
    #expect(root["from"]?.string?.string == "ggcode")
    #expect(root["sessions"]?.elements.count == 6)
    #expect(root["totals"]?["sessions"]?["written"]?.int64 == 6)
    let messages = root["sessions"]?.elements.reduce(0) {
      $0 + ($1["entries"]?["message"]?.int64 ?? 0)
    }
    #expect(root["totals"]?["messages"]?.int64 == messages)
  }

  @Test func `losses add up and --no-carry makes them losses`() throws {
    let folder = try TemporaryFolder.withStore()
    for (option, code) in [("", Int32(0)), (" --no-carry", 1)] {
      let run = try CommandLineRun(
        "carryover convert store out\(option.count).db --to term-llm --fail-on-loss --json\(option)",
        in: folder.path)
      #expect(run.code == code)
      let root = try JSONDocument(Array(run.output.utf8)).root
      let losses = root["sessions"]?.elements.flatMap {
        $0["losses"].map { Array($0.elements) } ?? []
      }
      let count = losses?.reduce(0) { $0 + ($1["count"]?.int64 ?? 0) } ?? 0
      #expect(count > 0)
      #expect(root["totals"]?["losses"]?.int64 == count)
      #expect(root["totals"]?["carried"]?.int64 == (option.isEmpty ? count : 0))
      #expect(losses?.allSatisfy { $0["carried"]?.bool == option.isEmpty } ?? false)
    }
  }
}
