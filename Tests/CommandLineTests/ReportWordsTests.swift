import TestSupport
import Testing

/// What a report says in words is so.
@Suite struct ReportWordsTests {
  private static let lines = """
    {"type":"meta","created_at":"2026-05-01T09:00:00Z","updated_at":"2026-05-01T09:00:00Z"}
    {"type":"message","message":{"role":"user","content":[{"type":"text","text":"Which seeds?"}]}}
    {"type":"message","message":{"role":"assistant","content":[{"type":"text","text":"LONG"}]}}

    """

  @Test func `a record that is left out may be something that was said`() throws {
    let folder = try TemporaryFolder()
    for (name, text) in [
      ("short", "Beans."), ("long", String(repeating: "Beans. ", count: 600)),
    ] {
      try folder.write(
        Array(Self.lines.replacing("LONG", with: text).utf8), to: "\(name)/session.jsonl")
      let run = try CommandLineRun(
        "carryover convert \(name) \(name)-out --from ggcode --to canonical --max-record 2K",
        in: folder.path)
      #expect(run.code == 0, "\(run)")
      #expect(run.output.contains("Everything that was said is there.") == (name == "short"))
      #expect(run.output.contains("Kept nowhere: 1 record that is too long.") == (name == "long"))
    }
  }
}
