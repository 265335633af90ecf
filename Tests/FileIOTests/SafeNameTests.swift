import FileIO
import Testing

@Suite struct SafeNameTests {
  @Test(arguments: ["a", "A-b_c.9", "session.jsonl", String(repeating: "x", count: 128)])
  func `safe names are accepted`(name: String) {
    #expect(SafeName.isSafeFileName(name))
  }

  @Test(
    arguments: [
      "", ".", "..", "-a", ".a", "a..b", "a/b", "a\\b", "a b", "é", "a\0", "a\n", "../x", "~",
      "a:b", String(repeating: "x", count: 129),
    ])
  func `unsafe names are refused`(name: String) {
    #expect(!SafeName.isSafeFileName(name))
  }
}
