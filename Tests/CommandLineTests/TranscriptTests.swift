import Foundation
import TestSupport
import Testing

/// Runs the transcripts of `Fixtures/cli`.
///
/// A line `$ command` is run by a shell in a folder that holds a copy of the sample store. Behind it
/// stand its standard output (`| `), its standard errors (`! `) and its exit code (`? `) unless 0.
/// `$CASES` is the folder of the cases that reports of users told of. All else is comment. Paths of the folder read `$TMP`, durations `N s`, compressed sizes `N kB`.
@Suite struct TranscriptTests {
  static var names: [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: Fixtures.root + "/cli")) ?? []
    return files.filter { $0.hasSuffix(".transcript") }.sorted()
  }

  @Test func `there are transcripts`() { #expect(Self.names.count >= 5) }

  @Test(arguments: names)
  func `the program speaks as written down`(name: String) throws {
    let path = Fixtures.root + "/cli/" + name
    let expected = try String(contentsOfFile: path, encoding: .utf8)
    let folder = try TemporaryFolder.withStore()
    var actual = ""
    for line in expected.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("| ") || line.hasPrefix("! ") || line.hasPrefix("? ") || line == "|"
        || line == "!"
      {
        continue
      }
      actual += line + "\n"
      guard line.hasPrefix("$ ") else { continue }
      // Whether files are old enough for a look at their times depends on how fast this runs.
      let command =
        "export XDG_CACHE_HOME=/dev/null CASES='\(Fixtures.root)/cases'; " + line.dropFirst(2)
      let run = try CommandLineRun(command, in: folder.path)
      actual += Self.block("|", run.output, folder) + Self.block("!", run.errors, folder)
      if run.code != 0 { actual += "? \(run.code)\n" }
    }
    // The text ended with a line end, behind which the splitting sees one more line.
    actual.removeLast()
    if actual != expected, ProcessInfo.processInfo.environment["CARRYOVER_ACCEPT"] == "1" {
      try actual.write(toFile: path, atomically: true, encoding: .utf8)
      return
    }
    let (lines, others) = (actual.split(separator: "\n"), expected.split(separator: "\n"))
    let difference = lines.difference(from: others).map { change in
      switch change {
      case .insert(_, let line, _): "is:     \(line)"
      case .remove(_, let line, _): "was:    \(line)"
      }
    }
    #expect(actual == expected, "\(difference.joined(separator: "\n"))")
  }

  private static func block(_ sign: String, _ text: String, _ folder: TemporaryFolder) -> String {
    guard !text.isEmpty else { return "" }
    var text = text.replacingOccurrences(of: folder.path, with: "$TMP")
    text = text.replacing(/in [0-9.]+ s/, with: "in N s")
    // What is read holds compressed originals, whose size depends on the library.
    text = text.replacing(/records?, [0-9.]+ k?B in/, with: "records, N kB in")
    // Compressed sizes depend on the times of files.
    text = text.replacing(/[0-9.]+ kB written/, with: "N kB written")
    if text.hasSuffix("\n") { text.removeLast() }
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "\(sign)\n" : "\(sign) \($0)\n" }.joined()
  }
}
