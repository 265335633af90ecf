import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@Suite(.enabled(if: CodexSamples.folder != nil))
struct CodexSampleTests {
  var folder: String { CodexSamples.folder ?? "" }

  @Test(arguments: CodexSamples.counts.map(\.name))
  func `a sample reads with the expected counts and without errors`(name: String) throws {
    let path = folder + "/" + name
    let counts = try #require(CodexSamples.counts.first { $0.name == name }).counts
    let (reader, entries) = try CodexSamples.read(path)
    #expect(entries.count { $0.origin?.bytes.isEmpty == false } == counts.lines)
    #expect(!reader.findings.contains { $0.severity == .error }, "\(reader.findings)")
    var user = 0
    var agent = 0
    var compactions = 0
    var calls: Set<String> = []
    var results: Set<String> = []
    for entry in entries {
      switch entry.content {
      case .event(let event) where event.kind == "event_msg":
        user += event.type == "user_message" ? 1 : 0
        agent += event.type == "agent_message" ? 1 : 0
      case .event(let event) where event.kind == "compacted": compactions += 1
      case .checkpoint: compactions += 1
      case .message(let message):
        for block in message.blocks {
          switch block {
          case .toolCall(let call):
            let type = call.extras.first { $0.key == "type" }?.value.string ?? ""
            if type.isEmpty || type == "\"custom_tool_call\"" { calls.insert(call.id.string) }
          case .toolResult(let result):
            let names = ["tool_search", "web_search", "image_generation"]
            if !names.contains(result.name?.string ?? "") { results.insert(result.callID.string) }
          default: break
          }
        }
      default: break
      }
    }
    #expect(user == counts.userEvents)
    #expect(agent == counts.agentEvents)
    #expect(compactions == counts.compactions)
    #expect(calls.count == counts.calls)
    #expect(calls.subtracting(results).count == counts.openCalls)
    #expect(results.subtracting(calls).count == counts.orphans)
    let origins = entries.flatMap { Array($0.origin?.bytes ?? []) }
    let isSame = try origins == readFile(path)
    #expect(isSame)
  }

  @Test(arguments: CodexSamples.counts.map(\.name))
  func `a copy in the same format has the same bytes`(name: String) async throws {
    let temporary = try TemporaryFolder()
    let path = folder + "/" + name
    let copy = temporary.path("copy.jsonl")
    let report = try await CodexSamples.convert(path, "codex", to: copy, "codex")
    #expect(report.sessions[0].status == .written, "\(report.sessions[0].reason ?? "")")
    #expect(report.sessions[0].fidelity == .exact, "\(report.sessions[0].losses)")
    let isSame = try readFile(copy) == readFile(path)
    #expect(isSame)
  }

  @Test(
    arguments: CodexSamples.counts.map(\.name),
    Registry.writable.map(\.info.id).filter { $0 != "codex" })
  func `a sample comes back byte for byte`(name: String, middle: String) async throws {
    let temporary = try TemporaryFolder()
    let path = folder + "/" + name
    let between = temporary.path("between")
    let there = try await CodexSamples.convert(path, "codex", to: between, middle)
    for session in there.sessions {
      #expect(session.status == .written, "\(session.reason ?? "")")
      #expect(session.fidelity == .complete, "\(session.losses)")
    }
    let copy = temporary.path("back.jsonl")
    let back = try await CodexSamples.convert(between, middle, to: copy, "codex")
    for session in back.sessions {
      #expect(session.status == .written, "\(session.reason ?? "")")
      #expect(session.fidelity == .exact, "\(session.losses)")
    }
    let isSame = try readFile(copy) == readFile(path)
    #expect(isSame)
  }
}
