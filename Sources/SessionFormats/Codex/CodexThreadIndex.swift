internal import FileIO
import GRDB
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The table `threads` in `state_5.sqlite`, which lists and `resume --last` read.
///
/// Rows are added only to a table that has the columns known here and demands no others (checked with
/// codex-cli 0.163.0). Everywhere else the program adds the row itself when the thread is resumed by
/// its identifier.
struct CodexThreadIndex {
  private let path: String
  private let home: String

  /// Columns that must have a value.
  private static let demanded: Set<String> = [
    "id", "rollout_path", "created_at", "updated_at", "source", "model_provider", "cwd", "title",
    "sandbox_policy", "approval_mode",
  ]
  private static let needed = demanded.union(["preview", "first_user_message"])

  /// Nil where there is no such database.
  init?(home: String) {
    path = home + "/state_5.sqlite"
    self.home = home
    // The program makes its index itself; where that cannot be seen, none is written to.
    guard FileStatus.guess(path)?.kind == .file else { return nil }
  }

  /// Adds rows for threads that have none; what cannot be added is left to the program.
  func add(_ threads: [CodexThread]) {
    guard !threads.isEmpty else { return }
    var configuration = Configuration()
    configuration.busyMode = .timeout(2)
    do {
      try SQLiteFile.checkKinds(of: path)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { database in
        guard try Self.isKnown(database) else { return }
        for thread in threads { try insert(thread, database) }
      }
      try queue.close()
    } catch {
      // The thread can be resumed by its identifier all the same, which adds the row.
    }
  }

  /// Whether the table has all that is written and demands nothing else.
  private static func isKnown(_ database: Database) throws -> Bool {
    guard try database.tableExists("threads") else { return false }
    let columns = try database.columns(in: "threads")
    let names = Set(columns.map(\.name))
    guard names.isSuperset(of: needed) else { return false }
    return columns.allSatisfy {
      !$0.isNotNull || $0.defaultValueSQL != nil || demanded.contains($0.name)
    }
  }

  private func insert(_ thread: CodexThread, _ database: Database) throws {
    let names = Set(try database.columns(in: "threads").map(\.name))
    let head = thread.head
    let created = head.created?.seconds ?? 0
    let prompt = head.summary ?? ""
    var path = thread.path
    // Without a current folder the path is stated as it was given.
    if !path.hasPrefix("/"), let folder = try? currentDirectory() { path = folder + "/" + path }
    let isArchived = head.archived == true
    let updated = head.updated?.seconds ?? created
    // The column holds the text of a source that is one.
    let json = head.extras.value("source", of: Codex.id) ?? CodexHead.source(of: head)
    let source = JSONDocument(ifValid: Array(json.bytes))?.root.string?.string ?? json.string
    var row: [(String, (any DatabaseValueConvertible)?)] = [
      ("id", thread.id), ("rollout_path", path), ("created_at", created),
      ("updated_at", updated), ("source", source),
      ("model_provider", head.providerKey ?? "openai"), ("cwd", head.workspace ?? "/"),
      ("title", prompt), ("sandbox_policy", "{\"type\":\"read-only\"}"),
      ("approval_mode", "on-request"), ("first_user_message", prompt), ("preview", prompt),
      ("archived", isArchived ? 1 : 0), ("archived_at", isArchived ? updated : nil),
      ("git_branch", head.gitBranch), ("git_sha", head.gitCommit), ("name", thread.givenTitle),
    ]
    row.removeAll { !names.contains($0.0) || $0.1 == nil }
    let columns = row.map { "\"\($0.0)\"" }.joined(separator: ", ")
    let marks = row.map { _ in "?" }.joined(separator: ", ")
    try database.execute(
      sql: "INSERT OR IGNORE INTO threads (\(columns)) VALUES (\(marks))",
      arguments: StatementArguments(row.map(\.1)))
    if names.contains("name"), let title = thread.givenTitle {
      try database.execute(
        sql: "UPDATE threads SET name = ? WHERE id = ? AND rollout_path = ?",
        arguments: [title, thread.id, path])
    }
  }
}
