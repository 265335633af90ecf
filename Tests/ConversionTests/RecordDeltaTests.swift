import JSONText
import SessionCoding
import Testing

/// What is kept of a record that its native form does not give back.
@Suite struct RecordDeltaTests {
  /// Through the spelling in which it is stored.
  func stored(_ delta: RecordDelta) throws -> RecordDelta {
    var writer = JSONWriter(reserving: 256)
    CarryItem(foreign: [ContentHash(value: 1)], delta: delta).write(to: &writer)
    return try #require(CarryItem(JSONDocument(writer.bytes).root)).delta
  }

  @Test func `values that differ cost no more than themselves`() throws {
    let text = String(repeating: "some text of a tool, \\\"quoted\\\" ", count: 200)
    let original = Array(
      #"{"parent":"0a0b","type":"user","id":"m1","content":[{"text":"\#(text)"}],"x":{"in":1},"u":"7","t":"now"}"#
        .utf8)
    let base = Array(
      #"{"parent":null,"type":"user","content":[{"text":"\#(text)"}],"u":"","t":"now"}"#.utf8)
    let delta = RecordDelta(original: original[...], base: base, style: .bytes)
    guard case .edited(let edits, _, let bytes) = delta else {
      Issue.record("\(delta)")
      return
    }
    #expect(edits.count <= 4)
    #expect(bytes.count < 60)
    #expect(try stored(delta).applied(to: base) == original)
    #expect(try stored(delta).applied(to: original) == nil)
  }

  @Test func `edits that do not fit are refused`() {
    let base = Array(repeating: UInt8(ascii: "b"), count: 10)
    let hash = ContentHash(base[...]).value
    for edit in [(11, 0, 0), (5, 6, 0), (-1, 0, 0), (0, -1, 0), (0, 0, 2), (0, 0, -1), (0, 0, 0)] {
      let delta = RecordDelta.edited(
        [RecordEdit(keep: edit.0, drop: edit.1, insert: edit.2)], base: hash, bytes: [1])
      #expect(delta.applied(to: base) == nil, "\(edit)")
    }
  }

  @Test func `a part of a record in another layout is not taken for the whole`() throws {
    let item = #"{"h":["00000000000000ff"],"keep":[9,3],"base":"00000000000000ff","raw":"part"}"#
    #expect(CarryItem(try JSONDocument(Array(item.utf8)).root) == nil)
  }

  @Test(arguments: 0..<400)
  func `any original comes back from any native form`(seed: UInt64) throws {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(1, bound)
    }
    let words = ["{\"a\":", "\"text\"", ",", "}", "null", "ä€", "\n", "12", "long part of a text "]
    func piece() -> [UInt8] {
      (0..<next(40)).flatMap { _ in Array(words[next(words.count)].utf8) }
    }
    var base = (0..<next(60)).flatMap { _ in piece() }
    if next(20) == 0 { base = [] }
    var original = base
    for _ in 0..<next(8) {
      let start = next(original.count + 1)
      let end = min(original.count, start + next(next(2) == 0 ? 30 : 3_000))
      var instead = piece()
      if next(10) == 0 { instead = (0..<next(2_000)).map { _ in UInt8(next(256)) } }
      original.replaceSubrange(start..<end, with: instead)
    }
    let delta = RecordDelta(original: original[...], base: base, style: .bytes)
    #expect(delta.applied(to: base) == original)
    #expect(try stored(delta).applied(to: base) == original)
  }
}
