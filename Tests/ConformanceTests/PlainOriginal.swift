import FileIO
import Foundation
import GRDB
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What a tool holds of a session, looked at without reading the session: the bytes of its file, or
/// the rows of its tables.
struct PlainOriginal: Equatable {
  /// The lines of the file with their ends, or the rows with their tables, in order.
  var parts: [Data]

  /// All sessions of a store, by identifier.
  static func all(of format: String, at path: String) async throws -> [String: PlainOriginal] {
    // A history is read whatever it begins with when it is named.
    let file = path + "/.aider.chat.history.md"
    let isHistory = format == "aider" && FileManager.default.fileExists(atPath: file)
    let source = try open(format, isHistory ? file : path)
    var originals: [String: PlainOriginal] = [:]
    for session in try source.sessions() {
      originals[session.id] =
        switch format {
        case _ where holdsRows(format): try await rows(of: session.id, in: path)
        case "aider": PlainOriginal(parts: try chat(session))
        default: PlainOriginal(parts: lines(try bytes(of: session, in: source)))
        }
    }
    return originals
  }

  private static func bytes(
    of session: SessionSummary, in source: any SessionSource
  ) throws -> Data {
    let file = try Data(contentsOf: URL(fileURLWithPath: session.path))
    let isAlone = try source.list().count { $0.files.first == session.path } == 1
    if isAlone { return file }
    var bytes = Data()
    let reader = try source.reader(for: session.id)
    while let entry = try reader.next() { bytes += entry.origin?.bytes ?? [] }
    return bytes
  }

  /// The lines of one chat of a history, which begin with its time.
  private static func chat(_ session: SessionSummary) throws -> [Data] {
    let all = lines(try Data(contentsOf: URL(fileURLWithPath: session.path)))
    let start = Data("# aider chat started at ".utf8)
    let starts = all.indices.filter { all[$0].starts(with: start) }
    for (number, first) in starts.enumerated() {
      let digits = String(decoding: all[first].dropFirst(start.count), as: UTF8.self)
        .filter(\.isNumber)
      guard "\(digits.prefix(8))-\(digits.suffix(6))" == session.id else { continue }
      // The empty line before a chat is the chat's.
      let end = number + 1 < starts.count ? starts[number + 1] - 1 : all.count
      return Array(all[first..<end])
    }
    return all
  }

  private static func lines(_ bytes: Data) -> [Data] {
    var lines: [Data] = []
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.endIndex
      lines.append(Data(bytes[start..<end]))
      start = end
    }
    return lines
  }

  /// The rows that name a session, of all tables but those of the carry and of the search index.
  private static func rows(of id: String, in path: String) async throws -> PlainOriginal {
    // A copy: reading a database with a log leaves files beside it.
    let folder = try TemporaryFolder()
    let copy = folder.path("copy.db")
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
      try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
    }
    return try await DatabaseQueue(path: copy).read { database in
      var parts: [Data] = []
      let hasSequence =
        try database.tableExists("messages")
        && database.columns(in: "messages").contains { $0.name == "sequence" }
      let tables = [
        ("sessions", "id", "id"), ("messages", "session_id", hasSequence ? "sequence, id" : "id"),
        ("session_provider_state", "session_id", "provider_key"),
        ("session_plans", "session_id", "1"), ("session_workspace_grants", "session_id", "id"),
        ("session_redo", "session_id", "stack_pos"), ("session_branches", "child_session_id", "1"),
        ("session_model_usage", "session_id", "model"),
      ]
      for (table, owner, order) in tables where try database.tableExists(table) {
        let rows = try Row.fetchAll(
          database, sql: "SELECT * FROM \(table) WHERE \(owner) = ? ORDER BY \(order)",
          arguments: [id])
        for row in rows { parts.append(Data("\(table) \(row.databaseValues)".utf8)) }
      }
      return PlainOriginal(parts: parts)
    }
  }

  /// Whether another has all parts of this one, in order, and perhaps others between and after them.
  ///
  /// A last line without an end gets one where something follows; the row of a session, and the front
  /// matter of a transcript, say how it is now.
  func isContinued(by other: PlainOriginal) -> Bool {
    var rest = other.parts[...]
    let rule = Data("---\n".utf8)
    let front = parts.first == rule ? parts.dropFirst().firstIndex(of: rule).map { $0 + 1 } : nil
    for part in parts[(front ?? 0)...]
    where !part.starts(with: Data("sessions ".utf8)) {
      guard let found = rest.firstIndex(where: { $0 == part || $0 == part + [0x0A] }) else {
        return false
      }
      rest = rest[(found + 1)...]
    }
    return true
  }
}
