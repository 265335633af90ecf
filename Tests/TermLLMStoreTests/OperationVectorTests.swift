import FileIO
import JSONText
import struct SessionModel.Timestamp
import SessionFormats
import TestSupport
import Testing

@testable import TermLLMStore

/// Vectors come in two kinds, by the end of their names: of the documented release and the current.
func release(ofVectors path: String) -> Release {
  path.split(separator: "/").last?.contains("seed") == true ? .documented : .current
}

func vectorFiles(_ prefix: String) -> [String] {
  VectorFolders.folders("term-llm/vectors").flatMap { folder in
    ((try? listDirectory(folder)) ?? []).map(\.name).filter { $0.hasPrefix(prefix) }
      .map { folder + "/" + $0 }
  }
}

@Suite struct OperationVectorTests {
  @Test(arguments: vectorFiles("ops-"))
  func `Recorded calls give the recorded answers`(file: String) throws {
    let folder = try TemporaryFolder()
    var config = Config()
    config.path = folder.path("sessions.db")
    config.newDatabaseRelease = release(ofVectors: file)
    config.now = OperationReplay.makeClock()
    let replay = OperationReplay(try SQLiteStore(config))
    for (number, line) in try readFile(file).split(separator: 0x0A).enumerated() {
      let record = try JSONDocument(Array(line), limits: .go).root
      let call = try #require(record["in"])
      let recorded = try #require(record["out"])
      let (out, error) = replay.run(call, recorded: recorded)
      let place = "\(number + 1): \(String(decoding: call.raw, as: UTF8.self))"
      #expect(error == record["error"]?.string?.string, "\(place)")
      #expect(
        out.withoutTimes.difference(from: replay.expected(recorded).withoutTimes) == nil,
        "\(place)")
    }
    let clean = try replay.store.connection.use { access throws(StoreError) in
      try access.run(
        "INSERT INTO messages_fts(messages_fts, rank) VALUES('integrity-check', 1)")
      return try access.rows("PRAGMA integrity_check").first == [.text(Array("ok".utf8))]
    }
    #expect(clean)
  }
}
