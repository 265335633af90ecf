import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import TestSupport
import Testing

@Suite struct OtherProgramsTests {
  @Test func `standard tools verify and unpack a bundle`() async throws {
    let support = try BundleSupport()
    try await support.backup(BundleSupport.both, "all.tar.gz") {
      $0.canonical = try BundleSupport.format("canonical") as? any WritableSessionFormat
    }
    for command in [
      "gzip -t all.tar.gz", "tar tzf all.tar.gz", "sha256sum -c all.tar.gz.sha256",
      "tar xzf all.tar.gz && cd all && sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt",
    ] {
      let result = try support.run(command)
      #expect(result.code == 0, "\(command): \(result.output)")
    }
  }

  /// Ways to pack an unpacked bundle again.
  static let packers = [
    "tar czf again.tar.gz all",
    "tar --format=gnu -czf again.tar.gz ./all",
    "tar --format=pax -czf again.tar.gz all",
    "tar --format=ustar -cf - all | gzip -1 > again.tar.gz",
    "tar cf again.tar all && mv again.tar again.tar.gz",
    "python3 -c \"import tarfile; t = tarfile.open('again.tar.gz', 'w:gz'); t.add('all'); t.close()\"",
    "python3 -c \"import tarfile; t = tarfile.open('again.tar.gz', 'w:gz', format=tarfile.GNU_FORMAT); t.add('all'); t.close()\"",
  ]

  @Test(arguments: packers)
  func `a bundle packed again by another program verifies and restores`(
    command: String
  ) async throws {
    let support = try BundleSupport()
    try await support.backup(BundleSupport.both, "all.tar.gz")
    let packed = try support.run("tar xzf all.tar.gz && rm all.tar.gz* && \(command)")
    try #require(packed.code == 0, "\(packed.output)")
    let report = try await support.verify("again.tar.gz")
    #expect(report.isValid, "\(report.findings)")
    #expect(
      report.findings.map(\.rule) == ["archive.root-name"], "\(report.findings)")
    BundleSupport.isExact(try await support.restore("again.tar.gz", "back"))
    #expect(
      try BundleSupport.sessionFiles(support.folder.path("back/ggcode"))
        == BundleSupport.sessionFiles(BundleSupport.ggcode))
    // A bag that was unpacked is a bundle as it is.
    #expect(try await support.verify("all").isValid)
  }

  @Test func `bagit.py finds bundles and vaults valid`() async throws {
    let support = try BundleSupport()
    let found = try support.run(
      "python3 -c 'import bagit' 2>/dev/null || (command -v pip3 >/dev/null && "
        + "pip3 install -q --target tools bagit==1.9.0 setuptools)")
    guard found.code == 0 else {
      print("skipped: bagit.py cannot be had here")
      return
    }
    try await support.backup(BundleSupport.both, "all.tar.gz")
    try await support.backup(BundleSupport.both, "vault")
    for archive in ["all.tar.gz", "vault/packs/*.tar.gz"] {
      let result = try support.run(
        "rm -rf bag && mkdir bag && tar xzf \(archive) -C bag --strip-components 1 "
          + "&& PYTHONPATH=tools python3 -m bagit --validate bag")
      #expect(result.code == 0, "\(result.output)")
    }
  }

  @Test(arguments: ["sessions-20261120T170000Z.tar.gz", "sessions-20261120T170000Z"])
  func `a bundle of another program is read`(name: String) async throws {
    let support = try BundleSupport()
    let path = Fixtures.root + "/archive/" + name
    for depth in Verification.Depth.allCases {
      let report = try await Verification(of: path, depth: depth).run()
      #expect(report.isValid)
      #expect(report.findings.allSatisfy { $0.severity == .info }, "\(report.findings)")
      #expect(report.sessions == 2)
    }
    let report = try await Restoration(
      of: path, to: support.folder.path("back"), formats: []
    ).run()
    BundleSupport.isExact(report)
    let raw = "data/sessions/opencode/2026/04/ses_29303337fffee71lHFE8l6hlvY/raw/export.json"
    #expect(
      try support.files("back/opencode").values.contains(
        readFile(Fixtures.root + "/archive/sessions-20261120T170000Z/" + raw)))
  }
}
