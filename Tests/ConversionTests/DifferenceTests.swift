import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@testable import Conversion

@Suite struct AlignmentTests {
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  private func keys(_ count: Int, _ kinds: Int, _ generator: inout Generator) -> [Alignment.Key] {
    (0..<count).map { _ in
      let hash = UInt64.random(in: 0..<UInt64(kinds), using: &generator)
      return Alignment.Key(kind: hash.isMultiple(of: 3) ? "a" : "b", hash: hash)
    }
  }

  @Test func `steps pass through both sequences, and pairs are of one kind`() {
    let seed = testSeed
    var generator = Generator(state: seed)
    for round in 0..<300 {
      let kinds = [2, 6, 1_000][round % 3]
      let a = keys(Int.random(in: 0...60, using: &generator), kinds, &generator)
      let b = keys(Int.random(in: 0...60, using: &generator), kinds, &generator)
      let steps = Alignment(a, b).steps
      var (one, other) = (0, 0)
      for step in steps {
        switch step {
        case .both:
          #expect(a[one].kind == b[other].kind, "seed \(seed) round \(round)")
          one += 1
          other += 1
        case .first: one += 1
        case .second: other += 1
        }
      }
      #expect((one, other) == (a.count, b.count), "seed \(seed) round \(round)")
      #expect(Alignment(a, a).steps == Array(repeating: .both, count: a.count))
    }
  }

  @Test func `what is put in and taken out is found`() {
    let all = (0..<500).map { Alignment.Key(kind: "text", hash: UInt64($0)) }
    var other = all
    other.remove(at: 400)
    other.insert(Alignment.Key(kind: "text", hash: 9_999), at: 100)
    let steps = Alignment(all, other).steps
    #expect(steps.count { $0 == .second } == 1)
    #expect(steps.count { $0 == .first } == 1)
    #expect(steps[100] == .second)
    #expect(steps[401] == .first)
  }
}

@Suite struct DifferenceTests {
  private static let store = Fixtures.root + "/ggcode/store"

  private func compare(
    _ first: String, _ firstFormat: String, _ second: String, _ secondFormat: String,
    isStrict: Bool? = nil
  ) throws -> StoreDifference {
    func side(_ path: String, _ id: String) throws -> StoreComparison.Side {
      let source = try #require(Registry.format(id)).open(path, options: ReadOptions())
      return StoreComparison.Side(source: source, format: id, sessions: try source.sessions())
    }
    return try StoreComparison(
      side(first, firstFormat), side(second, secondFormat), includesAll: true, isStrict: isStrict
    ).run()
  }

  @Test func `a store equals itself and its canonical form, strictly`() async throws {
    #expect(try compare(Self.store, "ggcode", Self.store, "ggcode", isStrict: true).isEmpty)
    let folder = try TemporaryFolder()
    let source = try #require(Registry.format("ggcode"))
    _ = try await StoreConversion(
      from: source, at: Self.store, to: Canonical(), at: folder.path("out")
    ).run()
    let difference = try compare(
      Self.store, "ggcode", folder.path("out"), "canonical", isStrict: true)
    #expect(difference.sessions.count == 6)
    #expect(difference.isEmpty, "\(difference)")
  }

  /// Each edit of a line is found under its code, and from the other side as well.
  @Test(arguments: [
    ("Looking at the template first.", "Looking elsewhere.", "text.text"),
    ("\"tool_name\":\"list_dir\"", "\"tool_name\":\"list\"", "tool-call.name"),
    ("c2lnbmF0dXJlLTE=", "b3RoZXI=", "thinking.signature"),
    ("\"is_error\":true", "\"is_error\":false", "tool-result.is-error"),
    ("opus-test", "opus-other", "head.model"),
    ("\"chunk\":\"Yes.\"", "\"chunk\":\"No.\"", "event.data"),
  ])
  func `an edit is found under its code`(old: String, new: String, code: String) throws {
    let folder = try TemporaryFolder()
    let name = "20260301-090000-00000000000000a1.jsonl"
    let text = try String(contentsOfFile: Self.store + "/" + name, encoding: .utf8)
    #expect(text.contains(old))
    try folder.write(Array(text.utf8), to: "a/\(name)")
    try folder.write(Array(text.replacingOccurrences(of: old, with: new).utf8), to: "b/\(name)")
    for (one, other) in [("a", "b"), ("b", "a")] {
      let difference = try compare(folder.path(one), "ggcode", folder.path(other), "ggcode")
      let codes = difference.sessions.flatMap { $0.items.map(\.code) }
      #expect(codes.contains(code), "\(codes)")
    }
  }
}

@Suite struct CopyTests {
  @Test func `a canonical copy keeps the way back`() async throws {
    let folder = try TemporaryFolder()
    let store = Fixtures.root + "/ggcode/store"
    let ggcode = try #require(Registry.format("ggcode") as? any WritableSessionFormat)
    for (source, from, target, to) in [
      (ggcode as any SessionFormat, store, Canonical() as any WritableSessionFormat, "one"),
      (Canonical(), "one", Canonical(), "two.session.jsonl"),
      (Canonical(), "two.session.jsonl", ggcode, "back"),
    ] {
      let path = from.hasPrefix("/") ? from : folder.path(from)
      let report = try await StoreConversion(
        from: source, at: path, to: target, at: folder.path(to)
      ).run()
      #expect(report.totals.count(.written) == 6)
    }
    let again = try await StoreConversion(
      from: Canonical(), at: folder.path("one"), to: Canonical(),
      at: folder.path("two.session.jsonl")
    ).run()
    #expect(again.totals.count(.unchanged) == 6)
    for name in try FileManager.default.contentsOfDirectory(atPath: store)
    where name != "index.json" {
      #expect(try readFile(store + "/" + name) == readFile(folder.path("back/" + name)), "\(name)")
    }
  }

  @Test func `a file that is no session file is left alone`() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Array("my notes\n".utf8), to: "notes.txt")
    let source = try #require(Registry.format("ggcode"))
    await #expect(throws: FormatError.self) {
      try await StoreConversion(
        from: source, at: Fixtures.root + "/ggcode/store", to: Canonical(), at: file
      ).run()
    }
    #expect(try readFile(file) == Array("my notes\n".utf8))
  }
}
