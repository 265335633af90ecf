import Foundation
import TestSupport
import Testing

/// `backup --all`.
@Suite struct BackupAllTests {
  @Test(arguments: ["all.tar.gz", "vault"])
  func `every store is taken, each under its tool`(bundle: String) throws {
    let folder = try TemporaryFolder()
    let home = "home"
    try FileManager.default.createDirectory(
      atPath: folder.path(home), withIntermediateDirectories: true)
    for (fixture, place) in [
      ("ggcode/store", ".ggcode/sessions"), ("claude-code/minimal/input", ".claude"),
    ] {
      let target = folder.path("\(home)/\(place)")
      try FileManager.default.createDirectory(
        atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: Fixtures.root + "/" + fixture, toPath: target)
    }
    let run = try CommandLineRun("carryover backup --all \(bundle)", in: folder.path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("ggcode: 6 sessions"), "\(run.output)")
    #expect(run.output.contains("claude-code: 1 session"), "\(run.output)")
    let back = try CommandLineRun(
      "carryover restore \(bundle) back && ls back && diff -r home/.ggcode/sessions back/ggcode",
      in: folder.path)
    #expect(back.code == 0, "\(back.output)\(back.errors)")
    #expect(back.output.contains("claude-code\nggcode\n"), "\(back.output)")
  }

  @Test func `where there is no store, or more is given, it is said`() throws {
    let folder = try TemporaryFolder.withStore()
    #expect(try CommandLineRun("carryover backup --all vault", in: folder.path).code == 3)
    #expect(try CommandLineRun("carryover backup --all store vault", in: folder.path).code == 2)
    #expect(try folder.files().keys.allSatisfy { $0.hasPrefix("store/") })
  }
}
