import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import TestSupport
import Testing

@Suite struct VaultTests {
  @Test func `a vault keeps every revision, and what it has stays as it is`() async throws {
    let vault = try VaultSupport()
    var trees: [FileTree] = [try FileTree(vault.store)]
    #expect(try await vault.backUp().count(.added) == 6)
    let first = try vault.support.files("vault")
    #expect(try await !vault.backUp().isWritten)
    #expect(try vault.support.files("vault") == first)
    try vault.grow("20260406-100000")
    try vault.settle()
    trees.append(try FileTree(vault.store))
    let grown = try await vault.backUp()
    #expect(grown.count(.changed) == 1)
    #expect(grown.items.first { $0.status == .changed }?.path?.hasSuffix(".r2") == true)
    // A session that its tool deleted stays.
    try FileManager.default.removeItem(atPath: vault.store + "/20260406-100000.jsonl")
    try vault.grow("20260302-100000-00000000000000b2")
    _ = try await vault.backUp()
    let files = try vault.support.files("vault")
    for (name, bytes) in first where name != "stamps.jsonl.gz" {
      #expect(files[name] == bytes, "\(name)")
    }
    let verified = try await vault.support.verify("vault")
    #expect(verified.findings.isEmpty, "\(verified.findings)")
    let names = try Vault(vault.vault).names
    #expect(names.count == 3 && names == names.sorted())
    for (name, tree) in zip(names, trees) {
      #expect(try await vault.restored(name) == tree, "\(name)")
    }
    let newest = try await vault.restored()
    #expect(
      newest.files["20260406-100000.jsonl"] == trees[1].files["20260406-100000.jsonl"])
  }

  @Test func `standard tools check a vault and read it`() async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    try vault.grow("20260406-100000")
    try await vault.backUp()
    let checked = try vault.support.run(
      """
      set -e; cd vault; gzip -t snapshots/*.gz packs/*.gz; cd packs; sha256sum -c --quiet *.sha256
      mkdir ../../plain; for pack in *.tar.gz; do tar xzf $pack -C ../../plain; done; cd ../../plain
      for bag in *; do (cd $bag; sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt); done
      """)
    #expect(checked.code == 0, "\(checked.output)")
    let name = "20260406-100000.jsonl"
    let found = try vault.support.run(
      "cmp plain/*/data/sessions/*/*/*/*.r2/raw/\(name) store/\(name)")
    #expect(found.code == 0, "\(found.output)")
  }

  @Test func `a file touched but not changed is a revision`() async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    try setAttributes(
      of: vault.store + "/20260406-100000.jsonl", permissions: nil,
      modified: FileStatus.Time(seconds: 1_700_000_000, nanoseconds: 0))
    let report = try await vault.backUp()
    #expect(report.count(.unchanged) == 5)
    #expect(report.count(.changed) == 1)
    #expect(try await vault.support.verify("vault").findings.isEmpty)
  }

  @Test(arguments: [true, false])
  func `files are known again by size, time and number, unless they are to be read`(
    isRead: Bool
  ) async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    // The same size, time and inode: what no tool does.
    let path = vault.store + "/20260406-100000.jsonl"
    let status = try #require(try FileStatus(path: path))
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.seek(toOffset: status.size - 1)
    try handle.write(contentsOf: [0x20])
    try handle.close()
    try setAttributes(of: path, permissions: nil, modified: status.modified)
    let report = try await vault.backUp { $0.readsUnchanged = isRead }
    #expect(report.count(.changed) == (isRead ? 1 : 0))
    #expect(report.isWritten == isRead)
  }

  @Test func `a file that changed a moment ago is read`() async throws {
    let vault = try VaultSupport()
    let path = vault.store + "/20260406-100000.jsonl"
    let now = SystemClock.now
    try setAttributes(of: path, permissions: nil, modified: now)
    try await vault.backUp()
    var bytes = try readFile(path)
    bytes[bytes.count - 1] = 0x20
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.write(contentsOf: bytes)
    try handle.close()
    try setAttributes(of: path, permissions: nil, modified: now)
    #expect(try await vault.backUp().count(.changed) == 1)
  }

  @Test func `what is lost of a vault is named, and the next run adds it again`() async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    try vault.grow("20260406-100000")
    try await vault.backUp()
    let tree = try FileTree(vault.store)
    let old = try await vault.restored(Vault(vault.vault).names[0])
    let sound = vault.folder.path("sound")
    try FileManager.default.moveItem(atPath: vault.vault, toPath: sound)
    for pack in try listDirectory(sound + "/packs").map(\.name) where pack.hasSuffix(".tar.gz") {
      for change in ["gone", "short", "without index"] {
        try? FileManager.default.removeItem(atPath: vault.vault)
        try FileManager.default.copyItem(atPath: sound, toPath: vault.vault)
        let path = "\(vault.vault)/packs/\(pack)"
        switch change {
        case "gone": try removeFile(path)
        case "short":
          try vault.folder.write(Array(readFile(path).dropLast(200)), to: "vault/packs/\(pack)")
        default: try removeFile(path + ".idx.json.gz")
        }
        let isBad = change != "without index"
        #expect(try await vault.support.verify("vault").isValid != isBad, "\(change) \(pack)")
        let report = try await vault.backUp()
        #expect(report.isWritten == (report.count(.changed) > 0), "\(change) \(pack)")
        #expect(try await vault.restored() == tree, "\(change) \(pack)")
        guard change == "gone", pack.contains(try Vault(vault.vault).names[0]) else { continue }
        // Of the older state only what did not change since is there again.
        let missing = try await vault.support.restore("vault", "then") {
          $0.snapshot = try Vault(vault.vault).names[0]
        }
        #expect(
          missing.sessions.filter { $0.status == .failed }.map(\.source) == ["20260406-100000"])
        #expect(try FileTree(vault.folder.path("then")).files.count == old.files.count - 1)
        try FileManager.default.removeItem(atPath: vault.folder.path("then"))
      }
    }
  }

  @Test func `a run that was cut off leaves the vault whole, and the next one completes it`()
    async throws
  {
    let vault = try VaultSupport()
    let before = try FileTree(vault.store)
    try await vault.backUp()
    try FileManager.default.copyItem(atPath: vault.vault, toPath: vault.folder.path("old"))
    let old = try vault.support.files("old")
    try vault.grow("20260406-100000")
    let after = try FileTree(vault.store)
    try await vault.backUp()
    let new = try vault.support.files("vault").filter {
      old[$0.key] != $0.value && $0.key != "stamps.jsonl.gz"
    }
    #expect(new.count == 4)
    // Side files follow a pack, and the snapshot is last.
    let order = new.keys.sorted { a, b in
      (a.hasPrefix("snapshots") ? 1 : 0, a) < (b.hasPrefix("snapshots") ? 1 : 0, b)
    }
    for count in 0...order.count {
      try? FileManager.default.removeItem(atPath: vault.vault)
      try FileManager.default.copyItem(
        atPath: vault.folder.path("old"), toPath: vault.vault)
      for name in order.prefix(count) {
        try vault.folder.write(try #require(new[name]), to: "vault/" + name)
      }
      let report = try await vault.support.verify("vault")
      #expect(report.isValid, "\(count): \(report.findings)")
      #expect(try await vault.restored() == (count < order.count ? before : after), "\(count)")
      let next = try await vault.backUp()
      #expect(next.isWritten == (count < order.count), "\(count)")
      #expect(try await vault.restored() == after, "\(count)")
      #expect(try await vault.support.verify("vault").isValid, "\(count)")
    }
  }

  @Test func `a new vault that was cut off at its beginning is gone on with`() async throws {
    for files in [["vault.json"], ["vault.json", "packs/", "snapshots/"]] {
      let vault = try VaultSupport()
      for file in files where file.hasSuffix("/") {
        try createDirectory(vault.vault + "/" + file)
      }
      try vault.folder.write(Array("{\"v\":1}\n".utf8), to: "vault/vault.json")
      #expect(try await !vault.support.verify("vault").isValid)
      await #expect(throws: FormatError.self) { try await vault.support.restore("vault", "back") }
      try await vault.backUp()
      #expect(try await vault.restored() == FileTree(vault.store))
    }
  }

  @Test func `a folder with something else is no vault, and stays as it is`() async throws {
    let vault = try VaultSupport()
    try vault.folder.write([1], to: "vault/file")
    let error = await #expect(throws: FormatError.self) { try await vault.backUp() }
    #expect(error?.isAboutTarget == true)
    #expect(try vault.support.files("vault") == ["file": [1]])
    // One that was new leaves nothing when the source cannot be read.
    let source = try BundleSupport.source("ggcode", vault.folder.path("nothing.jsonl"))
    _ = try? await vault.support.backup([source], "other")
    #expect(try FileStatus(path: vault.folder.path("other")) == nil)
  }

  @Test func `the history of a session names its revisions, and their files`() async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    let size = try FileStatus(path: vault.store + "/20260406-100000.jsonl")?.size
    try vault.grow("20260406-100000")
    try await vault.backUp()
    try vault.grow("20260302-100000-00000000000000b2")
    try await vault.backUp()
    let opened = try Vault(vault.vault)
    let history = try opened.history(of: "20260406")
    #expect(history.map(\.entry.revision) == [1, 2])
    #expect(history.map(\.first.name) == [opened.names[0], opened.names[1]])
    #expect(history.map(\.last.name) == [opened.names[0], opened.names[2]])
    let files = try opened.files(of: history[0])
    #expect(files.map(\.place) == ["20260406-100000.jsonl"])
    #expect(files.map(\.size) == [size])
    #expect(throws: FormatError.self) { try opened.history(of: "2026") }
    #expect(throws: FormatError.self) { try opened.history(of: "x") }
    #expect(try opened.sessions().count == 6)
  }

  @Test func `a vault is hardly larger than an archive`() async throws {
    let support = try BundleSupport()
    for number in 0..<400 {
      let id = "20260301-\(100_000 + number)"
      var text =
        #"{"type":"meta","session_id":"\#(id)","title":"T \#(number)","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z"}"#
        + "\n"
      var random = SeededGenerator(seed: UInt64(number))
      for _ in 0..<20 {
        let words = (0..<30).map { _ in "word\(Int.random(in: 0..<9_000, using: &random))" }
        text +=
          #"{"type":"message","session_id":"\#(id)","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T10:00:00Z","message":{"role":"user","content":[{"type":"text","text":"\#(words.joined(separator: " "))"}]}}"#
          + "\n"
      }
      try support.folder.write(Array(text.utf8), to: "store/\(id).jsonl")
    }
    try FileTree.age(support.folder.path("store"))
    let source = [try BundleSupport.source("ggcode", support.folder.path("store"))]
    try await support.backup(source, "all.tar.gz")
    try await support.backup(source, "vault")
    let archive = try #require(try FileStatus(path: support.folder.path("all.tar.gz"))).size
    let vault = try support.files("vault").values.reduce(0) { $0 + $1.count }
    #expect(Double(vault) <= 1.15 * Double(archive), "\(vault) \(archive)")
  }
}
