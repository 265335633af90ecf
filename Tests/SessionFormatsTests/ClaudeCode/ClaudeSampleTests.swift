import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

/// Real and third-party files, read where they are.
@Suite(.enabled(if: ClaudeFixture.hasSamples)) struct ClaudeSampleTests {
  /// Lines, records of the graph and records in use, by file.
  static let counts: [(file: String, lines: Int, records: Int, used: Int?)] = [
    ("real-v1.0.108-streaming-duplicates.jsonl", 29, 29, 29),
    ("real-continued-with-summary.jsonl", 7, 6, 6),
    ("real-inline-sidechain-task.jsonl", 10, 8, 8),
    ("compaction-linear-boundary.jsonl", 6, 6, 4),
    ("minimal-foreign.jsonl", 5, 4, 4),
    ("real-2.1.329-tools", 73, 49, 49),
    // The program preserves more, and drops more, than the published rule that was measured with.
    ("real-2.1.329-interactive", 127, 78, nil),
    ("edge-cases-v1.jsonl", 19, 14, nil),
    ("all-record-types-scrubbed.jsonl", 89, 71, nil),
  ]

  @Test(arguments: counts.map(\.file))
  func `files count as measured`(_ file: String) throws {
    let expected = try #require(Self.counts.first { $0.file == file })
    let source = try ClaudeFixture.source(ClaudeFixture.samples + "/" + file)
    // In a folder the main file is the largest.
    let main = try source.sessions().max { $0.byteCount < $1.byteCount }
    let path = try #require(main).path
    let read = try ClaudeFixture.read(path)
    // What a compaction preserved is said once more, by the summary's line.
    #expect(read.entries.count { $0.origin?.bytes.isEmpty == false } == expected.lines)
    let single = ClaudeFile(single: path)
    let decoder = try ClaudeSource(file: single).scanned(single.id).decoder
    #expect(decoder.graph.nodes.count == expected.records)
    if let used = expected.used { #expect(decoder.chain?.isUsed.count { $0 } == used) }
  }

  static let resumed = [
    ("real-2.1.329-tools", "5a3c1d20-7b1e-4c55-9a10-3f2b8c6d0a01"),
    ("real-2.1.329-interactive", "451030fc-135e-4b3f-b744-0a6418bf6f20"),
    ("minimal-foreign.jsonl", "minimal-foreign"),
  ]

  @Test(arguments: resumed)
  func `the effective view is what the program sent`(_ name: String, _ id: String) throws {
    let stem = name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : name
    let file = ClaudeFixture.samples + "/\(stem).resume-messages.json"
    let sent = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file)))
        as? [[String: Any]])
    let expected = sent.dropLast().flatMap(Self.gists)
    let read = try ClaudeFixture.read(ClaudeFixture.samples + "/" + name, id)
    let ours = read.effective.filter { message in
      // Attachments are worded by the program.
      message.extras.value("record", of: ClaudeCode.id)?.string.contains("\"attachment\"") != true
    }.flatMap { message in
      message.blocks.compactMap { block -> String? in
        switch block {
        case .text(let text): text.text.string.trimmingCharacters(in: .newlines)
        case .toolCall(let call): "\(call.name)#\(call.id)"
        case .toolResult(let result): "=\(result.callID) \(result.isError)"
        case .image: "image"
        default: nil
        }
      }
    }
    #expect(ours.sorted() == Self.withoutReminders(expected).sorted())
  }

  static func gists(_ message: [String: Any]) -> [String] {
    if let text = message["content"] as? String { return [text.trimmingCharacters(in: .newlines)] }
    return (message["content"] as? [[String: Any]] ?? []).compactMap { block in
      switch block["type"] as? String {
      case "text": (block["text"] as? String)?.trimmingCharacters(in: .newlines)
      case "tool_use": "\(block["name"] as? String ?? "")#\(block["id"] as? String ?? "")"
      case "tool_result":
        "=\(block["tool_use_id"] as? String ?? "") \(block["is_error"] as? Bool ?? false)"
      case "image": "image"
      default: nil
      }
    }
  }

  /// Without texts that the program adds by itself.
  static func withoutReminders(_ texts: [String]) -> [String] {
    texts.filter { text in
      !text.hasPrefix("<system-reminder>") || text.contains("The user named this session")
    }
  }

  @Test(arguments: ClaudeFixture.hasSamples ? sampleFiles() : [])
  func `every sample reads without an error that its README does not name`(_ path: String) throws {
    let source = try ClaudeFixture.source(path)
    for summary in try source.sessions() {
      let findings = try source.findings(of: summary.id)
      let errors = findings.filter { $0.severity == .error }
      #expect(errors.isEmpty, "\(errors)")
    }
  }

  static func sampleFiles() -> [String] {
    ((try? listDirectory(ClaudeFixture.samples)) ?? []).filter {
      $0.kind == .directory || $0.name.hasSuffix(".jsonl")
    }.map { ClaudeFixture.samples + "/" + $0.name }
  }
}
