import JSONText
import SessionModel
import Testing

@testable import SessionCoding

/// What a later version, or somebody else, adds to canonical records is kept and written back.
@Suite struct CanonicalUnknownTests {
  @Test(arguments: [
    #"{"record":"message","id":"m1","role":"user","flags":["hidden","pinned-by-me",7],"content":[{"type":"text","text":"Hi","rank":1,"flags":[1]}],"mood":{"b":1,"a":2.0}}"#,
    #"{"record":"message","role":"assistant","content":[{"type":"tool_call","id":"c","name":"n","arguments":{},"cost":1e2}],"reviewed":null,"extras":{"codex":{"phase":"final"}}}"#,
    #"{"record":"message","role":"tool","content":[{"type":"tool_result","call_id":"c","content":[{"type":"image","media_type":"image/png","base64":"AA==","alt":"A bed"}],"exit":0}]}"#,
    #"{"record":"checkpoint","tokens":3,"reason":"full","messages":[{"role":"user","content":[],"k":"v"}]}"#,
    #"{"record":"usage","model":"m","usage":{"input":1},"price":"0.10"}"#,
    #"{"record":"metric","kind":"turn","duration_ns":5,"retries":2}"#,
    #"{"record":"event","format":"x","kind":"y","data":[1],"level":"info"}"#,
    #"{"record":"head","head":{"id":"s","title":"T","color":"red"}}"#,
  ])
  func `unknown members and flags come back`(line: String) throws {
    let root = try JSONDocument(Array(line.utf8)).root
    let read = try #require(CanonicalJSON.content(from: root))
    var writer = JSONWriter(reserving: 256)
    CanonicalJSON.write(Entry(read.content, isEffective: read.isEffective), to: &writer)
    let written = try JSONDocument(writer.bytes).root
    let again = try #require(CanonicalJSON.content(from: written))
    #expect(again.content == read.content)
    #expect(
      Self.sorted(written) == Self.sorted(root), "\(String(decoding: writer.bytes, as: UTF8.self))")
  }

  /// A value with the members of its objects in the order of their names.
  private static func sorted(_ value: JSONValue) -> String {
    switch value.kind {
    case .object:
      let members = value.members.map { "\($0.key.string):\(sorted($0.value))" }
      return "{" + members.sorted().joined(separator: ",") + "}"
    case .array: return "[" + value.elements.map(sorted).joined(separator: ",") + "]"
    default: return String(decoding: value.raw, as: UTF8.self)
    }
  }

  @Test func `a known name in the group of the format stays there`() throws {
    let line =
      #"{"record":"message","role":"user","content":[],"extras":{"canonical":{"role":"system"}}}"#
    let read = try #require(CanonicalJSON.content(from: try JSONDocument(Array(line.utf8)).root))
    var writer = JSONWriter(reserving: 256)
    CanonicalJSON.write(Entry(read.content), to: &writer)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == line)
  }
}
