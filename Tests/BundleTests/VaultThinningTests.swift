import Bundles
import FileIO
import Foundation
import SessionCoding
import SessionModel
import TestSupport
import Testing

/// Snapshots that are forgotten, and packs that are compacted.
@Suite struct VaultThinningTests {
  /// Snapshots at some times, made from one that a vault has.
  private func snapshots(_ times: [String]) async throws -> [VaultSnapshot] {
    let vault = try VaultSupport()
    try await vault.backUp()
    let model = try #require(try Vault(vault.vault).snapshots().first)
    return try times.map { text in
      var snapshot = model
      snapshot.time = try #require(Timestamp(rfc3339: text))
      snapshot.name = text
      return snapshot
    }
  }

  private func kept(
    _ snapshots: [VaultSnapshot], _ change: (inout VaultForgetting) -> Void, offset: Int32 = 0
  ) -> [String] {
    var forgetting = VaultForgetting()
    change(&forgetting)
    return forgetting.decide(on: snapshots) { _ in offset }.filter { !$0.reasons.isEmpty }
      .map { String($0.snapshot.name.prefix(13)) }
  }

  @Test func `the last snapshot of each day, week and month is kept`() async throws {
    let all = try await snapshots([
      "2026-01-31T10:00:00Z", "2026-02-01T09:00:00Z", "2026-02-27T09:00:00Z",
      "2026-03-01T22:30:00Z", "2026-03-02T08:00:00Z", "2026-03-02T23:30:00Z",
      "2026-03-04T08:00:00Z",
    ])
    #expect(kept(all) { _ in } == ["2026-03-04T08"])
    #expect(
      kept(all) { $0.daily = 3 } == ["2026-03-01T22", "2026-03-02T23", "2026-03-04T08"])
    // In a zone an hour to the east one of them is of the next day.
    #expect(
      kept(all, { $0.daily = 3 }, offset: 3_600)
        == ["2026-03-02T08", "2026-03-02T23", "2026-03-04T08"])
    // Weeks begin on Monday, 2 March.
    #expect(kept(all) { $0.weekly = 2 } == ["2026-03-01T22", "2026-03-04T08"])
    #expect(
      kept(all) { $0.monthly = 9 } == ["2026-01-31T10", "2026-02-27T09", "2026-03-04T08"])
    #expect(
      kept(all) {
        $0.daily = 1
        $0.monthly = 2
      } == ["2026-02-27T09", "2026-03-04T08"])
    #expect(kept([]) { $0.daily = 1 } == [])
  }

  @Test func `whatever is forgotten and compacted, the snapshots that stay give their trees`()
    async throws
  {
    let seed = testSeed
    var random = SeededGenerator(seed: seed)
    let vault = try VaultSupport()
    var trees: [String: FileTree] = [:]
    var everything: [String: FileTree.File] = [:]
    func note() async throws {
      let name = try #require(try Vault(vault.vault).names.last)
      everything.merge(try FileTree(vault.store).files) { $1 }
      trees[name] = try await vault.restored()
    }
    try await vault.backUp()
    try await note()
    for round in 0..<8 {
      for id in try vault.sessions.shuffled(using: &random).prefix(2) { try vault.grow(id) }
      if random.once(in: 4), let id = try vault.sessions.randomElement(using: &random) {
        try removeFile("\(vault.store)/\(id).jsonl")
      }
      try await vault.backUp()
      try await note()
      guard random.once(in: 2) else { continue }
      for name in try Vault(vault.vault).names.dropLast() where random.once(in: 2) {
        try removeFile("\(vault.vault)/snapshots/\(name).jsonl.gz")
      }
      let size = try vault.support.files("vault").values.reduce(0) { $0 + $1.count }
      _ = try VaultCompaction(of: vault.vault).run()
      let smaller = try vault.support.files("vault").values.reduce(0) { $0 + $1.count }
      #expect(smaller <= size + 2_000, "seed \(seed), round \(round)")
      let report = try await vault.support.verify("vault")
      #expect(report.findings.isEmpty, "seed \(seed), round \(round): \(report.findings)")
      for name in try Vault(vault.vault).names {
        #expect(
          try await vault.restored(name) == trees[name], "seed \(seed), round \(round), \(name)")
      }
    }
    // The newest state of every session is there, also of those that were deleted.
    let last = try await vault.restored()
    for (place, file) in everything where place.hasSuffix(".jsonl") {
      #expect(last.files[place] == file, "seed \(seed): \(place)")
    }
    #expect(try await !vault.backUp().isWritten)
  }

  @Test func `forgetting removes snapshots, and a dry run none`() async throws {
    let vault = try VaultSupport()
    for _ in 0..<3 {
      try vault.grow("20260406-100000")
      try await vault.backUp()
    }
    var forgetting = VaultForgetting()
    forgetting.daily = 1
    let before = try vault.support.files("vault")
    let told = try forgetting.run(on: vault.vault, isDryRun: true)
    #expect(told.map(\.reasons) == [[], [], ["newest", "day"]])
    #expect(try vault.support.files("vault") == before)
    _ = try forgetting.run(on: vault.vault, isDryRun: false)
    #expect(try Vault(vault.vault).names.count == 1)
    let dropped = VaultCompaction(of: vault.vault)
    var dry = dropped
    dry.isDryRun = true
    let files = try vault.support.files("vault")
    #expect(try dry.run().dropped == 2)
    #expect(try vault.support.files("vault") == files)
    let report = try dropped.run()
    #expect(report.dropped == 2 && report.after < report.before)
    #expect(try await vault.restored() == FileTree(vault.store))
    #expect(try dropped.run().removed == 0)
  }

  @Test func `a compaction that was cut off is completed by the next`() async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    for id in try vault.sessions.prefix(2) { try vault.grow(id) }
    try await vault.backUp()
    let tree = try FileTree(vault.store)
    try removeFile("\(vault.vault)/snapshots/\(try Vault(vault.vault).names[0]).jsonl.gz")
    let before = try vault.support.files("vault")
    _ = try VaultCompaction(of: vault.vault).run()
    let after = try vault.support.files("vault")
    let added = after.keys.filter { before[$0] == nil }.sorted()
    let removed = before.keys.filter { after[$0] == nil }.sorted()
    #expect(added.count == 3 && removed.count == 3)
    // The new pack comes with its side files before the old one goes.
    for step in 0...(added.count + removed.count) {
      var files = before
      for name in added.prefix(step) { files[name] = after[name] }
      for name in removed.prefix(max(0, step - added.count)) { files[name] = nil }
      try FileManager.default.removeItem(atPath: vault.vault)
      for (name, bytes) in files { try vault.folder.write(bytes, to: "vault/" + name) }
      #expect(try await vault.support.verify("vault").isValid, "\(step)")
      #expect(try await vault.restored() == tree, "\(step)")
      _ = try VaultCompaction(of: vault.vault).run()
      #expect(try await vault.support.verify("vault").isValid, "\(step)")
      #expect(try await vault.restored() == tree, "\(step)")
    }
  }

  @Test func `nothing is dropped while a snapshot cannot be read`() async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    try vault.grow("20260406-100000")
    try await vault.backUp()
    let name = try Vault(vault.vault).names[0]
    try vault.folder.write([0x1F, 0x8B, 8], to: "vault/snapshots/\(name).jsonl.gz")
    let before = try vault.support.files("vault")
    #expect(throws: FormatError.self) { try VaultCompaction(of: vault.vault).run() }
    #expect(throws: FormatError.self) {
      try VaultForgetting().run(on: vault.vault, isDryRun: false)
    }
    #expect(try vault.support.files("vault") == before)
    #expect(try await !vault.support.verify("vault").isValid)
    #expect(try await vault.restored() == FileTree(vault.store))
  }

  @Test func `a damaged pack is told, and nothing of it is dropped`() async throws {
    let vault = try VaultSupport()
    try await vault.backUp()
    try vault.grow("20260406-100000")
    try await vault.backUp()
    let names = try Vault(vault.vault).names
    try removeFile("\(vault.vault)/snapshots/\(names[0]).jsonl.gz")
    let pack = "vault/packs/\(names[0]).tar.gz"
    var bytes = try readFile(vault.folder.path(pack))
    bytes[bytes.count / 2] ^= 0xFF
    try vault.folder.write(bytes, to: pack)
    let before = try vault.support.files("vault")
    #expect(throws: FormatError.self) { try VaultCompaction(of: vault.vault).run() }
    #expect(try vault.support.files("vault") == before)
  }
}
