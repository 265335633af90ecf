import JSONText
import Testing

@testable import SessionFormats

@Suite struct CodexOutputTests {
  @Test(arguments: [
    ("Exit code: 1", true), ("Exit code: 0", false), ("a\nExit code: 2\nb", true),
    ("\nExit code: 1\n", true), ("\n\n\n\nExit code: 1", true), ("\n\n\n\n\nExit code: 1", false),
    ("Output:\nExit code: 1", false), ("a\nOutput:\nExit code: 1", false),
    // A line feed behind a carriage return ends no line.
    ("a\r\nExit code: 1", false), ("\r\n\nExit code: 1", true), ("Exit code: 1\r\n", false),
    ("a\r\nb\nProcess exited with code 3\nc", true), ("", false), ("\n", false),
  ])
  func `a command's outcome is in its first lines`(text: String, isFailure: Bool) {
    #expect(CodexOutput.isFailure(JSONString(text)) == isFailure)
  }
}
