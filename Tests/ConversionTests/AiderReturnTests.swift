import Conversion
import FileIO
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A file of several chats goes to another format and comes back.
@Suite struct AiderReturnTests {
  @Test(arguments: ["ggcode", "term-llm", "claude-code", "codex", "canonical"])
  func `a file of chats comes back as the same file`(target: String) async throws {
    let folder = try TemporaryFolder()
    let text = """
      #### before any chat\u{20}\u{20}

      An answer.

      # aider chat started at 2026-05-03 09:00:00

      #### another\u{20}\u{20}

      Yes.

      # aider chat started at 2026-05-04 09:00:00

      #### first\u{20}\u{20}

      Yes.

      """
    let path = try folder.write(Array(text.utf8), to: ".aider.chat.history.md")
    let there = folder.path(target == "term-llm" ? "there.db" : "there")
    let going = try await CodexSamples.convert(path, "aider", to: there, target)
    #expect(going.sessions.allSatisfy { $0.status == .written })
    let file = folder.path("back.md")
    let coming = try await CodexSamples.convert(there, target, to: file, "aider")
    #expect(coming.sessions.allSatisfy { $0.status == .written })
    let back = String(decoding: try readFile(file), as: UTF8.self)
    let isExact = coming.sessions.allSatisfy { $0.fidelity == .exact }
    #expect(back == text)
    #expect(isExact == (back == text))
  }
}
