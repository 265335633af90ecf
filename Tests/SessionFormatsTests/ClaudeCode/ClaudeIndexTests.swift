import FileIO
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct ClaudeIndexTests {
  /// The lines of all samples, over and over, between some that are long.
  private func longFile(in scratch: Scratch) throws -> String {
    var lines: [[UInt8]] = []
    for name in ClaudeFixture.cases where name != "huge-first-prompt" {
      let source = try ClaudeFixture.source(ClaudeFixture.root + "/\(name)/input")
      for summary in try source.sessions() {
        lines += try readFile(summary.path).split(separator: UInt8(ascii: "\n")).map { Array($0) }
      }
    }
    let path = scratch.path + "/0c0ffee0-0000-4000-8000-000000000001.jsonl"
    var output = try AtomicOutput(replacing: path)
    var number = 0
    while output.bytesWritten < 20 << 20 {
      try output.write(lines[number * 7_919 % lines.count])
      try output.write("\n")
      number += 1
      if number % 50 == 0 {
        let text = String(repeating: "x", count: number % 1_000 == 0 ? 5 << 20 : 30_000)
        try output.write(
          ClaudeFixture.line("user", "long \(number)", "long \(number - 50)", "\"\(text)\"") + "\n")
      }
      if number % 300 == 0 { try output.write(ClaudeLine.carryStart + Array("}\n".utf8)) }
    }
    try output.commit(durable: false)
    return path
  }

  @Test func `a long file in parts gives what it gives as a whole`() throws {
    let scratch = try Scratch()
    let path = try longFile(in: scratch)
    let options = ReadOptions()
    let joined = try ClaudeIndex(path: path, options: options)
    let whole = try ClaudeIndex(path: path, part: 0..<UInt64.max, options: options)
    #expect(ClaudeIndexParts(path: path, options: options)?.index() != nil)
    #expect(joined.fingerprint == whole.fingerprint)
    #expect(try ClaudeSource.fingerprint(path: path, options: options) == whole.fingerprint)
    #expect(joined.nodes.map { "\($0)" } == whole.nodes.map { "\($0)" })
    #expect(joined.nodeOfSlot == whole.nodeOfSlot)
    #expect(Array(joined.ids) == Array(whole.ids))
    #expect(joined.preserved.mapValues { "\($0)" } == whole.preserved.mapValues { "\($0)" })
    #expect(joined.leafChoice.map { "\($0)" } == whole.leafChoice.map { "\($0)" })
    #expect(joined.messageCount == whole.messageCount)
    #expect(joined.startsAsSideChain == whole.startsAsSideChain)
    #expect(joined.marker?.raw == whole.marker?.raw)
    var facts = whole.facts
    facts.finish()
    #expect("\(joined.facts.head)" == "\(facts.head)")
  }
}

extension ClaudeFacts {
  /// What heads are made of.
  fileprivate var head: [String] {
    [
      title, summary, tag, agent, mode, workspace, gitBranch, model, firstSession, lastSession,
      forkedFrom?.session, created?.rfc3339, updated?.rfc3339, usage.map { "\($0)" },
      "\(common.map { ($0.key, $0.value.string) })",
    ].map { $0 ?? "none" }
  }
}
