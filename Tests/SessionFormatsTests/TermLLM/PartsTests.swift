import JSONText
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct PartsTests {
  @Test(arguments: [("parts-head.json", PartShape.head), ("parts-seed.json", PartShape.seed)])
  func `Parts decode and encode as the tool does`(file: String, shape: PartShape) throws {
    for vector in try Fixture.json("vectors/" + file).elements {
      let input = try #require(vector["input"]?.string).string
      guard let output = vector["output"]?.string else {
        #expect(throws: GoDecodingError.self, "\(input)") {
          try Parts.blocks(of: Array(input.utf8))
        }
        continue
      }
      let blocks = try Parts.blocks(of: Array(input.utf8))
      // The list of no parts is spelled `[]`, which the tool reads like `null`.
      guard !blocks.isEmpty else { continue }
      let encoded = Parts.encode(blocks, shape: shape)
      if shape == .head || blocks.allSatisfy({ $0.isExpressible(shape) }) {
        #expect(String(decoding: encoded, as: UTF8.self) == output.string, "\(input)")
      }
      let text = try #require(vector["text_content"]?.string)
      #expect(Parts.textContent(of: blocks, shape: shape) == text, "\(input)")
    }
  }
}
