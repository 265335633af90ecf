@testable import Conversion
import FileIO
import Foundation
import GRDB
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Nobody else's line is lost while a grown session is converted onto a target.
@Suite struct LostUpdateTests {
  /// A place of each format that is written, as a folder and as a file.
  struct Place: Sendable, CustomTestStringConvertible {
    var format: String
    var name: String
    var testDescription: String { "\(format) \(name)" }

    static let all =
      Registry.writable.map { Place(format: $0.info.id, name: "target") } + [
        Place(format: "canonical", name: "all.session.jsonl"),
        Place(format: "markdown", name: "one.md"),
        Place(format: "aider", name: "history.md"),
        Place(format: "codex", name: "rollout-2026-03-01T10-00-00-\(uuid).jsonl"),
      ]
    static let uuid = "0f0e0d0c-0000-4000-8000-0000000000aa"
  }

  /// A target holding a session that has grown at the source since, and the file that holds it.
  private func prepare(
    _ place: Place, in folder: TemporaryFolder
  ) async throws -> (source: String, format: String, file: String, id: String) {
    let format = place.format == "canonical" ? "ggcode" : "canonical"
    let fixture = try #require(
      FixtureCase.all.first { $0.testDescription == "\(format)/minimal" })
    let source = folder.path("source")
    try await convert(fixture.input, format, to: source, format)
    let target = folder.path(place.name)
    let report = try await convert(source, format, to: target, place.format)
    let session = try #require(report.sessions.first)
    try await ContinuationTests().append(to: session.source, of: format, at: source)
    let id = try #require(session.target)
    let there = try open(place.format, target).sessions()
    let file = try #require(there.first { $0.id == id } ?? there.first).path
    return (source, format, file, id)
  }

  @Test(arguments: Place.all, [0, 1 << 20])
  func `a line added after the look and before the publishing stays`(
    _ place: Place, retainedBytes: Int
  ) async throws {
    let folder = try TemporaryFolder()
    let (source, format, file, id) = try await prepare(place, in: folder)
    let line = Self.line(of: place.format, number: 1)
    let target = ObservedFormat(base: try writable(place.format)) {
      do {
        if holdsRows(place.format) {
          try Self.insert(line, of: id, into: file, format: place.format)
        } else {
          try appendToFile(file, Array((line + "\n").utf8))
        }
      } catch {
        Issue.record(error)
      }
    }
    let options = ConversionOptions.with {
      $0.retainedBytes = retainedBytes
      $0.onConflict = .replace
    }
    do {
      let report = try await StoreConversion(
        from: try #require(Registry.format(format)), at: source, to: target,
        at: folder.path(place.name), options: options
      ).run()
      // Rows are compared within the transaction that replaces them, and that was asked for.
      guard !holdsRows(place.format) else { return }
      let session = try #require(report.sessions.first)
      #expect(session.status == .failed)
      #expect(session.failure?.code == .changed, "\(session.reason ?? "")")
    } catch let error as FormatError {
      #expect(error.code == .changed, "\(error)")
    }
    #expect(try Self.text(of: file, format: place.format).contains(line))
  }

  @Test(arguments: Place.all)
  func `a session added after the look stays`(_ place: Place) async throws {
    let folder = try TemporaryFolder()
    let other = folder.path("other-" + place.name)
    let (source, format, file, _) = try await prepare(place, in: folder)
    let theirs = try Data(contentsOf: URL(fileURLWithPath: file))
    let target = folder.path(place.name)
    // The folders stay; the file comes back when the target was seen without it.
    if holdsRows(place.format) {
      try FileManager.default.copyItem(atPath: target, toPath: other)
      try await DatabaseQueue(path: target).write { database in
        for table in ["messages", "carryover_origin", "sessions"] {
          try database.execute(sql: "DELETE FROM \(table)")
        }
      }
    } else {
      try FileManager.default.removeItem(atPath: file)
    }
    let observed = ObservedFormat(base: try writable(place.format)) {
      do {
        if holdsRows(place.format) {
          try DatabaseQueue(path: target).inDatabase { database in
            try database.execute(sql: "ATTACH ? AS other", arguments: [other])
            try database.execute(sql: "INSERT INTO sessions SELECT * FROM other.sessions")
            try database.execute(sql: "DETACH other")
          }
        } else {
          try theirs.write(to: URL(fileURLWithPath: file))
        }
      } catch {
        Issue.record(error)
      }
    }
    do {
      let report = try await StoreConversion(
        from: try #require(Registry.format(format)), at: source, to: observed, at: target
      ).run()
      #expect(report.sessions.first?.failure?.code == .changed)
    } catch let error as FormatError {
      #expect(error.code == .changed, "\(error)")
    }
    guard !holdsRows(place.format) else { return }
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == theirs)
  }

  /// A process opens the file anew for each line while sessions are converted onto it.
  @Test(arguments: Place.all.filter { !holdsRows($0.format) })
  func `no line of a process that appends meanwhile is lost`(_ place: Place) async throws {
    let folder = try TemporaryFolder()
    let (source, format, file, _) = try await prepare(place, in: folder)
    let before = try readFile(file)
    for number in 0..<200 {
      try Data(before).write(to: URL(fileURLWithPath: file))
      let line = Self.line(of: place.format, number: number)
      let lines = 1 + number % 40
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", #"i=0; while [ $i -lt $1 ]; do printf '%s\n' "$2" >> "$3"; i=$((i+1)); done"#, "sh",
        "\(lines)", line, file,
      ]
      try process.run()
      do {
        try await convert(source, format, to: folder.path(place.name), place.format)
      } catch let error as FormatError {
        #expect([.changed, .busy].contains(error.code), "\(error)")
      }
      process.waitUntilExit()
      let text = String(decoding: try readFile(file), as: UTF8.self)
      let found = text.components(separatedBy: line + "\n").count - 1
      #expect(found == lines, "try \(number)")
    }
  }

  #if os(Linux)
    @Test(arguments: Place.all.filter { !holdsRows($0.format) })
    func `a file that a program keeps open is not taken from it`(_ place: Place) async throws {
      let folder = try TemporaryFolder()
      let (source, format, file, _) = try await prepare(place, in: folder)
      let handle = try #require(FileHandle(forWritingAtPath: file))
      defer { try? handle.close() }
      do {
        let report = try await convert(source, format, to: folder.path(place.name), place.format)
        let session = try #require(report.sessions.first)
        // What only grows is appended to, and stays the same file.
        if session.status != .written { #expect(session.failure?.code == .busy) }
      } catch let error as FormatError {
        #expect(error.code == .busy)
      }
      let line = Self.line(of: place.format, number: 7)
      try handle.seekToEnd()
      try handle.write(contentsOf: Data((line + "\n").utf8))
      #expect(String(decoding: try readFile(file), as: UTF8.self).contains(line))
    }
  #endif

  /// A line that the format's reader keeps.
  private static func line(of format: String, number: Int) -> String {
    switch format {
    case "markdown", "aider": "Said at the last moment, \(number)."
    default: #"{"type":"note","text":"Said at the last moment, \#(number)."}"#
    }
  }

  private static func insert(
    _ line: String, of id: String, into file: String, format: String
  ) throws {
    var configuration = Configuration()
    configuration.busyMode = .immediateError
    try DatabaseQueue(path: file, configuration: configuration).write { database in
      guard format == "term-llm" else {
        return try ContinuationTests.goOn(line, with: id, of: format, in: database)
      }
      try database.execute(
        sql: """
          INSERT INTO messages (session_id, role, parts, text_content, created_at, sequence)
          SELECT ?, 'user', '[]', ?, '2026-11-11 11:11:11 +0000 UTC', MAX(sequence) + 1
          FROM messages WHERE session_id = ?
          """,
        arguments: [id, line, id])
    }
  }

  private static func text(of file: String, format: String) throws -> String {
    guard holdsRows(format) else { return String(decoding: try readFile(file), as: UTF8.self) }
    return try DatabaseQueue(path: file).read { database in
      let column = format == "term-llm" ? "text_content" : "content"
      return try String.fetchAll(database, sql: "SELECT \(column) FROM messages").joined(
        separator: "\n")
    }
  }
}
