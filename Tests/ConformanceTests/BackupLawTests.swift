import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// The files of a store come back from a bundle as they were: places, bytes, modes and times.
@Suite struct BackupLawTests {
  /// A fixture of a format with files, in a folder of its own.
  struct Store {
    let folder: TemporaryFolder
    let format: any SessionFormat
    /// The store, or the file.
    let path: String
    /// What has to come back, by the places that the format states.
    let expected: FileTree

    init?(_ fixture: FixtureCase) throws {
      folder = try TemporaryFolder()
      format = try #require(Registry.format(fixture.format))
      let name = (fixture.input as NSString).lastPathComponent
      path = folder.path(name == "input" ? "store" : name)
      try FileManager.default.copyItem(atPath: fixture.input, toPath: path)
      guard !format.info.holdsRows else { return nil }
      try FileTree.age(path)
      guard let expected = try Self.files(of: format, at: path) else { return nil }
      self.expected = expected
    }

    /// The files that a format states; nil when a session has none.
    static func files(of format: any SessionFormat, at path: String) throws -> FileTree? {
      let source = try format.open(path, options: ReadOptions())
      var stated = try source.storeFiles().map(\.file)
      for session in try source.sessions() {
        guard let files = try source.files(of: session.id) else { return nil }
        stated += files
      }
      var tree = try FileTree(path).filter { _ in false }
      for file in stated {
        tree.files[file.relativePath] = try FileTree(file.path).files.values.first
      }
      return tree
    }

    /// Runs a shell command in the folder; gives what it exits with.
    func run(_ command: String) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", command]
      process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }

    var sessions: [SessionSummary] {
      get throws { try format.open(path, options: ReadOptions()).sessions() }
    }

    func backUp(
      to name: String, _ sessions: [String] = [], _ change: (inout BackupOptions) -> Void = { _ in }
    ) async throws -> BackupReport {
      var options = BackupOptions()
      options.isDurable = false
      change(&options)
      let source = BackupSource(format: format, path: path, sessions: sessions)
      let report = try await Backup(of: [source], to: folder.path(name), options: options).run()
      for item in report.items {
        #expect(item.status != .failed, "\(name): \(item.id): \(item.reason ?? "")")
      }
      return report
    }

    /// Verifies a bundle, restores it and compares.
    func check(
      _ bundle: String, gives expected: FileTree, identity: String? = nil
    ) async throws {
      for depth in [Verification.Depth.standard, .full] {
        var verification = Verification(
          of: folder.path(bundle), depth: depth, formats: Registry.formats)
        verification.identity = identity
        let report = try await verification.run()
        #expect(report.isValid, "\(bundle), \(depth): \(report.findings)")
      }
      let place = folder.path("back-from-" + bundle)
      var options = RestoreOptions()
      options.isDurable = false
      options.identity = identity
      let report = try await Restoration(
        of: folder.path(bundle), to: place, formats: Registry.formats, options: options
      ).run()
      for session in report.sessions {
        #expect(session.status == .written, "\(bundle): \(session.source): \(session.reason ?? "")")
        #expect(session.fidelity == .exact, "\(bundle): \(session.source)")
      }
      guard !expected.files.isEmpty else { return }
      let back = try FileTree(place)
      #expect(back == expected, "\(bundle)")
      // Again nothing is to be done.
      let again = try await Restoration(
        of: folder.path(bundle), to: place, formats: Registry.formats, options: options
      ).run()
      #expect(again.sessions.allSatisfy { $0.status == .unchanged })
      #expect(try FileTree(place) == back, "\(bundle)")
    }
  }

  static let cases = FixtureCase.all.filter { Registry.format($0.format)?.info.holdsRows == false }

  /// Unpacking, packing and many bundles take their time, so they are tried with a part of the inputs.
  static let sample: [FixtureCase] = {
    if isDeepRun { return cases }
    var random = SeededGenerator(seed: testSeed)
    return Dictionary(grouping: cases, by: \.format).sorted { $0.key < $1.key }.flatMap {
      $0.value.shuffled(using: &random).prefix(6)
    }
  }()

  @Test(arguments: cases)
  func `a store comes back from an archive, and what is not taken is named`(
    fixture: FixtureCase
  ) async throws {
    guard let store = try Store(fixture) else { return }
    let report = try await store.backUp(to: "all.tar.gz")
    #expect(try report.proven == store.sessions.count)
    let untaken = report.untaken.reduce(0) { $0 + $1.files }
    let left = report.omissions.reduce(0) { $0 + $1.count }
    #expect(try FileTree(store.path).files.count == store.expected.files.count + untaken + left)
    try await store.check("all.tar.gz", gives: store.expected)
  }

  @Test(arguments: sample)
  func `a store comes back from a vault`(fixture: FixtureCase) async throws {
    guard let store = try Store(fixture) else { return }
    let report = try await store.backUp(to: "vault")
    #expect(try report.proven == store.sessions.count)
    try await store.check("vault", gives: store.expected)
    #expect(try await !store.backUp(to: "vault").isWritten)
  }

  /// An input of each format.
  static let few = Dictionary(grouping: sample, by: \.format).compactMap(\.value.first)

  @Test(arguments: few)
  func `a store comes back from an encrypted vault`(fixture: FixtureCase) async throws {
    guard let store = try Store(fixture) else { return }
    guard
      try store.run("age-keygen -o key.txt 2>/dev/null && age-keygen -y key.txt >public.txt") == 0
    else { return print("skipped: the program age is not installed") }
    let key = store.folder.path("key.txt")
    for isWritten in [true, false] {
      let report = try await store.backUp(to: "vault") {
        $0.recipients = [store.folder.path("public.txt")]
        $0.identity = key
      }
      #expect(report.isWritten == isWritten)
    }
    try await store.check("vault", gives: store.expected, identity: key)
  }

  @Test(arguments: sample)
  func `a store comes back from an archive packed again by tar`(
    fixture: FixtureCase
  ) async throws {
    guard let store = try Store(fixture) else { return }
    _ = try await store.backUp(to: "all.tar.gz")
    #expect(try store.run("tar xzf all.tar.gz && tar czf again.tar.gz all") == 0)
    try await store.check("again.tar.gz", gives: store.expected)
    // Unpacked by tar, the files of a session have their modes and times already.
    let unpacked = try FileTree(store.folder.path("all/data")).files.values
    for (place, file) in store.expected.files {
      #expect(unpacked.contains(file), "\(place)")
    }
  }

  @Test(arguments: sample)
  func `a store comes back from a series of increments`(fixture: FixtureCase) async throws {
    guard let store = try Store(fixture) else { return }
    let sessions = try store.sessions
    guard let first = sessions.first, let last = sessions.last else { return }
    _ = try await store.backUp(to: "one.tar.gz", [first.id])
    _ = try await store.backUp(to: "two.tar.gz") { $0.since = store.folder.path("one.tar.gz") }
    try await store.check("two.tar.gz", gives: store.expected)
    let text = last.path.hasSuffix(".jsonl") || last.path.hasSuffix(".md")
    if text { try appendToFile(last.path, Array("\n".utf8)) }
    guard let expected = try Store.files(of: store.format, at: store.path) else { return }
    _ = try await store.backUp(to: "three.tar.gz") { $0.since = store.folder.path("two.tar.gz") }
    try await store.check("three.tar.gz", gives: expected)
  }
}
