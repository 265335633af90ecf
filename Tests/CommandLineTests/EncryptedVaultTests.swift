import Foundation
import TestSupport
import Testing

/// Vaults that the program age encrypts; where it is not installed the tests say so and pass.
@Suite struct EncryptedVaultTests {
  /// A store, two keys, and a vault of the store as it was and as it is; nil without age.
  private struct Setup {
    let folder: TemporaryFolder
    let recipient: String
    let other: String

    init?() throws {
      folder = try TemporaryFolder.withStore()
      let made = try CommandLineRun(
        """
        age-keygen -o key.txt && age-keygen -y key.txt && \
        age-keygen -o other.txt && age-keygen -y other.txt
        """, in: folder.path)
      guard made.code == 0 else {
        print("skipped: the program age is not installed")
        return nil
      }
      let keys = made.output.split(separator: "\n").map(String.init)
      recipient = try #require(keys.first)
      other = try #require(keys.last)
    }

    var backup: String {
      "carryover backup store vault --encrypt \(recipient) --identity key.txt"
    }

    func run(_ command: String) throws -> CommandLineRun {
      try CommandLineRun(command, in: folder.path)
    }

    /// Makes the vault, with two snapshots.
    func fill() throws {
      let first = try run(
        "cp -a store store-1 && carryover backup store vault --encrypt \(recipient)")
      #expect(first.code == 0, "\(first.errors)")
      try grow()
      let second = try run(backup)
      #expect(second.code == 0, "\(second.errors)")
      #expect(second.output.contains("1 changed, 5 unchanged"), "\(second.output)")
      #expect(second.output.contains("Proven: 1 session "), "\(second.output)")
    }

    func grow() throws {
      let grown = try run("echo '{\"type\":\"other\"}' >> store/20260406-100000.jsonl")
      #expect(grown.code == 0)
    }

    /// The names of the snapshots, oldest first.
    func snapshots() throws -> [String] {
      try folder.files("vault/snapshots").keys.sorted().map { String($0.prefix(16)) }
    }
  }

  @Test func `an encrypted vault shows nothing without its key, and all with it`() throws {
    guard let setup = try Setup() else { return }
    let (folder, run) = (setup.folder, setup.run)
    try setup.fill()
    for (name, bytes) in try folder.files("vault") {
      let isPlain = name == "vault.json" || name == "README.md" || name.hasSuffix(".sha256")
      let isAge = bytes.starts(with: Array("age-encryption.org/".utf8))
      #expect(isPlain || isAge, "\(name)")
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains("20260406-100000") && !text.contains("ggcode"), "\(name)")
    }
    for command in [
      "verify vault", "restore vault back", "vault list vault", "vault show vault",
      "vault history vault 20260406", "vault forget vault --keep-daily 1",
      "vault compact vault --dry-run",
    ] {
      let bare = try run("carryover \(command)")
      #expect(bare.code == 3 && bare.errors.contains("--identity"), "\(command): \(bare.errors)")
      let wrong = try run("carryover \(command) --identity other.txt")
      #expect(wrong.code == 3 && wrong.errors.contains("--identity"), "\(command): \(wrong.errors)")
      #expect(
        !(bare.output + bare.errors + wrong.output + wrong.errors).contains("20260406-100000"))
    }
    let names = try setup.snapshots()
    try #require(names.count == 2)
    let all = try run(
      """
      carryover verify vault --identity key.txt && \
      carryover verify vault --full --identity key.txt && \
      carryover vault list vault --identity key.txt && \
      carryover vault history vault 20260406-100000 --identity key.txt && \
      carryover vault show vault 20260406-100000@2 --identity key.txt && \
      carryover restore vault back --identity key.txt && diff -r store back && \
      carryover restore vault first --snapshot \(names[0]) --identity key.txt && \
      diff -r store-1 first && (cd vault/packs && sha256sum -c --quiet *.sha256) && \
      age -d -i key.txt vault/packs/\(names[0]).tar.gz.age | tar xzO \(names[0])/index.jsonl | \
        grep -c source_id && \
      age -d -i key.txt vault/snapshots/\(names[1]).jsonl.gz.age | gzip -d
      """)
    #expect(all.code == 0, "\(all.output)\(all.errors)")
    #expect(all.output.contains("REVISION") && all.output.contains("revision 2"))
    #expect(try !folder.hasStrays())
  }

  @Test func `a vault is encrypted as a whole or not at all`() throws {
    guard let setup = try Setup() else { return }
    let run = setup.run
    try setup.fill()
    let before = try setup.folder.files("vault")
    try setup.grow()
    for (command, advice) in [
      ("backup store vault", "--encrypt"),
      ("backup store vault --identity key.txt", "--encrypt"),
      ("backup store vault --encrypt \(setup.recipient)", "--identity"),
      ("backup store vault --encrypt \(setup.other) --identity key.txt", "--identity"),
      ("backup store vault --encrypt \(setup.recipient) --identity other.txt", "--identity"),
      ("vault compact vault --identity key.txt", "--encrypt"),
    ] {
      let refused = try run("carryover \(command)")
      #expect([3, 4].contains(refused.code), "\(command): \(refused.code)")
      #expect(refused.errors.contains(advice), "\(command): \(refused.errors)")
      #expect(try setup.folder.files("vault") == before, "\(command)")
    }
    let plain = try run(
      "carryover backup store plain && carryover backup store plain --encrypt \(setup.recipient)")
    #expect(plain.code == 4 && plain.errors.contains("leave out --encrypt"), "\(plain.errors)")
    // What is in the wrong kind of vault is told.
    let mixed = try run(
      "cp plain/packs/*.tar.gz vault/packs/ && carryover verify vault --identity key.txt")
    #expect(mixed.code == 1 && mixed.output.contains("not encrypted"), "\(mixed.output)")
    #expect(try !setup.folder.hasStrays())
  }

  @Test func `an unchanged run writes nothing, and thinning out keeps what is needed`() throws {
    guard let setup = try Setup() else { return }
    let (folder, run) = (setup.folder, setup.run)
    try setup.fill()
    let settled = try run("sleep 3; \(setup.backup)")
    #expect(settled.code == 0, "\(settled.errors)")
    let before = try folder.files("vault")
    let again = try run(setup.backup)
    #expect(again.code == 0 && again.output.contains("nothing was written"), "\(again.output)")
    #expect(try folder.files("vault") == before)
    let thin = try run(
      """
      carryover vault forget vault --keep-daily 1 --identity key.txt && \
      carryover vault compact vault --encrypt \(setup.recipient) --identity key.txt && \
      carryover verify vault --full --identity key.txt && \
      carryover restore vault back --identity key.txt && diff -r store back && \
      (cd vault/packs && sha256sum -c --quiet *.sha256) && ls vault/packs
      """)
    #expect(thin.code == 0, "\(thin.output)\(thin.errors)")
    #expect(try setup.snapshots().count == 1)
    #expect(try folder.files("vault/packs").count == 6, "\(thin.output)")
    #expect(try !folder.hasStrays())
  }

  @Test func `what is lost of an encrypted vault is told, and added again`() throws {
    guard let setup = try Setup() else { return }
    let run = setup.run
    try setup.fill()
    let name = try setup.snapshots()[0]
    let tags = try run(
      """
      rm vault/packs/\(name).tags.age; carryover restore vault a --identity key.txt && diff -r store a
      """)
    #expect(tags.code == 0, "\(tags.output)\(tags.errors)")
    let cut = try run(
      """
      truncate -s -100 vault/packs/\(name).tar.gz.age; \
      carryover verify vault --identity key.txt
      """)
    #expect(cut.code == 1, "\(cut.code) \(cut.output)\(cut.errors)")
    let again = try run(
      "\(setup.backup) && carryover restore vault b --identity key.txt && diff -r store b")
    #expect(again.code == 0, "\(again.output)\(again.errors)")
  }
}
