import Foundation
import TestSupport
import Testing

/// Bundles that the program age encrypts; where it is not installed the tests say so and pass.
@Suite struct EncryptionTests {
  /// A folder with a store and a key; nil without age.
  private func folder() throws -> (TemporaryFolder, recipient: String)? {
    let folder = try TemporaryFolder.withStore()
    let made = try CommandLineRun("age-keygen -o key.txt && age-keygen -y key.txt", in: folder.path)
    guard made.code == 0 else {
      print("skipped: the program age is not installed")
      return nil
    }
    return (folder, made.output.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  @Test func `an encrypted bundle shows nothing without its key, and all with it`() throws {
    guard let (folder, recipient) = try folder() else { return }
    let made = try CommandLineRun(
      "carryover backup store b.tar.gz --encrypt \(recipient)", in: folder.path)
    #expect(made.code == 0, "\(made.errors)")
    #expect(made.output.contains("b.tar.gz.age: 6 sessions"))
    #expect(made.output.contains("Proven: 6 sessions"))
    let names = try folder.files().keys.filter { $0.hasPrefix("b.") }.sorted()
    #expect(names == ["b.tar.gz.age", "b.tar.gz.age.sha256"])
    for (name, bytes) in try folder.files() where name.hasPrefix("b.") {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("20260406-100000") && !text.contains("ggcode"), "\(name)")
    }
    let sum = try CommandLineRun("sha256sum -c --quiet b.tar.gz.age.sha256", in: folder.path)
    #expect(sum.code == 0)
    for command in ["verify b.tar.gz.age", "restore b.tar.gz.age back"] {
      let run = try CommandLineRun("carryover \(command)", in: folder.path)
      #expect(run.code == 3 && run.errors.contains("--identity"), "\(run.errors)")
      #expect(!run.errors.contains("2026"))
    }
    let run = try CommandLineRun(
      """
      carryover verify b.tar.gz.age --full --identity key.txt && \
      carryover restore b.tar.gz.age back --identity key.txt && diff -r store back && \
      age -d -i key.txt b.tar.gz.age | tar xzO b/index.jsonl | grep -c source_id
      """, in: folder.path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(try !folder.hasStrays())
    let wrong = try CommandLineRun(
      "age-keygen -o other.txt; carryover verify b.tar.gz.age --identity other.txt",
      in: folder.path)
    #expect(wrong.code == 3 && wrong.errors.contains("age"), "\(wrong.errors)")
    let again = try CommandLineRun(
      "carryover backup store b.tar.gz --encrypt \(recipient)", in: folder.path)
    #expect(again.code == 4 && again.errors.contains("--replace"), "\(again.errors)")
  }

  @Test func `an increment of an encrypted bundle is read with its key`() throws {
    guard let (folder, recipient) = try folder() else { return }
    let run = try CommandLineRun(
      """
      carryover backup store one.tar.gz.age --encrypt \(recipient) && \
      echo '{"type":"other"}' >> store/20260406-100000.jsonl && \
      carryover backup store two.tar.gz.age --encrypt \(recipient) \
        --since-bundle one.tar.gz.age --identity key.txt && \
      carryover restore two.tar.gz.age back --identity key.txt && diff -r store back
      """, in: folder.path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("1 changed, 5 unchanged"), "\(run.output)")
  }

  @Test func `what cannot be encrypted is said, and nothing is left`() throws {
    let folder = try TemporaryFolder.withStore()
    let absent = try CommandLineRun(
      "program=$(command -v carryover); PATH=/nowhere $program backup store b.tar.gz --encrypt age1x",
      in: folder.path)
    #expect(absent.code == 4, "\(absent.code) \(absent.errors)")
    #expect(absent.errors.contains("apt install age"), "\(absent.errors)")
    let vault = try CommandLineRun(
      "carryover backup store vault --encrypt age1x", in: folder.path)
    #expect(vault.code == 4, "\(vault.code) \(vault.errors)")
    #expect(try folder.files().keys.allSatisfy { $0.hasPrefix("store/") })
  }
}
