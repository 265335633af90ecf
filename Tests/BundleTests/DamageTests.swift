import Archive
import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import Synchronization
import TestSupport
import Testing

@Suite struct BundleDamageTests {
  /// A bundle of one short session, without its side files.
  private func small(_ support: BundleSupport) async throws -> [UInt8] {
    let line =
      #"{"type":"meta","session_id":"20260301-100000","title":"Beans","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z"}"#
    try support.folder.write(Array((line + "\n").utf8), to: "store/20260301-100000.jsonl")
    let store = support.folder.path("store")
    try await support.backup([BundleSupport.source("ggcode", store)], "small.tar.gz")
    return try readFile(support.folder.path("small.tar.gz"))
  }

  /// All files of an archive; nil when it does not read.
  private static func content(_ path: String) -> [String: [UInt8]]? {
    do {
      let reader = BagArchiveReader(
        TarReader(try ArchiveStream(RandomAccessFile(path: path))))
      var files: [String: [UInt8]] = [:]
      while let file = try reader.next() {
        files[file.path] = try reader.readAll(limit: 1 << 20)
      }
      return files
    } catch {
      return nil
    }
  }

  @Test func `every flipped bit is reported, or changes no file`() async throws {
    let support = try BundleSupport()
    let bytes = try await small(support)
    let original = try #require(Self.content(support.folder.path("small.tar.gz")))
    let missed = await withTaskGroup(of: [Int].self) { group in
      for part in 0..<4 {
        group.addTask {
          var missed: [Int] = []
          let path = support.folder.path("flipped-\(part)/small.tar.gz")
          for bit in stride(from: part, to: bytes.count * 8, by: 4) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard (try? support.folder.write(flipped, to: "flipped-\(part)/small.tar.gz")) != nil
            else { return [bit] }
            // What does not read is refused by every command.
            guard let content = Self.content(path), content != original else { continue }
            let report = try? await Verification(of: path, formats: []).run()
            if report?.isValid ?? false { missed.append(bit) }
          }
          return missed
        }
      }
      var missed: [Int] = []
      for await part in group { missed += part }
      return missed
    }
    #expect(missed.isEmpty)
  }

  @Test func `with the digest beside it no flipped bit passes`() async throws {
    let support = try BundleSupport()
    let bytes = try await small(support)
    for bit in stride(from: 0, to: bytes.count * 8, by: 61) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      try support.folder.write(flipped, to: "small.tar.gz")
      #expect(try await !support.verify("small.tar.gz", .standard).isValid, "bit \(bit)")
    }
  }

  @Test func `of an archive cut short comes back what is whole, and the rest is named`()
    async throws
  {
    let support = try BundleSupport()
    let sources = [try BundleSupport.source("ggcode", BundleSupport.ggcode)]
    try await support.backup(sources, "all.tar.gz")
    let bytes = try readFile(support.folder.path("all.tar.gz"))
    var counts: Set<Int> = []
    for size in stride(from: 512, to: bytes.count, by: 512) {
      try support.folder.write(Array(bytes.prefix(size)), to: "cut/cut.tar.gz")
      let path = support.folder.path("cut/cut.tar.gz")
      let report = try await Verification(of: path, formats: []).run()
      #expect(!report.isValid, "\(size)")
      try? FileManager.default.removeItem(atPath: support.folder.path("out"))
      let count = try await expectRest("cut/cut.tar.gz", support, "\(size)")
      counts.insert(count)
    }
    #expect(counts.count > 4)
  }

  /// Restores what can be; gives the number of sessions, each of which is whole.
  private func expectRest(
    _ bundle: String, _ support: BundleSupport, _ what: String
  ) async throws -> Int {
    let report: RestorationReport
    do {
      report = try await support.restore(bundle, "out/back")
    } catch {
      // Without its beginning nobody knows what was in it.
      #expect(try FileStatus(path: support.folder.path("out/back")) == nil, "\(what)")
      return 0
    }
    #expect(report.sessions.count == 6, "\(what)")
    let written = report.sessions.filter { $0.status == .written }
    for session in report.sessions where session.status != .written {
      #expect(session.status == .failed && session.reason != nil, "\(what)")
    }
    guard !written.isEmpty else { return 0 }
    let original = try BundleSupport.sessionFiles(BundleSupport.ggcode)
    let back = try BundleSupport.sessionFiles(support.folder.path("out/back"))
    #expect(back.count == written.count, "\(what)")
    for (name, bytes) in back { #expect(original[name] == bytes, "\(what): \(name)") }
    return written.count
  }

  @Test(arguments: [true, false])
  func `one damaged part of an archive costs what is in it`(hasIndex: Bool) async throws {
    let support = try BundleSupport()
    let sources = [try BundleSupport.source("ggcode", BundleSupport.ggcode)]
    try await support.backup(sources, "all.tar.gz")
    let bytes = try readFile(support.folder.path("all.tar.gz"))
    if !hasIndex { try removeFile(support.folder.path("all.tar.gz.idx.json")) }
    var head = 12
    while !bytes[head...].starts(with: GzipMember.header) { head += 1 }
    for offset in stride(from: head, to: bytes.count, by: 397) {
      var damaged = bytes
      damaged[offset] ^= 0x55
      try support.folder.write(damaged, to: "all.tar.gz")
      try? FileManager.default.removeItem(atPath: support.folder.path("out"))
      #expect(try await expectRest("all.tar.gz", support, "\(offset)") >= 5)
      #expect(try await !support.verify("all.tar.gz", .standard).isValid)
    }
  }

  @Test func `bytes behind the end are reported`() async throws {
    let support = try BundleSupport()
    let bytes = try await small(support)
    try support.folder.write(bytes + Array("garbage".utf8), to: "tail/small.tar.gz")
    let report = try await support.verify("tail/small.tar.gz")
    #expect(report.isValid)
    #expect(report.findings.contains { $0.rule == "archive.end" })
    try support.folder.write(bytes + [0, 0, 0, 0], to: "tail/small.tar.gz")
    #expect(try await support.verify("tail/small.tar.gz").findings.isEmpty)
  }

  /// What is put into a bundle beside its own files.
  struct Intruder: CustomTestStringConvertible, Sendable {
    var name: String
    var add: @Sendable (inout TarBuilder, String) -> Void
    var testDescription: String { name }
  }

  static let intruders: [Intruder] = [
    Intruder(name: "traversal") { tar, root in tar.add(root + "/../../evil", [1]) },
    Intruder(name: "absolute") { tar, _ in tar.add("/tmp/carryover-evil", [1]) },
    Intruder(name: "link") { tar, root in tar.add(root + "/data/x", type: "2", link: "/etc") },
    Intruder(name: "hard link") { tar, root in
      tar.add(root + "/data/x", type: "1", link: root + "/bagit.txt")
    },
    Intruder(name: "device") { tar, root in tar.add(root + "/data/x", type: "3") },
    Intruder(name: "duplicate") { tar, root in tar.add(root + "/bagit.txt", [1]) },
    Intruder(name: "case") { tar, root in tar.add(root + "/BAGIT.TXT", [1]) },
    Intruder(name: "decomposed") { tar, root in tar.add(root + "/data/e\u{301}", [1]) },
    Intruder(name: "second root") { tar, _ in tar.add("other/evil", [1]) },
  ]

  @Test(arguments: intruders)
  func `nothing of a hostile archive reaches the destination`(intruder: Intruder) async throws {
    let support = try BundleSupport()
    _ = try await small(support)
    let content = try #require(Self.content(support.folder.path("small.tar.gz")))
    var tar = TarBuilder()
    for (name, bytes) in content.sorted(by: { $0.key < $1.key }) {
      tar.add("small/x".dropLast() + name, bytes)
    }
    // The same archive without the intruder is sound.
    try support.folder.write(GzipMember.pack(tar.finished[...]), to: "in/small.tar.gz")
    #expect(try await support.verify("in/small.tar.gz").isValid)
    intruder.add(&tar, "small")
    try support.folder.write(GzipMember.pack(tar.finished[...]), to: "in/small.tar.gz")
    let before = try support.files("")
    #expect(try await !support.verify("in/small.tar.gz").isValid)
    await #expect(throws: FormatError.self) {
      try await support.restore("in/small.tar.gz", "out")
    }
    #expect(try support.files("") == before)
    #expect(try FileStatus(path: support.folder.path("out")) == nil)
    #expect(try FileStatus(path: "/tmp/carryover-evil") == nil)
  }

  @Test func `a file that claims to be larger than the archive costs only what is behind it`()
    async throws
  {
    let support = try BundleSupport()
    _ = try await small(support)
    let content = try #require(Self.content(support.folder.path("small.tar.gz")))
    var tar = TarBuilder()
    for (name, bytes) in content.sorted(by: { $0.key < $1.key }) { tar.add("small/" + name, bytes) }
    tar.add("small/data/x", [1], size: 1 << 30)
    try support.folder.write(GzipMember.pack(tar.finished[...]), to: "in/small.tar.gz")
    #expect(try await !support.verify("in/small.tar.gz").isValid)
    let report = try await support.restore("in/small.tar.gz", "out")
    #expect(report.sessions.allSatisfy { $0.status == .written })
    #expect(try support.files("out").keys.allSatisfy { !$0.hasSuffix("/x") && $0 != "x" })
  }

  @Test func `a session without its note is not restored as something else`() async throws {
    let support = try BundleSupport()
    try await support.backupUnpacked(
      [BundleSupport.source("ggcode", BundleSupport.ggcode)], "bag")
    let note = "data/sessions/ggcode/2026/04/20260406-100000/raw/source.json"
    try removeFile(support.folder.path("bag/" + note))
    let edited = try support.run(
      """
      cd bag && sed -i '\\,\(note),d' manifest-sha256.txt && \
        sed -i '/ manifest-sha256/d; / bag-info/d' tagmanifest-sha256.txt && \
        sed -i '/Oxum/d' bag-info.txt
      """)
    #expect(edited.code == 0, "\(edited.output)")
    for depth in [Verification.Depth.standard, .full] {
      let report = try await support.verify("bag", depth)
      #expect(!report.isValid)
      #expect(report.findings.contains { $0.message.contains("source.json") }, "\(report.findings)")
    }
    let report = try await support.restore("bag", "back")
    #expect(
      report.sessions.filter { $0.status == .failed }.map(\.source) == ["20260406-100000"])
  }

  @Test func `files that the manifest does not know, or that are gone, are reported`() async throws
  {
    let support = try BundleSupport()
    try await support.backupUnpacked(BundleSupport.both, "bag")
    let entries = try Bundle(support.folder.path("bag")).entries
    let first = try #require(entries.first).path
    let changes: [(String, () throws -> Void)] = [
      ("archive.payload", { try support.folder.write([1], to: "bag/data/extra") }),
      ("archive.payload", { try support.folder.write([1], to: "bag/\(first)/raw/source.json") }),
      (
        "archive.payload",
        { try FileManager.default.removeItem(atPath: support.folder.path("bag/" + first)) }
      ),
      ("archive.tags", { try support.folder.write([1], to: "bag/README.md") }),
      (
        "archive.path",
        {
          try FileManager.default.createSymbolicLink(
            atPath: support.folder.path("bag/data/link"), withDestinationPath: "/etc")
        }
      ),
    ]
    let sound = support.folder.path("sound")
    try FileManager.default.moveItem(atPath: support.folder.path("bag"), toPath: sound)
    for (rule, change) in changes {
      try? FileManager.default.removeItem(atPath: support.folder.path("bag"))
      try FileManager.default.copyItem(atPath: sound, toPath: support.folder.path("bag"))
      try change()
      let report = try await support.verify("bag", .standard)
      #expect(!report.isValid)
      #expect(
        report.findings.contains { $0.rule == rule && $0.severity == .error },
        "\(rule): \(report.findings)")
    }
  }

  @Test func `a damaged session does not keep the others from being restored`() async throws {
    let support = try BundleSupport()
    try await support.backupUnpacked(
      [BundleSupport.source("ggcode", BundleSupport.ggcode)], "bag")
    let victim = "bag/data/sessions/ggcode/2026/04/20260406-100000/raw/20260406-100000.jsonl"
    try support.folder.write(Array("{}\n".utf8), to: victim)
    let report = try await support.restore("bag", "back")
    #expect(
      report.sessions.filter { $0.status == .failed }.map(\.source) == ["20260406-100000"])
    #expect(report.sessions.count { $0.status == .written } == 5)
    var expected = try BundleSupport.sessionFiles(BundleSupport.ggcode)
    expected["20260406-100000.jsonl"] = nil
    #expect(try BundleSupport.sessionFiles(support.folder.path("back")) == expected)
  }

  @Test func `a bomb is refused before it is unpacked`() async throws {
    let support = try BundleSupport()
    _ = try await small(support)
    let made = try support.run(
      "tar xzf small.tar.gz && truncate -s 200000000 small/data/zeros"
        + " && tar czf bomb.tar.gz small && rm small/data/zeros && stat -c %s bomb.tar.gz")
    try #require(made.code == 0, "\(made.output)")
    let report = try await support.verify("bomb.tar.gz")
    #expect(report.findings.contains { $0.message.contains("times its compressed size") })
    let error = await #expect(throws: FormatError.self) {
      try await support.restore("bomb.tar.gz", "out")
    }
    #expect(error?.code == .limit)
    #expect(try FileStatus(path: support.folder.path("out")) == nil)
  }
}
