import JSONText
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

@Suite struct CanonicalSchemaTests {
  private static func schema() throws -> JSONSchema {
    try JSONSchema(readFile(Fixtures.projectRoot + "/Schemas/canonical-1.schema.json"))
  }

  private func check(_ path: String, _ schema: JSONSchema) throws -> Int {
    var lines = try LineReader(path: path)
    var count = 0
    while let line = try lines.next() {
      count += 1
      let problems = schema.problems(of: line.bytes)
      #expect(problems.isEmpty, "\(path):\(line.number): \(problems)")
    }
    return count
  }

  /// Cases whose point is a line that is no canonical record.
  private static let broken: Set<String> = [
    "blank-lines", "glued", "integers", "invalid-utf8", "nul-byte", "torn-last-line",
    "unknown-records", "wrong-types",
  ]

  private static var files: [String] {
    let all = FileManager.default.enumerator(atPath: Fixtures.root)?.allObjects as? [String] ?? []
    return all.filter { $0.hasSuffix(".session.jsonl") || $0.hasSuffix("expected.jsonl") }.sorted()
  }

  @Test func `canonical fixtures are valid`() throws {
    let schema = try Self.schema()
    #expect(!Self.files.isEmpty)
    for file in Self.files {
      let isBroken = file.split(separator: "/").contains { Self.broken.contains(String($0)) }
      if !isBroken { _ = try check(Fixtures.root + "/" + file, schema) }
    }
  }

  @Test func `what is read of them is written validly`() throws {
    let schema = try Self.schema()
    for file in Self.files {
      let source = try Canonical().open(Fixtures.root + "/" + file, options: ReadOptions())
      for session in try source.sessions() {
        let reader = try source.reader(for: session.id)
        while let entry = try reader.next() {
          var writer = JSONWriter()
          CanonicalJSON.write(entry, to: &writer)
          let line = writer.bytes
          let problems = schema.problems(of: line)
          #expect(problems.isEmpty, "\(file): \(String(decoding: line, as: UTF8.self)) \(problems)")
        }
      }
    }
  }

  @Test(arguments: [true, false])
  func `what is written is valid`(carries: Bool) async throws {
    let schema = try Self.schema()
    let folder = try TemporaryFolder()
    let source = try #require(Registry.format("ggcode"))
    var options = ConversionOptions()
    options.carries = carries
    for target in ["all.session.jsonl", "folder"] {
      _ = try await StoreConversion(
        from: source, at: Fixtures.root + "/ggcode/store", to: Canonical(),
        at: folder.path(target), options: options
      ).run()
    }
    #expect(try check(folder.path("all.session.jsonl"), schema) > 50)
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path("folder"))
    where file.hasSuffix(".session.jsonl") {
      _ = try check(folder.path("folder/" + file), schema)
    }
  }

  @Test func `a session with everything is valid`() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(CapabilityMatrix.sample, to: "sample.session.jsonl")
    #expect(try check(path, try Self.schema()) > 15)
  }

  @Test(arguments: [
    #"{"record":"message","role":"user"}"#,
    #"{"record":"message","role":"user","content":[],"colour":"red"}"#,
    #"{"record":"message","role":"user","content":[{"type":"text"}]}"#,
    #"{"record":"message","role":"user","content":[],"effective":true}"#,
    #"{"record":"message","role":"user","content":[],"time":{"text":"now"}}"#,
    #"{"record":"session","version":2,"head":{"id":"a"}}"#,
    #"{"record":"session","version":1,"head":{}}"#,
    #"{"record":"opaque","format":"x","text":"a","base64":"YQ=="}"#,
    #"{"record":"carry","chunk":[]}"#,
    #"{"record":"unheard-of"}"#, #"{}"#, #"[]"#,
  ])
  func `other records are not valid`(record: String) throws {
    #expect(try !Self.schema().problems(of: Array(record.utf8)).isEmpty)
  }
}
