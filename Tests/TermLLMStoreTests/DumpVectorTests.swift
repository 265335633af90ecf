import FileIO
import JSONText
import TestSupport
import Testing

@testable import TermLLMStore

/// What the tool read out of a database, beside it as `<name>.dump.json` or `<name>.expect.json`.
struct RecordedDatabase: Sendable, CustomTestStringConvertible {
  let path: String
  let recording: String

  static let all: [RecordedDatabase] = VectorFolders.files("term-llm", suffix: ".db").flatMap {
    path in
    [".dump.json", ".expect.json"].compactMap { ending in
      let file = String(path.dropLast(3)) + ending
      return (try? FileStatus(path: file)) ?? nil == nil
        ? nil : RecordedDatabase(path: path, recording: file)
    }
  }

  var testDescription: String { recording.split(separator: "/").suffix(2).joined(separator: "/") }

  func json() throws -> PlainJSON { try PlainJSON(readFile(recording)) }
}

@Suite struct DumpVectorTests {
  @Test(arguments: RecordedDatabase.all)
  func `A database reads as recorded`(recorded: RecordedDatabase) throws {
    let json = try recorded.json()
    let dump = json["head_rw"] ?? json
    let database: OpenedDatabase
    do {
      database = try OpenedDatabase(recorded.path)
    } catch let error as StoreError {
      // The tool fails too, or migrates what this store refuses.
      let isMigrated =
        dump["schema_version_before"] != dump["schema_version_after"]
        || (dump["schema_version_before"]?.int).map { $0 < 46 } ?? true
      #expect(dump["open_error"] != nil || isMigrated, "\(error)")
      if dump["open_error"] == nil { #expect(error.code == .unsupportedVersion) }
      return
    }
    #expect(dump["open_error"] == nil)
    if database.store.release == .documented, json["head_rw"] != nil {
      expectBrief(json["seed_rw"], database.store)
      return
    }
    expectLists(dump["lists"], database.store)
    let base = try sessions(identicalTo: dump, beside: recorded)
    for session in (dump["sessions"]?.elements ?? []) + base {
      try expectSession(session, database.store)
    }
    if let current = dump["current"], current["error"]?.isNull ?? true {
      #expect(try database.store.getCurrent()?.id == current["id"]?.string)
    }
    for search in json["search_head"]?.elements ?? [] { expectSearch(search, database.store) }
  }

  /// The sessions that a recording leaves out because they equal those of another one.
  private func sessions(
    identicalTo dump: PlainJSON, beside recorded: RecordedDatabase
  ) throws -> [PlainJSON] {
    guard let reference = dump["sessions_identical_to"] else { return [] }
    let name = reference["base"]?.string ?? reference["case"]?.string ?? ""
    let ids = Set((reference["ids"] ?? reference["sessions"])?.elements.compactMap(\.string) ?? [])
    let folder = "/" + recorded.recording.split(separator: "/").dropLast().joined(separator: "/")
    let file = folder + "/" + name + ".expect.json"
    guard try FileStatus(path: file) != nil else { return [] }
    let base = try PlainJSON(readFile(file))
    return base["head_rw"]?["sessions"]?.elements.filter { ids.contains($0["id"]?.string ?? "") }
      ?? []
  }

  private func expectLists(_ lists: PlainJSON?, _ store: SQLiteStore) {
    guard case .object(let lists)? = lists else { return }
    for (name, wanted) in lists {
      var options = ListOptions()
      options.archived = name != "default"
      options.sortsByActivity = name == "activity"
      options.sortsByNumberDescending = name == "number_desc"
      do throws(StoreError) {
        let found = try store.list(options).map(\.id)
        guard case .array = wanted else {
          #expect(wanted.isNull && found.isEmpty, "\(name): wanted \(wanted)")
          continue
        }
        #expect(found == wanted.elements.compactMap(\.string), "\(name)")
      } catch {
        #expect(wanted["error"]?.string != nil || wanted.string != nil, "\(name): \(error)")
      }
    }
  }

  private func expectSession(_ recorded: PlainJSON, _ store: SQLiteStore) throws {
    let id = try #require(recorded["id"]?.string)
    if let wanted = recorded["get"], case .object = wanted, wanted["error"] == nil {
      let found = try store.get(id)?.recorded(store.release) ?? .null
      #expect(found.difference(from: wanted) == nil, "\(id)")
    } else if recorded["get_error"] != nil || recorded["get"]?["error"] != nil {
      #expect(throws: StoreError.self, "\(id)") { try store.get(id) }
    }
    if let wanted = recorded["summary"], case .object = wanted {
      var options = ListOptions()
      options.archived = true
      options.limit = -1
      let found = try store.list(options).first { $0.id == id }
      #expect(
        found?.recorded(store.release).difference(from: wanted) == nil, "\(id)")
    }
    switch recorded["messages"] {
    case .array(let wanted)?:
      let found = try store.getMessages(id).map { $0.recorded(store.release) }
      #expect(PlainJSON.array(found).difference(from: .array(wanted)) == nil, "\(id)")
    case .null?: #expect(try store.getMessages(id).isEmpty, "\(id)")
    case .object(let members)? where members["error"] != nil:
      #expect(throws: StoreError.self, "\(id)") { try store.getMessages(id) }
    default: break
    }
  }

  /// A brief recording: lists, and how many messages each session has.
  private func expectBrief(_ brief: PlainJSON?, _ store: SQLiteStore) {
    guard let brief, brief["open_error"] == nil else { return }
    expectLists(brief["lists"], store)
    for session in brief["sessions"]?.elements ?? [] {
      guard let id = session["id"]?.string else { continue }
      let found = try? store.get(id)
      #expect((found ?? nil != nil) == (session["has_get"] == .bool(true)), "\(id)")
      if let count = session["messages"]?.int {
        #expect((try? store.getMessages(id).count).map(Int64.init) == count, "\(id)")
      }
    }
  }

  @Test(arguments: RecordedDatabase.all)
  func `A database opened read-only reads as recorded`(recorded: RecordedDatabase) throws {
    let json = try recorded.json()
    guard let brief = json["head_ro"], (brief["schema_version_before"]?.int ?? 0) >= 46 else {
      return
    }
    let database = try OpenedDatabase(recorded.path, isReadOnly: true)
    expectBrief(brief, database.store)
    #expect(throws: StoreError.self) { try database.store.setCurrent("x") }
  }

  @Test(arguments: RecordedDatabase.all)
  func `Calls on a copy answer as recorded`(recorded: RecordedDatabase) throws {
    let json = try recorded.json()
    guard let ops = json["ops"], let database = try? OpenedDatabase(recorded.path),
      database.store.release == .current
    else { return }
    let file = try JSONDocument(readFile(recorded.recording), limits: .go).root
    #expect(!ops.elements.isEmpty)
    let replay = OperationReplay(database.store)
    for record in file["ops"].map({ Array($0.elements) }) ?? [] {
      guard let call = record["in"], let wanted = record["out"] else { continue }
      let (out, error) = replay.run(call, recorded: wanted)
      let place = String(decoding: call.raw, as: UTF8.self)
      #expect(error == record["error"]?.string?.string, "\(place)")
      #expect(
        out.withoutTimes.difference(from: replay.expected(wanted).withoutTimes) == nil, "\(place)")
    }
  }
}
