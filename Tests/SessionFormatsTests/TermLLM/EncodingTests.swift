import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct EncodingTests {
  @Test(arguments: ["head-v46.db", "seed-v7.db"])
  func `A row differs from its native form in single members only`(name: String) throws {
    let source = try TermLLM().open(Fixture.path(name), options: ReadOptions())
    let encoder = TermLLM().makeRecordEncoder()
    let volatile: Set<String> = [
      "id", "sequence", "created_at", "duration_ms", "compaction_tail",
      // Rows that the sample's program built by hand.
      "assistant_segment_ordinal",
    ]
    for summary in try source.sessions() {
      let reader = try source.reader(for: summary.id)
      while let entry = try reader.next() {
        guard let origin = entry.origin else { continue }
        let deltas = try (0..<encoder.variantCount).map { variant in
          var base: [UInt8] = []
          try encoder.encode(entry, head: reader.head, variant: variant, into: &base)
          return RecordDelta(original: origin.bytes, base: base, style: encoder.deltaStyle)
        }
        switch entry.content {
        case .message:
          let members = deltas.compactMap { delta -> [String]? in
            if case .members(let members) = delta { members.map(\.key) } else { nil }
          }
          let fewest = try #require(members.min { $0.count < $1.count })
          #expect(fewest.allSatisfy(volatile.contains), "\(fewest) \(entry.place.debugDescription)")
        case .opaque: #expect(deltas.contains(.same))
        default: break
        }
      }
    }
  }
}
