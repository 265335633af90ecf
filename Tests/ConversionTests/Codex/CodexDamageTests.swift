import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Nothing traps and nothing vanishes, however damaged or large the input is.
@Suite struct CodexDamageTests {
  static let fixture = Fixtures.root + "/codex/program-legacy/input"

  func rollout() throws -> [UInt8] {
    let source = try Codex().open(Self.fixture, options: ReadOptions())
    return try readFile(try source.sessions()[0].path)
  }

  /// The origins one after the other, without a trap.
  func origins(_ path: String) throws -> [UInt8] {
    let source = try Codex().open(path, options: ReadOptions())
    let id = try source.sessions()[0].id
    let reader = try source.reader(for: id)
    var bytes: [UInt8] = []
    while let entry = try reader.next() { bytes += entry.origin?.bytes ?? [] }
    _ = try source.findings(of: id)
    return bytes
  }

  @Test func `every prefix reads, and wholly`() throws {
    let folder = try TemporaryFolder()
    let whole = try rollout()
    var lengths = Array(stride(from: 0, to: 1_500, by: 7))
    lengths += stride(from: 1_500, to: whole.count, by: 613)
    for length in lengths {
      let prefix = Array(whole[..<length])
      let path = try folder.write(prefix, to: "input.jsonl")
      let isSame = try origins(path) == prefix
      #expect(isSame, "the first \(length) bytes")
    }
  }

  @Test func `random damage reads, and wholly`() throws {
    let folder = try TemporaryFolder()
    let whole = try rollout()
    let seed = testSeed
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    for round in 0..<60 {
      var damaged = whole
      for _ in 0..<(1 + next(20)) {
        switch next(3) {
        case 0: damaged[next(damaged.count)] = UInt8(next(256))
        case 1: damaged.remove(at: next(damaged.count))
        default: damaged.insert(UInt8(next(256)), at: next(damaged.count))
        }
      }
      let path = try folder.write(damaged, to: "input.jsonl")
      let isSame = try origins(path) == damaged
      #expect(isSame, "round \(round), CARRYOVER_TEST_SEED=\(seed)")
    }
  }

  /// A session of so many calls with their results.
  func calls(_ count: Int) -> [UInt8] {
    var bytes = Array((CodexGrantsTests.meta + "}}\n").utf8)
    for index in 0..<count {
      bytes += Array(
        """
        {"timestamp":"2026-11-20T10:00:02.000Z","type":"response_item","payload":{"type":\
        "function_call","name":"n","arguments":"{}","call_id":"c\(index)"}}
        {"timestamp":"2026-11-20T10:00:03.000Z","type":"response_item","payload":{"type":\
        "function_call_output","call_id":"c\(index)","output":"\(index)"}}

        """.utf8)
    }
    return bytes
  }

  @Test func `a hundred thousand records keep their order`() throws {
    let folder = try TemporaryFolder()
    let bytes = calls(50_000)
    let path = try folder.write(bytes, to: "input.jsonl")
    let (_, entries) = try CodexSamples.read(path)
    #expect(entries.count == 100_001)
    let isWholeInView = !entries.contains { !$0.isEffective }
    #expect(isWholeInView)
    let isSame = entries.flatMap { $0.origin?.bytes ?? [] } == bytes
    #expect(isSame)
  }

  @Test func `a long session comes back`() async throws {
    let folder = try TemporaryFolder()
    let bytes = calls(5_000)
    let path = try folder.write(bytes, to: "input.jsonl")
    let report = try await CodexSamples.convert(path, "codex", to: folder.path("middle"), "ggcode")
    #expect(report.sessions[0].fidelity == .complete, "\(report.sessions[0].reason ?? "")")
    let back = try await CodexSamples.convert(
      folder.path("middle"), "ggcode", to: folder.path("back.jsonl"), "codex")
    #expect(back.sessions[0].fidelity == .exact, "\(back.sessions[0].losses)")
    let isSame = try readFile(folder.path("back.jsonl")) == bytes
    #expect(isSame)
  }

  @Test func `many rollbacks take no longer than their number`() throws {
    let folder = try TemporaryFolder()
    var text = CodexGrantsTests.meta + "}}\n"
    for _ in 0..<20_000 { text += CodexGrantsTests.turn }
    for _ in 0..<20_000 {
      text += """
        {"timestamp":"2026-11-20T10:00:04.000Z","type":"event_msg","payload":{"type":\
        "thread_rolled_back","num_turns":1}}

        """
    }
    let path = try folder.write(Array(text.utf8), to: "input.jsonl")
    let (_, entries) = try CodexSamples.read(path)
    let hasView = entries.contains { entry in
      if case .message = entry.content { entry.isEffective } else { false }
    }
    #expect(!hasView)
  }

  @Test func `a result of a hundred megabytes is copied as it is`() async throws {
    let folder = try TemporaryFolder()
    var bytes = Array((CodexGrantsTests.meta + "}}\n").utf8)
    bytes += Array(
      """
      {"timestamp":"2026-11-20T10:00:02.000Z","type":"response_item","payload":{"type":\
      "function_call","name":"n","arguments":"{}","call_id":"c"}}
      {"timestamp":"2026-11-20T10:00:03.000Z","type":"response_item","payload":{"type":\
      "function_call_output","call_id":"c","output":"
      """.utf8)
    bytes += [UInt8](repeating: UInt8(ascii: "x"), count: 100 << 20)
    bytes += Array("\"}}\n".utf8)
    let path = try folder.write(bytes, to: "input.jsonl")
    let copy = folder.path("copy.jsonl")
    let report = try await CodexSamples.convert(path, "codex", to: copy, "codex")
    #expect(report.sessions[0].fidelity == .exact)
    let isSame = try readFile(copy) == bytes
    #expect(isSame)
  }

  @Test(.enabled(if: ZstandardFile.isAvailable && CodexDamageTests.hasPacker))
  func `a compressed rollout reads as the one it was made from`() async throws {
    let folder = try TemporaryFolder()
    let whole = try rollout()
    let name = "rollout-2026-11-19T10-00-00-01a1f000-0000-7000-8000-0000000000b1.jsonl"
    let plain = try folder.write(whole, to: "home/sessions/2026/11/19/" + name)
    let packer = Process()
    packer.executableURL = URL(fileURLWithPath: "/usr/bin/zstd")
    packer.arguments = ["-q", "-3", "--rm", plain]
    try packer.run()
    packer.waitUntilExit()
    #expect(Registry.recognize(folder.path("home"))?.info.id == "codex")
    let isSame = try origins(folder.path("home")) == whole
    #expect(isSame)
    let report = try await CodexSamples.convert(
      folder.path("home"), "codex", to: folder.path("copy"), "codex")
    #expect(report.sessions[0].fidelity == .exact)
    let isCopied =
      try readFile(folder.path("copy/sessions/2026/11/19/") + name) == whole
    #expect(isCopied)

    var packed = try readFile(plain + ".zst")
    packed.removeLast(packed.count / 2)
    try folder.write(packed, to: "home/sessions/2026/11/19/" + name + ".zst")
    let source = try Codex().open(folder.path("home"), options: ReadOptions())
    let id = try source.sessions()[0].id
    #expect(throws: FormatError.self) { try source.reader(for: id) }
  }

  static let hasPacker = FileManager.default.fileExists(atPath: "/usr/bin/zstd")
}
