import FileIO
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct ClaudeDamageTests {
  static let small = ClaudeFixture.cases.filter {
    $0 != "long-chain" && $0 != "huge-first-prompt"
  }

  @Test(arguments: small)
  func `every beginning of a file is read, and nothing of it vanishes`(_ name: String) throws {
    let source = try ClaudeFixture.source(ClaudeFixture.root + "/\(name)/input")
    let first = try source.sessions().first
    let summary = try #require(first)
    let whole = try readFile(summary.path)
    let scratch = try Scratch()
    let path = scratch.path + "/0c0ffee0-0000-4000-8000-000000000001.jsonl"
    let step = max(1, whole.count / 30)
    for length in stride(from: 0, through: whole.count, by: step) {
      let part = Array(whole[..<length])
      var output = try AtomicOutput(replacing: path)
      try output.write(part)
      try output.commit(durable: false)
      let read = try ClaudeFixture.read(path)
      let bytes = read.entries.flatMap { $0.origin.map { Array($0.bytes) } ?? [] }
      let isSame = bytes == part
      #expect(isSame, "\(length) bytes")
    }
  }

  @Test func `a hundred thousand records in one chain`() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/0c0ffee0-0000-4000-8000-000000000001.jsonl"
    var output = try AtomicOutput(replacing: path)
    let count = 100_000
    for number in 0..<count {
      let line = ClaudeFixture.line(
        number % 2 == 0 ? "user" : "assistant", "u\(number)",
        number == 0 ? nil : "u\(number - 1)", "[{\"type\":\"text\",\"text\":\"\(number)\"}]")
      try output.write(line + "\n")
    }
    try output.commit(durable: false)
    let file = ClaudeFile(single: path)
    let scan = try ClaudeSource(file: file).scanned(file.id)
    let chain = try #require(scan.decoder.chain)
    #expect(chain.isUsed.allSatisfy { $0 })
    #expect(scan.head.messageCount == count)
  }

  @Test func `chains backwards, in cycles and without ends`() throws {
    let scratch = try Scratch()
    let count = 20_000
    var lines: [String] = []
    // Each names the one after it; the last names the first.
    for number in 0..<count {
      lines.append(
        ClaudeFixture.line("user", "u\(number)", "u\((number + 1) % count)", "\"\(number)\""))
    }
    var read = try ClaudeFixture.read(ClaudeFixture.file(lines, in: scratch))
    #expect(read.effective.count == count)
    #expect(read.rules.contains("claude-code.parent-cycle"))
    // All name parents that do not exist.
    lines = (0..<count).map { ClaudeFixture.line("user", "u\($0)", "x\($0)", "\"\($0)\"") }
    read = try ClaudeFixture.read(ClaudeFixture.file(lines, in: scratch))
    #expect(read.entries.count == count)
    #expect(!read.effective.isEmpty)
  }

  @Test func `a line of many megabytes is one entry`() throws {
    let scratch = try Scratch()
    let big = String(repeating: "0123456789abcdef", count: 1 << 20)
    let path = try ClaudeFixture.file(
      [
        ClaudeFixture.line("user", "a", nil, "\"one\""),
        ClaudeFixture.line(
          "assistant", "b", "a",
          "[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"x\",\"input\":{}}]"),
        ClaudeFixture.line(
          "user", "c", "b",
          "[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"\(big)\"}]"),
      ], in: scratch)
    let read = try ClaudeFixture.read(path)
    guard case .toolResult(let result)? = read.messages[2].blocks.first else {
      Issue.record("no result")
      return
    }
    #expect(result.content.first?.plainText?.utf8Count == big.utf8.count)
  }

  @Test func `deep nesting is kept and not descended into`() throws {
    let scratch = try Scratch()
    let deep = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
    let path = try ClaudeFixture.file(
      [ClaudeFixture.line("user", "a", nil, "\"one\""), "{\"type\":\"user\",\"message\":\(deep)}"],
      in: scratch)
    let read = try ClaudeFixture.read(path)
    #expect(read.entries.count == 2)
    #expect(read.rules.contains("claude-code.line-decodes"))
  }
}
