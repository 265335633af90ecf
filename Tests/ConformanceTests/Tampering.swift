import FileIO
import Foundation
import GRDB
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Changes a store as tools, people and failing disks do, without a reader of ours.
enum Tampering: String, CaseIterable, Sendable {
  case removal, exchange, repetition, edit, addition, truncation, lostCarry, flippedCarry

  /// Whether it may change what is stored for the way back.
  var concernsCarry: Bool { [.truncation, .lostCarry, .flippedCarry].contains(self) }

  /// Changes one place of a store; gives whose it is, or nil when there is none to change.
  ///
  /// - Parameter ids: The sessions in it.
  func apply(
    to path: String, of format: String, sessions ids: [String],
    _ random: inout SeededGenerator
  ) async throws -> String? {
    guard let id = ids.randomElement(using: &random) else { return nil }
    if self == .addition {
      try await ContinuationTests().append(to: id, of: format, at: path)
      return id
    }
    return try await change(id, at: path, of: format, &random) ? id : nil
  }

  private func change(
    _ id: String, at path: String, of format: String, _ random: inout SeededGenerator
  ) async throws -> Bool {
    // How the messages of other databases are changed is not known here.
    if holdsRows(format), format != "term-llm", !concernsCarry { return false }
    if holdsRows(format) { return try await change(database: path, session: id, &random) }
    let main = try #require(try open(format, path).sessions().first { $0.id == id }?.path)
    guard concernsCarry, self != .truncation, let side = Self.carryFile(of: main),
      format != "claude-code" || random.once(in: 2)
    else {
      return try change(file: main, &random)
    }
    if self == .lostCarry {
      try FileManager.default.removeItem(atPath: side)
      return true
    }
    var bytes = try readFile(side)
    guard let index = bytes.indices.randomElement(using: &random) else { return false }
    bytes[index] ^= 1 << UInt8.random(in: 0..<7, using: &random)
    try Data(bytes).write(to: URL(fileURLWithPath: side))
    return true
  }

  /// The file that most of a session's carry lies in, where it has one of its own.
  private static func carryFile(of main: String) -> String? {
    func first(in folder: String, where isCarry: (String) -> Bool) -> String? {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.sorted().first(where: isCarry).map { folder + "/" + $0 }
    }
    let url = URL(fileURLWithPath: main)
    return first(in: url.deletingPathExtension().path) { $0.hasPrefix("carryover-") }
      ?? first(in: url.deletingLastPathComponent().path) {
        $0.hasPrefix(url.lastPathComponent + ".") && $0.hasSuffix(".carryover")
      }
  }

  // MARK: Text files

  /// What lines of the carry hold in one format or another.
  private static let carryMarks = [
    "\"type\":\"carryover\"", "{\"record\":\"carry\"", "# carryover {\"chunk\"",
    "# carryover {\"carry\"",
  ].map { Data($0.utf8) }

  /// The first line of a carry that goes on to the end of its file.
  private static let carryStart = Data("<!-- carryover ".utf8)

  /// How lines begin that say which chat of a history this is.
  private static let names = ["# aider chat started at ", "# carryover {\"session\""]
    .map { Data($0.utf8) }

  private func change(file: String, _ random: inout SeededGenerator) throws -> Bool {
    let url = URL(fileURLWithPath: file)
    let data = try Data(contentsOf: url)
    var lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { Data($0) }
    let carry = lines.lastIndex { $0.starts(with: Self.carryStart) } ?? lines.endIndex
    let isCarry = lines.indices.map { index in
      index >= carry || Self.carryMarks.contains { lines[index].range(of: $0) != nil }
    }
    // Not what a session is recognised by, and not what follows the last line.
    let start = lines.lastIndex { line in Self.names.contains { line.starts(with: $0) } } ?? 0
    if self == .truncation {
      let end = lines[...start].reduce(0) { $0 + $1.count + 1 }
      guard end < data.count else { return false }
      try data.prefix(Int.random(in: end..<data.count, using: &random)).write(to: url)
      return true
    }
    let places = lines.indices.dropFirst(start + 1).dropLast().filter {
      isCarry[$0] == concernsCarry
    }
    guard let place = places.randomElement(using: &random) else { return false }
    switch self {
    case .removal: lines.remove(at: place)
    case .exchange:
      guard let other = places.randomElement(using: &random), lines[other] != lines[place] else {
        return false
      }
      lines.swapAt(place, other)
    case .repetition: lines.insert(lines[place], at: place)
    case .edit:
      let letters = lines[place].indices.filter { (0x61...0x7A).contains(lines[place][$0]) }
      guard let letter = letters.randomElement(using: &random) else { return false }
      lines[place][letter] = lines[place][letter] == 0x71 ? 0x72 : 0x71
    case .lostCarry: lines = zip(lines, isCarry).filter { !$1 }.map(\.0)
    case .flippedCarry:
      let index = try #require(lines[place].indices.randomElement(using: &random))
      lines[place][index] ^= 1 << UInt8.random(in: 0..<7, using: &random)
    case .addition, .truncation: return false
    }
    try Data(lines.joined(separator: [0x0A])).write(to: url)
    return true
  }

  // MARK: Databases

  private func change(
    database path: String, session id: String, _ random: inout SeededGenerator
  ) async throws -> Bool {
    let (place, other, bit) = (
      Int.random(in: 0..<1_000, using: &random), Int.random(in: 0..<1_000, using: &random),
      UInt8.random(in: 0..<7, using: &random)
    )
    return try await DatabaseQueue(path: path).write { database in
      let rows = try Int64.fetchAll(
        database, sql: "SELECT id FROM messages WHERE session_id = ? ORDER BY id",
        arguments: [id])
      let chunks = try Row.fetchAll(
        database,
        sql: "SELECT rowid, data FROM carryover_origin WHERE session_id = ? ORDER BY chunk",
        arguments: [id])
      if concernsCarry {
        guard !chunks.isEmpty else { return false }
        guard self == .flippedCarry else {
          try database.execute(
            sql: "DELETE FROM carryover_origin WHERE session_id = ?", arguments: [id])
          return true
        }
        let chunk = chunks[place % chunks.count]
        var data: Data = chunk["data"]
        guard !data.isEmpty else { return false }
        data[data.startIndex + other % data.count] ^= 1 << bit
        try database.execute(
          sql: "UPDATE carryover_origin SET data = ? WHERE rowid = ?",
          arguments: [data, chunk["rowid"] as Int64])
        return true
      }
      guard !rows.isEmpty else { return false }
      let (row, second) = (rows[place % rows.count], rows[other % rows.count])
      switch self {
      case .removal:
        try database.execute(sql: "DELETE FROM messages WHERE id = ?", arguments: [row])
      case .exchange:
        guard row != second else { return false }
        let numbers = try [row, second].map {
          try Int64.fetchOne(
            database, sql: "SELECT sequence FROM messages WHERE id = ?", arguments: [$0])
        }
        for (row, number) in [(row, -1), (second, numbers[0]), (row, numbers[1])] {
          try database.execute(
            sql: "UPDATE messages SET sequence = ? WHERE id = ?", arguments: [number, row])
        }
      case .repetition:
        try database.execute(
          sql: """
            INSERT INTO messages (session_id, role, parts, text_content, created_at, sequence)
            SELECT session_id, role, parts, text_content, created_at,
              (SELECT MAX(sequence) + 1 FROM messages WHERE session_id = ?)
            FROM messages WHERE id = ?
            """, arguments: [id, row])
      case .edit:
        try database.execute(
          sql: "UPDATE messages SET parts = replace(parts, 'e', 'q') WHERE id = ?",
          arguments: [row])
      case .addition, .truncation, .lostCarry, .flippedCarry: return false
      }
      return true
    }
  }
}
