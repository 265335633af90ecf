import Archive
import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Media that several sessions share are stored once, and originals stay whole.
@Suite struct SharedMediaTests {
  private static func medium(_ seed: UInt64, bytes count: Int) -> String {
    var random = SeededGenerator(seed: seed)
    return Base64.encode((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
  }

  private static let shared = medium(1, bytes: 300_000)
  private static let small = medium(2, bytes: 4_096)
  private static let lonely = medium(3, bytes: 50_001)
  private static let second = medium(4, bytes: 20_002)

  /// A store whose sessions hold images; `%` stands for spellings that cannot be made again.
  private func writeStore(_ support: BundleSupport) throws {
    // The last digit of such a text says more than its bytes do.
    let odd = String(Self.second.dropLast(4)) + "AB=="
    let sessions = [
      ("a", [Self.shared, Self.small, Self.lonely]), ("b", [Self.second, Self.shared, odd]),
      ("c", [Self.small, Self.second, Self.shared, Self.shared, odd]), ("d", []),
    ]
    for (name, images) in sessions {
      var file =
        #"{"type":"meta","session_id":"\#(name)","title":"\#(name)","created_at":"2026-03-01T10:00:00Z"}"#
      for image in ["not an image"] + images {
        let block =
          image.count < 20
          ? #"{"type":"text","text":"\#(image)"}"#
          : #"{"type":"image","image_mime":"image/png","image_data":"\#(image)"}"#
        file += "\n" + #"{"type":"message","message":{"role":"user","content":[\#(block)]}}"#
      }
      try support.folder.write(Array((file + "\n").utf8), to: "store/\(name).jsonl")
    }
  }

  private func source(_ support: BundleSupport) throws -> [BackupSource] {
    [try BundleSupport.source("ggcode", support.folder.path("store"))]
  }

  /// Unpacks an archive, or the packs of a vault, to the folder `plain`.
  private func unpack(_ name: String, _ support: BundleSupport) throws -> [String: [UInt8]] {
    let command =
      name.hasSuffix(".gz")
      ? "mkdir plain && tar xzf \(name) -C plain --strip-components 1"
      : "mkdir plain && for pack in \(name)/packs/*.tar.gz; do tar xzf $pack -C plain --strip-components 1; done"
    #expect(try support.run(command).code == 0)
    return try support.files("plain")
  }

  @Test(arguments: ["b.tar.gz", "vault"], ["ggcode", "term-llm"])
  func `shared media are stored once and originals come back`(
    name: String, tool: String
  ) async throws {
    let support = try BundleSupport()
    try writeStore(support)
    var original = try source(support)
    if tool == "term-llm" {
      // A database that was made from the store, as its sessions have no files of their own.
      let first = try await support.backup(original, "first.tar.gz")
      #expect(first.items.count == 4)
      let target = try #require(try BundleSupport.format(tool) as? any WritableSessionFormat)
      try await support.restore("first.tar.gz", "sessions.db") {
        $0.format = target
        $0.carries = false
      }
      original = [try BundleSupport.source(tool, support.folder.path("sessions.db"))]
    }
    try await support.backup(original, name)
    let files = try unpack(name, support)
    let blobs = files.filter { $0.key.hasPrefix("data/blobs/sha256/") }
    #expect(
      Set(blobs.values) == [
        try #require(Base64.decode(Self.shared)), try #require(Base64.decode(Self.second)),
      ])
    for (path, bytes) in blobs {
      #expect(path.hasSuffix("/" + ContentDigest.hex(of: bytes)))
    }
    // Nowhere else in the bundle are they, and what only one session holds is where it was.
    let raw = files.filter { $0.key.contains("/raw/") }.mapValues {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(!raw.values.contains { $0.contains(Self.shared.prefix(100)) })
    #expect(raw.values.count { $0.contains(Self.lonely) } == 1)
    #expect(raw.values.count { $0.contains(Self.small) } == 2)

    let report = try await support.verify(name)
    #expect(report.findings.isEmpty, "\(report.findings)")
    BundleSupport.isExact(try await support.restore(name, "back"))
    BundleSupport.isExact(try await support.restore(name, "one") { $0.sessions = ["b"] })
    if tool == "term-llm" {
      #expect(
        try BundleSupport.rows(support.folder.path("back"))
          == BundleSupport.rows(support.folder.path("sessions.db")))
    } else {
      let store = try BundleSupport.sessionFiles(support.folder.path("store"))
      #expect(try BundleSupport.sessionFiles(support.folder.path("back")) == store)
      #expect(
        try BundleSupport.sessionFiles(support.folder.path("one"))
          == ["b.jsonl": try #require(store["b.jsonl"])])
    }
  }

  @Test func `what the bundle's own instructions make is the original`() async throws {
    let support = try BundleSupport()
    try writeStore(support)
    try await support.backup(try source(support), "b.tar.gz")
    let files = try unpack("b.tar.gz", support)
    let text = String(decoding: try #require(files["README.md"]), as: UTF8.self)
    let script = text.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { !$0.contains("import base64") }
      .prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    #expect(!script.isEmpty)
    try support.folder.write(Array(script.utf8), to: "whole.py")
    guard try support.run("python3 --version").code == 0 else {
      print("python3 is not here, so its instructions are not followed")
      return
    }
    let store = try BundleSupport.sessionFiles(support.folder.path("store"))
    for name in ["a", "b", "c", "d"] {
      let folder = try #require(files.keys.first { $0.hasSuffix("/\(name)/raw/\(name).jsonl") })
        .dropLast("/raw/\(name).jsonl".count)
      let run = try support.run("cd plain/\(folder) && python3 ../../../../../../../whole.py")
      #expect(run.code == 0, "\(run.output)")
      #expect(
        try readFile(support.folder.path("plain/\(folder)/\(name).jsonl")) == store[name + ".jsonl"]
      )
    }
  }

  @Test func `a missing, changed or foreign blob is found`() async throws {
    let support = try BundleSupport()
    try writeStore(support)
    try await support.backupUnpacked(try source(support), "bag")
    let blob = try #require(
      try support.files("bag").keys.first { $0.hasPrefix("data/blobs/sha256/") })
    let path = support.folder.path("bag/" + blob)
    let bytes = try readFile(path)
    try support.folder.write(bytes + [0], to: "bag/" + blob)
    #expect(try await !support.verify("bag").isValid)
    try FileManager.default.removeItem(atPath: path)
    let report = try await support.verify("bag")
    #expect(report.findings.contains { $0.rule == "archive.blobs" && $0.severity == .error })
    let restored = try await support.restore("bag", "back")
    #expect(
      restored.sessions.contains { $0.status == .failed && $0.reason?.contains("blob") == true })
    #expect(restored.sessions.contains { $0.status == .written })
  }

  @Test func `media of transcripts lie among the blobs, where links find them`() async throws {
    let support = try BundleSupport()
    try writeStore(support)
    try await support.backup(try source(support), "b.tar.gz") {
      $0.transcript = try BundleSupport.format("markdown") as? any WritableSessionFormat
    }
    let files = try unpack("b.tar.gz", support)
    let (path, bytes) = try #require(files.first { $0.key.hasSuffix("/a/transcript.md") })
    let text = String(decoding: bytes, as: UTF8.self)
    let links = text.matches(of: /!\[attached image\]\(([^) ]+)[^)]*\)/).map { String($0.1) }
      .filter { !$0.hasPrefix("data:") }
    #expect(links.count == 2)
    let folder = (path as NSString).deletingLastPathComponent
    for (link, medium) in zip(links, [Self.shared, Self.lonely]) {
      let target = cleanPath(folder + "/" + link)
      #expect(files[target] == Base64.decode(medium), "\(link)")
    }
    var verification = Verification(
      of: support.folder.path("b.tar.gz"), depth: .full, formats: Registry.formats)
    verification.transcript = try BundleSupport.format("markdown") as? any WritableSessionFormat
    let report = try await verification.run()
    #expect(report.findings.isEmpty, "\(report.findings)")
  }
}
