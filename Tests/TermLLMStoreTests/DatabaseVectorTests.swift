import FileIO
import JSONText
import TestSupport
import Testing

@testable import TermLLMStore

/// A copy of a recorded database, opened.
struct OpenedDatabase {
  let store: SQLiteStore
  private let folder: TemporaryFolder

  init(_ path: String, isReadOnly: Bool = false) throws {
    folder = try TemporaryFolder()
    let copy = try folder.write(try readFile(path), to: "sessions.db")
    var config = Config()
    config.path = copy
    config.isReadOnly = isReadOnly
    store = try SQLiteStore(config)
  }
}

@Suite struct DatabaseVectorTests {
  /// The sample database that vectors of a kind were recorded on.
  private func database(ofVectors file: String) throws -> OpenedDatabase {
    let folder = file.split(separator: "/").dropLast(2).joined(separator: "/")
    let name = release(ofVectors: file) == .documented ? "seed-v7.db" : "head-v46.db"
    return try OpenedDatabase("/" + folder + "/" + name)
  }

  @Test(arguments: vectorFiles("prefix-"))
  func `Sessions are found by prefix as recorded`(file: String) throws {
    let database = try database(ofVectors: file)
    for vector in try PlainJSON(readFile(file)).elements {
      let prefix = try #require(vector["prefix"]?.string)
      let session = try database.store.getByPrefix(prefix)
      #expect(session?.id == vector["id"]?.string, "\(prefix)")
      if let session { #expect(session.number == vector["number"]?.int, "\(prefix)") }
    }
  }

  @Test(arguments: vectorFiles("list-"))
  func `Lists are as recorded`(file: String) throws {
    let database = try database(ofVectors: file)
    for vector in try JSONDocument(readFile(file), limits: .go).root.elements {
      let options = try ListOptions(recorded: vector["options"])
      do throws(StoreError) {
        let ids = try database.store.list(options).map(\.id)
        #expect(ids == vector["ids"]?.elements.compactMap { $0.string?.string }, "\(options)")
      } catch {
        #expect(error.description == vector["error"]?.string?.string, "\(options)")
      }
    }
  }

  @Test(arguments: vectorFiles("search-"))
  func `Searches are as recorded`(file: String) throws {
    let database = try database(ofVectors: file)
    for vector in try PlainJSON(readFile(file)).elements {
      expectSearch(vector, database.store)
    }
  }

  @Test(arguments: VectorFolders.files("term-llm/exports", suffix: ".md"))
  func `Exports equal the recorded ones byte for byte`(file: String) throws {
    let folder = "/" + file.split(separator: "/").dropLast(2).joined(separator: "/")
    let name = try #require(file.split(separator: "/").last).dropLast(3)
    let parts = name.split(separator: ".")
    let isSeed = name.hasPrefix("seed-")
    let database = try OpenedDatabase(folder + (isSeed ? "/seed-v7.db" : "/head-v46.db"))
    let id = String(parts[0].dropFirst(5))
    var options = ExportOptions()
    options.release = isSeed ? .documented : .current
    // Summaries of reasoning are shown by default as far as the option's name says so.
    let words = parts.count > 1 ? parts[1].split(separator: "+") : []
    options.includesSystem = words.contains("system")
    options.includesReasoningSummaries = words.contains("reasoning")
    options.includesRawReasoning = words.contains("raw")
    let session = try #require(try database.store.get(id))
    let text = exportToMarkdown(session, try database.store.getMessages(id), options)
    #expect(text == String(decoding: try readFile(file), as: UTF8.self))
    #expect(Array(text.utf8) == (try readFile(file)))
  }
}

/// Compares a search with its recorded answer.
func expectSearch(_ vector: PlainJSON, _ store: SQLiteStore) {
  let query = vector["query"]?.string ?? ""
  let options = SearchOptions(
    query, limit: Int(vector["limit"]?.int ?? 0), archived: vector["archived"] == .bool(true),
    categories: vector["categories"]?.elements.compactMap(\.string) ?? [])
  do throws(StoreError) {
    let results = try store.search(options)
    #expect(vector["error"]?.isNull ?? true, "\(query)")
    let recorded = PlainJSON.array(vector["results"]?.elements ?? [])
    let found = PlainJSON.array(results.map { $0.recorded(store.release) })
    #expect(found.difference(from: recorded) == nil, "\(query)")
  } catch {
    #expect(error.description == vector["error"]?.string, "\(query)")
  }
}
