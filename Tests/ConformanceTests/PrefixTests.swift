import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A file cut anywhere fails with a typed error or gives what is left; nothing traps, and what was
/// read survives a way through another format.
@Suite struct PrefixTests {
  static let seed = testSeed

  /// Files up to this size are cut at every byte in a deep run; all others at seeded places.
  static let smallFile = isDeepRun ? 4_096 : 0

  /// The single files of an input.
  static func files(_ fixture: FixtureCase) throws -> [String] {
    guard try FileStatus(path: fixture.input)?.kind == .directory else { return [fixture.input] }
    return try FileManager.default.contentsOfDirectory(atPath: fixture.input).sorted()
      .filter { $0.hasSuffix(".jsonl") }
      .map { fixture.input + "/" + $0 }
      .filter { try FileStatus(path: $0)?.kind == .file }
  }

  @Test(arguments: FixtureCase.all)
  func `every beginning of a file reads or fails typed`(_ fixture: FixtureCase) throws {
    let format = try #require(Registry.format(fixture.format))
    let folder = try TemporaryFolder()
    for file in try Self.files(fixture) {
      let bytes = try readFile(file)
      let cut = folder.path((file as NSString).lastPathComponent)
      let known = try Self.lengthKnown(of: bytes, before: file, in: fixture.format)
      for length in lengths(of: bytes, all: bytes.count <= Self.smallFile, count: 12)
      where length > known {
        try Data(bytes[..<length]).write(to: URL(fileURLWithPath: cut))
        if length.isMultiple(of: 8) { _ = format.recognizes(cut) }
        do throws(FormatError) {
          let source = try format.open(cut, options: ReadOptions())
          for summary in try source.sessions() {
            let reader = try source.reader(for: summary.id)
            var size = 0
            while let entry = try reader.next() { size += entry.origin?.bytes.count ?? 0 }
            #expect(fixture.format != "ggcode" || size == length, "cut at \(length)")
          }
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  @Test(arguments: FixtureCase.writable.filter { !$0.input.hasSuffix(".db") })
  func `what is left of a cut file comes back`(_ fixture: FixtureCase) async throws {
    let middle = fixture.format == "canonical" ? "ggcode" : "canonical"
    for file in try Self.files(fixture).prefix(2) {
      let bytes = try readFile(file)
      let folder = try TemporaryFolder()
      // One store with a session for each cut; a canonical file is a store by itself.
      let suffix = fixture.format == "canonical" ? ".session.jsonl" : ".jsonl"
      for length in lengths(of: bytes, all: false, count: 10) {
        try folder.write(Array(bytes[..<length]), to: "cut/at\(length)\(suffix)")
      }
      let there = try await convert(
        folder.path("cut"), fixture.format, to: folder.path("middle"), middle)
      guard try FileStatus(path: folder.path("middle")) != nil else { continue }
      try await convert(folder.path("middle"), middle, to: folder.path("back"), fixture.format)
      let original = try open(fixture.format, folder.path("cut"))
      let returned = try open(fixture.format, folder.path("back"))
      for session in there.sessions {
        guard session.status == .written else {
          let isStopped = session.findings.contains(where: \.stopsWriting)
          #expect(isStopped, "\(session.source) of \(file): \(session.reason ?? "")")
          continue
        }
        let isSame =
          try original.whole(session.source).bytes == returned.whole(session.source).bytes
        #expect(isSame, "\(session.source) of \(file) with seed \(Self.seed)")
      }
    }
  }

  /// How long a beginning the file shares with one that comes before it, and need not be cut again.
  static func lengthKnown(of bytes: [UInt8], before file: String, in format: String) throws -> Int {
    var known = -1
    for other in inOrder[format] ?? [] {
      if other.path == file { break }
      let shared = zip(bytes, other.bytes).prefix { $0 == $1 }.count
      if other.bytes.count <= smallFile { known = max(known, shared) }
    }
    return known
  }

  private static let inOrder: [String: [(path: String, bytes: [UInt8])]] = {
    var files: [String: [(path: String, bytes: [UInt8])]] = [:]
    for fixture in FixtureCase.all {
      for path in (try? Self.files(fixture)) ?? [] where !path.hasSuffix(".db") {
        guard let bytes = try? readFile(path) else { continue }
        files[fixture.format, default: []].append((path, bytes))
      }
    }
    return files
  }()

  /// Where to cut: everywhere, or around line ends and at seeded places.
  func lengths(of bytes: [UInt8], all: Bool, count: Int) -> [Int] {
    guard !bytes.isEmpty else { return [0] }
    if all { return Array(0...bytes.count) }
    var generator = SeededGenerator(seed: Self.seed)
    var lengths: Set<Int> = [0, bytes.count]
    for _ in 0..<count { lengths.insert(Int.random(in: 0...bytes.count, using: &generator)) }
    for (index, byte) in bytes.enumerated() where byte == 0x0A && lengths.count < 3 * count {
      lengths.formUnion([index, index + 1, min(index + 2, bytes.count)])
    }
    return lengths.sorted()
  }
}
