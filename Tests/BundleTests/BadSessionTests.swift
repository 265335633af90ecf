import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A session that cannot be read, or has no place to go to, fails alone in every command.
@Suite struct BadSessionTests {
  /// What stands in place of a session's file: a symbolic link to a folder, or to itself.
  static let obstacles = ["folder", "loop"]

  static let formats = Registry.writable.map(\.info.id)

  /// A store of a format with several sessions, of which one cannot be read; nil where sessions have no
  /// files of their own.
  func store(_ format: String, _ obstacle: String, in support: BundleSupport) async throws
    -> (path: String, bad: String, others: Set<String>)?
  {
    let folder = support.folder
    let path = folder.path("store")
    _ = try await StoreConversion(
      from: BundleSupport.format("ggcode"), at: BundleSupport.ggcode,
      to: #require(Registry.format(format) as? any WritableSessionFormat), at: path,
      writeOptions: WriteOptions(isDurable: false)
    ).run()
    let sessions = try BundleSupport.format(format).open(path, options: ReadOptions()).sessions()
    guard Set(sessions.map(\.path)).count == sessions.count else { return nil }
    let bad = sessions[1]
    try FileManager.default.createDirectory(
      atPath: folder.path("folder"), withIntermediateDirectories: true)
    let target = obstacle == "folder" ? folder.path("folder") : bad.path
    try FileManager.default.removeItem(atPath: bad.path)
    try FileManager.default.createSymbolicLink(atPath: bad.path, withDestinationPath: target)
    return (path, bad.id, Set(sessions.map(\.id)).subtracting([bad.id]))
  }

  @Test(arguments: formats, obstacles)
  func `a session that cannot be read fails alone`(
    _ format: String, _ obstacle: String
  ) async throws {
    let support = try BundleSupport()
    guard let (path, bad, others) = try await store(format, obstacle, in: support) else { return }
    let source = try BundleSupport.format(format).open(path, options: ReadOptions())
    let sessions = try source.sessions()
    #expect(Set(sessions.map(\.id)).isSuperset(of: others))

    for target in Set([format, "canonical", "term-llm"]) {
      let report = try await StoreConversion(
        from: BundleSupport.format(format), at: path,
        to: #require(Registry.format(target) as? any WritableSessionFormat),
        at: support.folder.path("to-" + target), writeOptions: WriteOptions(isDurable: false)
      ).run()
      let written = report.sessions.filter { $0.status == .written }.map(\.source)
      #expect(Set(written) == others, "to \(target)")
    }

    var checked: Set<String> = []
    _ = try source.storeFindings()
    try await StoreValidation(source, jobs: 2).run(sessions) { found in
      let isReadable = !found.findings.contains { $0.rule == "session.readable" }
      if isReadable { checked.insert(found.session.id) }
    }
    #expect(checked == others)

    for (number, bundle) in ["bundle.tar.gz", "vault"].enumerated() {
      var options = BackupOptions()
      options.isDurable = false
      let report = try await Backup(
        of: [BundleSupport.source(format, path)], to: support.folder.path(bundle), options: options
      ).run()
      let added = report.items.filter { $0.status == .added && !$0.id.isEmpty }.map(\.id)
      #expect(Set(added) == others, "\(bundle)")
      let restored = try await support.restore(bundle, "restored-\(number)")
      let written = restored.sessions.filter { $0.status == .written }.map(\.source)
      #expect(Set(written) == others, "\(bundle)")
    }

    let again = try BundleSupport.format(format).open(path, options: ReadOptions())
    let difference = StoreComparison(
      StoreComparison.Side(source: source, format: format, sessions: sessions),
      StoreComparison.Side(source: again, format: format, sessions: sessions)
    ).run()
    let equal = difference.sessions.filter(\.isEmpty).map(\.first)
    #expect(Set(equal) == others)
    #expect(difference.unreadable.map(\.first) == (sessions.map(\.id).contains(bad) ? [bad] : []))
  }

  @Test(
    arguments: formats.filter {
      $0 != "aider" && Registry.format($0)?.info.holdsRows == false
    }, ["bundle.tar.gz", "vault"])
  func `a place that is taken fails that session of a restoration`(
    _ format: String, _ bundle: String
  ) async throws {
    let support = try BundleSupport()
    let store = support.folder.path("store")
    _ = try await StoreConversion(
      from: BundleSupport.format("ggcode"), at: BundleSupport.ggcode,
      to: #require(Registry.format(format) as? any WritableSessionFormat), at: store,
      writeOptions: WriteOptions(isDurable: false)
    ).run()
    let sessions = try BundleSupport.format(format).open(store, options: ReadOptions()).sessions()
    try await support.backup([BundleSupport.source(format, store)], bundle)
    // Where the sessions go is learnt by restoring them.
    try await support.restore(bundle, "probe")
    let probe = support.folder.path("probe")
    let restored = try BundleSupport.format(format).open(probe, options: ReadOptions()).sessions()
    let path = try #require(restored.first { $0.id == sessions[1].id }).path
    let place = support.folder.path("back") + path.dropFirst(probe.utf8.count)
    for isFolder in [true, false] {
      // A folder stands where the file goes, or a file where one of its folders goes.
      let taken =
        isFolder ? place + "/something" : (place as NSString).deletingLastPathComponent
      guard isFolder || taken != support.folder.path("back") else { continue }
      try? FileManager.default.removeItem(atPath: support.folder.path("back"))
      if isFolder {
        try FileManager.default.createDirectory(atPath: taken, withIntermediateDirectories: true)
      } else {
        try support.folder.write(
          [1], to: String(taken.dropFirst(support.folder.path.utf8.count + 1)))
      }
      let report = try await support.restore(bundle, "back")
      let written = report.sessions.filter { $0.status == .written }
      let failed = report.sessions.filter { $0.status == .failed || $0.status == .skipped }
      #expect(written.count + failed.count == sessions.count)
      #expect(failed.contains { $0.source == sessions[1].id })
      if isFolder { #expect(failed.count == 1, "\(failed.map(\.reason))") }
    }
  }
}
