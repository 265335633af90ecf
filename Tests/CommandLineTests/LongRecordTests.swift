import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// `--max-record` bounds what is read, in every command, and the message names it as it is typed.
@Suite struct LongRecordTests {
  private static let id = "20260501-090000-00000000000000f1"

  /// A ggcode store with one session, whose second message is long.
  private static func writeStore(_ folder: TemporaryFolder, length: Int = 100_000) throws {
    func message(_ text: String) -> String {
      #"{"type":"message","session_id":"\#(id)","created_at":"0001-01-01T00:00:00Z","updated_at":"#
        + #""0001-01-01T00:00:00Z","message":{"role":"user","content":[{"type":"text","text":"\#(text)"}]}}"#
        + "\n"
    }
    let meta =
      #"{"type":"meta","session_id":"\#(id)","title":"T","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z"}"#
      + "\n"
    let text =
      meta + message("before") + message(String(repeating: "long ", count: length / 5))
      + message("after")
    try folder.write(Array(text.utf8), to: "store/\(id).jsonl")
  }

  @Test func `each command reads on and says how the record is read`() throws {
    let folder = try TemporaryFolder()
    try Self.writeStore(folder)
    let place = "store/\(Self.id).jsonl:3:"
    let advice = "--max-record 98K"
    func run(_ command: String) throws -> CommandLineRun {
      try CommandLineRun("carryover \(command)", in: folder.path)
    }
    let list = try run("list store --max-record 64K")
    #expect(list.code == 0 && list.output.contains("T\n"))
    let validate = try run("validate store --max-record 64K")
    #expect(validate.code == 0)
    let show = try run("show store --max-record 64K")
    #expect(show.code == 0 && show.output.contains("after") && !show.output.contains("long"))
    let diff = try run("diff store store --max-record 64K")
    #expect(diff.code == 1)
    #expect(
      try run("diff store store --max-record 64K --json").output.contains(#""equal":false"#))
    let search = try run("search store long --max-record 64K")
    #expect(search.code == 0 && search.output.contains("0 results"))
    let convert = try run("convert store out.session.jsonl --to canonical --max-record 64K")
    #expect(convert.code == 0 && convert.output.contains("Fidelity: 1 lossy"))
    let strict = try run(
      "convert store out.session.jsonl --to canonical --max-record 64K --fail-on-loss")
    #expect(strict.code == 1 && strict.output.contains("1 unchanged"))
    for said in [
      validate.output, show.errors, diff.errors, search.errors, convert.output, strict.output,
    ] {
      #expect(said.contains(place) && said.contains(advice), "\(said)")
    }
    // The advice is as it is typed, and does what it says.
    let whole = try run("convert store out.session.jsonl --to canonical \(advice) --fail-on-loss")
    #expect(whole.code == 0 && whole.output.contains("1 complete"))
    #expect(try run("diff store store \(advice)").code == 0)
    #expect(try run("show store").output.contains("long"))
    #expect(try run("search store long").output.contains("1 result"))
  }

  @Test(arguments: ["ggcode", "claude-code", "codex", "markdown", "term-llm", "aider"])
  func `a backup holds the record or says that it does not`(format: String) throws {
    let folder = try TemporaryFolder()
    try Self.writeStore(folder)
    let there = try CommandLineRun(
      "carryover convert store other --to \(format) --no-carry", in: folder.path)
    #expect(there.code == 0, "\(there.errors)")
    for bundle in ["kept.tar.gz", "vault"] {
      let kept = try CommandLineRun(
        "carryover backup other \(bundle) --from \(format) --max-record 64K", in: folder.path)
      if kept.code == 0 {
        // Files are kept as they are, whatever is read of them.
        let back = try CommandLineRun(
          "carryover restore \(bundle) back-\(bundle) --to \(format) && "
            + "grep -qr 'long long long' back-\(bundle)", in: folder.path)
        #expect(back.code == 0, "\(back.output)\(back.errors)")
      } else {
        #expect(kept.code == 5, "\(kept.output)")
        #expect(kept.output.contains("--max-record"))
      }
      let whole = try CommandLineRun(
        "carryover backup other whole-\(bundle) --from \(format)", in: folder.path)
      #expect(whole.code == 0, "\(whole.output)")
    }
  }

  @Test func `a row that is left out is not taken for one that is missing`() throws {
    let folder = try TemporaryFolder()
    try Self.writeStore(folder)
    let there = try CommandLineRun(
      "carryover convert store sessions.db --to term-llm --no-carry", in: folder.path)
    #expect(there.code == 0, "\(there.errors)")
    let whole = try CommandLineRun("carryover validate sessions.db", in: folder.path)
    let part = try CommandLineRun(
      "carryover validate sessions.db --max-record 64K", in: folder.path)
    func rules(_ run: CommandLineRun) -> Set<Substring> {
      Set(run.output.matches(of: #/[a-z-]+\.[a-z-]+(?=\n| \()/#).map(\.output))
    }
    #expect(rules(part) == rules(whole).union(["record.too-long"]))
    // The size is the value's own.
    #expect(part.output.contains("sessions.db messages row 2: the record has 100"))
  }

  @Test func `sizes are read as they are told`() throws {
    let folder = try TemporaryFolder()
    try Self.writeStore(folder, length: 10)
    for (text, code) in [
      ("64M", 0), ("1g", 0), ("65536", 0), ("1K", 0), ("0", 2), ("1023", 2), ("-1", 2), ("M", 2),
      ("1.5M", 2), ("99999999999999999999", 2), ("9999999999G", 2),
    ] {
      let run = try CommandLineRun(
        "carryover list store --max-record=\(text)", in: folder.path)
      #expect(run.code == Int32(code), "\(text): \(run.errors)")
    }
  }

  #if os(Linux)
    /// The record is a hole in a file, so that it takes no room on the disk.
    @Test(arguments: ["list", "validate", "convert"])
    func `memory does not grow with a record that is left out`(command: String) throws {
      let folder = try TemporaryFolder()
      try Self.writeStore(folder, length: 10)
      let file = folder.path("store/\(Self.id).jsonl")
      let handle = try #require(FileHandle(forWritingAtPath: file))
      let end = try handle.seekToEnd()
      try handle.truncate(atOffset: end + 1 << 30)
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("\n".utf8))
      try handle.close()
      let rest = command == "convert" ? " out.session.jsonl --to canonical" : ""
      // As much room for addresses as the program needs anyhow, and the limit.
      let run = try CommandLineRun(
        "ulimit -v 700000; exec carryover \(command) store\(rest) --quiet --max-record 64M",
        in: folder.path)
      #expect(!run.isKilled && [0, 1].contains(run.code), "\(run.errors)")
    }
  #endif
}
