import Bundles
import Conversion
import FileIO
import Foundation
import GRDB
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Backs up, verifies and restores, in a folder.
struct BundleSupport {
  let folder: TemporaryFolder

  static let ggcode = Fixtures.root + "/ggcode/store"
  static let termLLM = Fixtures.root + "/term-llm/store/head-v46.db"
  static let seed = Fixtures.root + "/term-llm/store/seed-v7.db"

  init() throws { folder = try TemporaryFolder() }

  static func format(_ id: String) throws -> any SessionFormat {
    try #require(Registry.format(id))
  }

  static func source(_ id: String, _ path: String, _ sessions: [String] = []) throws
    -> BackupSource
  {
    BackupSource(format: try format(id), path: path, sessions: sessions)
  }

  /// The two sample stores.
  static var both: [BackupSource] {
    get throws { [try source("ggcode", ggcode), try source("term-llm", termLLM)] }
  }

  @discardableResult
  func backup(
    _ sources: [BackupSource], _ name: String,
    _ change: (inout BackupOptions) throws -> Void = { _ in }
  ) async throws -> BackupReport {
    var options = BackupOptions()
    options.isDurable = false
    options.jobs = 2
    try change(&options)
    let report = try await Backup(of: sources, to: folder.path(name), options: options).run()
    for item in report.items {
      #expect(item.status != .failed, "\(item.id): \(item.reason ?? "")")
    }
    return report
  }

  /// Backs up into a folder that is a bag: an archive that was unpacked.
  @discardableResult
  func backupUnpacked(_ sources: [BackupSource], _ name: String) async throws -> BackupReport {
    let report = try await backup(sources, name + ".tar.gz")
    let unpacked = try run("tar xzf \(name).tar.gz && rm \(name).tar.gz*")
    try #require(unpacked.code == 0, "\(unpacked.output)")
    return report
  }

  func verify(_ name: String, _ depth: Verification.Depth = .full) async throws
    -> VerificationReport
  {
    var verification = Verification(
      of: folder.path(name), depth: depth, formats: Registry.formats)
    verification.canonical = try Self.format("canonical") as? any WritableSessionFormat
    let report = try await verification.run()
    if report.isValid, depth != .quick { try await expectRestores(name) }
    return report
  }

  /// What is called valid restores: every session of a bundle, into an empty folder.
  private func expectRestores(_ name: String) async throws {
    let scratch = try TemporaryFolder()
    var options = RestoreOptions()
    options.isDurable = false
    let report = try await Restoration(
      of: folder.path(name), to: scratch.path("back"), formats: Registry.formats, options: options
    ).run()
    for session in report.sessions {
      #expect(session.status != .failed, "\(name): \(session.source): \(session.reason ?? "")")
    }
  }

  @discardableResult
  func restore(
    _ name: String, _ destination: String,
    _ change: (inout RestoreOptions) throws -> Void = { _ in }
  ) async throws -> RestorationReport {
    var options = RestoreOptions()
    options.isDurable = false
    try change(&options)
    return try await Restoration(
      of: folder.path(name), to: folder.path(destination), formats: Registry.formats,
      options: options
    ).run()
  }

  static func isExact(_ report: RestorationReport) {
    for session in report.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      #expect(session.fidelity == .exact, "\(session.source)")
    }
  }

  /// The session files of a ggcode store.
  static func sessionFiles(_ path: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for entry in try listDirectory(path) where entry.name.hasSuffix(".jsonl") {
      files[entry.name] = try readFile(path + "/" + entry.name)
    }
    return files
  }

  /// All rows of every table that term-llm owns, subscriptions left out.
  static func rows(_ path: String) throws -> [String: [Row]] {
    var configuration = Configuration()
    configuration.readonly = true
    let copy = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: path, toPath: copy.path("copy.db"))
    let queue = try DatabaseQueue(path: copy.path("copy.db"))
    return try queue.read { database in
      var rows: [String: [Row]] = [:]
      let tables = try String.fetchAll(
        database,
        sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'messages_fts%'"
      )
      for table in tables where table != "push_subscriptions" && !table.hasPrefix("carryover_") {
        rows[table] = try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"")
          .sorted { $0.description < $1.description }
      }
      return rows
    }
  }

  /// Every file below a folder, side files of locks left out.
  func files(_ name: String) throws -> [String: [UInt8]] {
    let root = folder.path(name)
    if try FileStatus(path: root)?.kind == .file { return ["": try readFile(root)] }
    var files: [String: [UInt8]] = [:]
    for file in FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? [] {
      guard try FileStatus(path: root + "/" + file)?.kind == .file else { continue }
      files[file] = try readFile(root + "/" + file)
    }
    return files
  }

  /// Runs a program of the system; nil when it cannot be started.
  @discardableResult
  func run(_ command: String) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}
