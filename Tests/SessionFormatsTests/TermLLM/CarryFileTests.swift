import SessionCoding
import Testing

@testable import SessionFormats

@Suite struct CarryFileTests {
  /// One session is compared while another one is published, and both have something to store.
  @Test func `What is stored at the same time keeps apart`() async throws {
    let scratch = try Scratch()
    let file = CarryFile(path: scratch.path + "/carry")
    await withTaskGroup { group in
      for writer in 0..<4 {
        group.addTask {
          for round in 0..<2_000 {
            let text = String(repeating: "\(writer)-\(round) ", count: 1 + round % 50)
            try? file.store(Array(text.utf8), chunk: Int64(round), of: "session-\(writer)")
          }
        }
      }
    }
    var count = 0
    try file.forEach { (id, number, data) throws(FormatError) in
      let writer = id.dropFirst("session-".count)
      let text = String(repeating: "\(writer)-\(number) ", count: 1 + Int(number) % 50)
      #expect(data == Array(text.utf8), "\(id) \(number)")
      count += 1
    }
    #expect(count == 8_000)
  }
}
