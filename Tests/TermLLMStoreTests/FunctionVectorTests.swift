import FileIO
import JSONText
import struct SessionModel.Timestamp
import TestSupport
import Testing

@testable import TermLLMStore

@Suite struct FunctionVectorTests {
  @Test(arguments: vectorFiles("ids"))
  func `Identifier functions answer as recorded`(file: String) throws {
    for vector in try PlainJSON(readFile(file)).elements {
      let input = try #require(vector["input"]?.string)
      #expect(shortID(input) == vector["short_id"]?.string, "\(input)")
      #expect(expandShortID(input) == vector["expand_short_id"]?.string, "\(input)")
      #expect(parseIDTime(input).rfc3339 == vector["parse_id_time"]?.string, "\(input)")
      #expect(truncateSummary(input) == vector["truncate_summary"]?.string, "\(input)")
    }
  }

  @Test(arguments: vectorFiles("parts-"))
  func `Parts are read and written as recorded`(file: String) throws {
    let release = release(ofVectors: file)
    for vector in try PlainJSON(readFile(file)).elements {
      let input = try #require(vector["input"]?.string)
      var message = Message(role: "user", parts: "before")
      if let error = vector["error"], !error.isNull {
        #expect(throws: StoreError.self, "\(input)") {
          try message.setPartsFromJSON(input.utf8)
        }
        #expect(message.parts == "before")
        continue
      }
      try message.setPartsFromJSON(input.utf8)
      if vector["marshal_error"]?.isNull ?? true {
        #expect(
          String(decoding: message.partsJSON(for: release), as: UTF8.self)
            == vector["output"]?.string, "\(input)")
      }
      #expect(
        message.extractTextContent(for: release) == vector["text_content"]?.string, "\(input)")
    }
  }
}
