import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Sizes that no tool would write, and damage, brought to another format and back.
@Suite struct ClaudeDamageReturnTests {
  static let id = "0c0ffee0-0000-4000-8000-000000000001"
  static let file = "projects/-home-dev-app/\(id).jsonl"

  static func line(_ number: Int, after parent: Int?, _ role: String, _ content: String) -> String {
    func uuid(_ number: Int) -> String {
      let digits = String(number)
      return "\"0a0b0c0d-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count)
        + digits
        + "\""
    }
    return
      "{\"parentUuid\":\(parent.map(uuid) ?? "null"),\"isSidechain\":false,\"type\":\"\(role)\","
      + "\"message\":{\"role\":\"\(role)\",\"content\":\(content)},\"uuid\":\(uuid(number)),"
      + "\"timestamp\":\"2026-05-01T09:00:00.000Z\",\"cwd\":\"/home/dev/app\",\"sessionId\":\"\(id)\"}\n"
  }

  func expectReturn(of text: [UInt8], through middle: String) async throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: "in/" + Self.file)
    let there = try await CodexSamples.convert(
      folder.path("in"), "claude-code", to: folder.path("middle"), middle)
    #expect(there.sessions.map(\.fidelity) == [.complete], "\(there.sessions[0].reason ?? "")")
    let back = try await CodexSamples.convert(
      folder.path("middle"), middle, to: folder.path("back"), "claude-code")
    #expect(back.sessions.map(\.fidelity) == [.exact], "\(back.sessions[0].losses)")
    let isSame = try readFile(folder.path("back/" + Self.file)) == text
    #expect(isSame)
  }

  @Test func `ten thousand records in one chain come back`() async throws {
    var text: [UInt8] = []
    for number in 0..<10_000 {
      let role = number % 2 == 0 ? "user" : "assistant"
      text +=
        Self.line(
          number, after: number == 0 ? nil : number - 1, role,
          "[{\"type\":\"text\",\"text\":\"\(number)\"}]"
        ).utf8
    }
    try await expectReturn(of: text, through: "codex")
  }

  @Test(arguments: ["claude-code", "codex"])
  func `a result of a hundred megabytes comes back`(through middle: String) async throws {
    var text = Array(
      (Self.line(1, after: nil, "user", "\"one\"")
        + Self.line(
          2, after: 1, "assistant",
          "[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"x\",\"input\":{}}]")).utf8)
    let result = Self.line(
      3, after: 2, "user", "[{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"@\"}]")
    let parts = result.utf8.split(separator: UInt8(ascii: "@"))
    text += parts[0]
    text += [UInt8](repeating: UInt8(ascii: "x"), count: 100 << 20)
    text += parts[1]
    guard middle == "claude-code" else { return try await expectReturn(of: text, through: middle) }
    let folder = try TemporaryFolder()
    try folder.write(text, to: "in/" + Self.file)
    let copy = try await CodexSamples.convert(
      folder.path("in"), "claude-code", to: folder.path("copy"), "claude-code")
    #expect(copy.sessions.map(\.fidelity) == [.exact])
    let isSame = try readFile(folder.path("copy/" + Self.file)) == text
    #expect(isSame)
  }
}
