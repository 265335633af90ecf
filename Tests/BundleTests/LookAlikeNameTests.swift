#if os(Linux)
  import Bundles
  import Conversion
  import FileIO
  import SessionCoding
  import SessionFormats
  import TestSupport
  import Testing

  /// Names that look the same, with an accent as one character or as two, are different files.
  @Suite struct LookAlikeNameTests {
    static let accents = ["caf\u{e9}", "cafe\u{301}"]

    /// The bytes of each file below a folder, by the bytes of its place.
    private func contents(_ root: String, _ folder: String = "") throws -> [[UInt8]: [UInt8]] {
      var contents: [[UInt8]: [UInt8]] = [:]
      for entry in try listDirectory(root + folder) {
        let place = folder + "/" + entry.name
        if entry.kind == .directory {
          contents.merge(try self.contents(root, place)) { first, _ in first }
        } else {
          contents[Array(place.utf8)] = try readFile(root + place)
        }
      }
      return contents
    }

    @Test(arguments: ["all.tar.gz", "vault"])
    func `sessions in files whose names look the same come back`(bundle: String) async throws {
      let support = try BundleSupport()
      for (number, name) in Self.accents.enumerated() {
        let text =
          #"{"record":"session","version":1,"head":{"id":"s\#(number)","title":"T\#(number)"}}"#
        try support.folder.write(Array((text + "\n").utf8), to: "store/\(name).session.jsonl")
      }
      let expected = try contents(support.folder.path("store"))
      try #require(expected.count == 2)
      let report = try await support.backup(
        [BundleSupport.source("canonical", support.folder.path("store"))], bundle)
      #expect(report.proven == 2)
      #expect(report.untaken.isEmpty)
      #expect(try await support.verify(bundle).findings.isEmpty)
      BundleSupport.isExact(try await support.restore(bundle, "back"))
      #expect(try contents(support.folder.path("back")) == expected)
      let converted = try await support.restore(bundle, "converted") {
        $0.format = try BundleSupport.format("ggcode") as? any WritableSessionFormat
      }
      #expect(Set(converted.sessions.map(\.source)) == ["s0", "s1"])
    }

    @Test func `sessions of projects whose names look the same come back`() async throws {
      let support = try BundleSupport()
      let fixture = "claude-code/sub-agent/input/projects/-home-dev-app/\(HomeTests.session).jsonl"
      let bytes = try Fixtures.bytes(fixture)
      for (number, name) in Self.accents.enumerated() {
        let project = "store/projects/-home-\(name)/\(HomeTests.session)"
        try support.folder.write(
          bytes + [UInt8](repeating: 0x0A, count: number), to: project + ".jsonl")
        try support.folder.write([UInt8(number)], to: project + "/tool-results/1.txt")
      }
      let expected = try contents(support.folder.path("store"))
      try #require(expected.count == 4)
      let report = try await support.backup(
        [BundleSupport.source("claude-code", support.folder.path("store"))], "all.tar.gz")
      #expect(report.proven == 2)
      BundleSupport.isExact(try await support.restore("all.tar.gz", "back"))
      #expect(try contents(support.folder.path("back")) == expected)
    }
  }
#endif
