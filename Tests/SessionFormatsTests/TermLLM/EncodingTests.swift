import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct EncodingTests {
  @Test(arguments: ["head-v46.db", "seed-v7.db"])
  func `what is said is spelled as the tool spells it`(name: String) throws {
    let source = try TermLLM().open(Fixture.path(name), options: ReadOptions())
    var count = 0
    for summary in try source.sessions() {
      let reader = try source.reader(for: summary.id)
      while let entry = try reader.next() {
        guard let origin = entry.origin, case .message(let message) = entry.content,
          !message.flags.contains(.compactionSummary), message.role != .other("event")
        else { continue }
        let row = try #require(TableRow.rows(of: origin.bytes)?.first)
        let spelled = PartShape.allCases.flatMap { NativeRow.rows(for: message, $0) }
        let isSame = spelled.contains {
          .text($0.parts) == row["parts"] && .text($0.text) == row["text_content"]
        }
        #expect(isSame, "\(entry.place.debugDescription)")
        count += 1
      }
    }
    #expect(count > 0)
  }
}
