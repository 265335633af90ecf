internal import FileIO
internal import GGCodeStore
internal import SessionCoding
internal import SessionFormats
internal import SessionModel
internal import TermLLMStore

/// One of the two stores that can be searched and cleaned up.
enum LiveStore {
  case lines(JSONLStore)
  case database(path: String)

  /// A session of either.
  struct Entry {
    var id: String
    var title: String
    var updated: SessionModel.Timestamp
    var isSpared: Bool
  }

  /// A message found in either.
  struct Hit {
    var id: String
    var title: String
    var snippet: String
    var rank: Double
    var time: SessionModel.Timestamp?
  }

  /// Finds the store that an argument names, and the session named with it.
  static func open(_ argument: String) throws(Ending) -> (store: LiveStore, session: String?) {
    let opened = try OpenedSource(argument, format: nil)
    switch opened.format.info.id {
    case "ggcode":
      let status = FileStatus.guess(opened.path)
      guard status?.kind == .directory else {
        throw Ending(
          status == nil ? .source : .usage,
          "\(opened.name): name the folder that holds the sessions, not one of them")
      }
      do throws(GGCodeStore.StoreError) {
        return (.lines(try JSONLStore(directory: opened.path)), opened.wanted.first)
      } catch {
        throw Ending(.source, error.description)
      }
    case "term-llm":
      let status = FileStatus.guess(opened.path)
      guard let status else { throw Ending(.source, "\(opened.name): there is no such store") }
      let path = status.kind == .directory ? opened.path + "/sessions.db" : opened.path
      return (.database(path: path), opened.wanted.first)
    default:
      throw Ending(
        .usage,
        "\(opened.name) is \(opened.format.info.name); only stores of ggcode and term-llm can be "
          + "searched and cleaned up")
    }
  }

  /// The store that a source is; nil for single files and for what the tools' stores cannot open.
  init?(_ opened: OpenedSource) {
    switch (opened.format.info.id, ((try? FileStatus(path: opened.path)) ?? nil)?.kind) {
    case ("ggcode", .directory):
      guard let store = try? JSONLStore(directory: opened.path) else { return nil }
      self = .lines(store)
    case ("term-llm", .file):
      self = .database(path: opened.path)
      // Then its files or rows are listed as they are.
      guard (try? database(opened.path, isReadOnly: true)) != nil else { return nil }
    default: return nil
    }
  }

  private func database(_ path: String, isReadOnly: Bool) throws(TermLLMStore.StoreError)
    -> SQLiteStore
  {
    var config = Config()
    config.path = path
    config.isReadOnly = isReadOnly
    return try SQLiteStore(config)
  }

  /// Finds messages.
  ///
  /// - Parameters:
  ///   - longest: The longest line of ggcode's files that is looked at.
  ///   - tell: Gets a sentence about each longer one.
  func search(
    _ words: String, limit: Int, archived: Bool, longest: Int, tell: (String) -> Void
  ) throws(Ending) -> [Hit] {
    do {
      switch self {
      case .lines(let store):
        let found = try store.search(words, limit: limit, maximumLineLength: longest) {
          path, line, count in
          tell(
            "\(path):\(line): the record has \(count) bytes and is not searched; --max-record "
              + "\(ByteSize(count).roundedUp) searches it")
        }
        return found.map {
          Hit(
            id: $0.session.id, title: $0.session.title, snippet: $0.snippet, rank: $0.rank,
            time: $0.session.updatedAt)
        }
      case .database(let path):
        let store = try database(path, isReadOnly: true)
        return try store.search(SearchOptions(words, limit: limit, archived: archived)).map {
          Hit(
            id: $0.session.id,
            title: $0.session.name.isEmpty ? $0.session.summary : $0.session.name,
            snippet: $0.snippet, rank: $0.rank, time: $0.createdAt)
        }
      }
    } catch {
      throw Ending(.source, "\(error)")
    }
  }

  /// All sessions, the last updated first; nothing is changed.
  func entries() throws(Ending) -> [Entry] {
    do {
      switch self {
      case .lines(let store):
        return try store.survey().map {
          Entry(
            id: $0.id, title: $0.title, updated: $0.updatedAt, isSpared: store.isInUse($0.id))
        }
      case .database(let path):
        var options = ListOptions()
        options.archived = true
        options.limit = -1
        let store = try database(path, isReadOnly: true)
        return try store.list(options).map {
          Entry(
            id: $0.id, title: $0.name.isEmpty ? $0.summary : $0.name, updated: $0.updatedAt,
            isSpared: $0.isArchived || $0.isPinned)
        }.sorted { $0.updated > $1.updated }
      }
    } catch {
      throw Ending(.source, "\(error)")
    }
  }

  /// Sessions as the tool's own list has them: in its order, with what it says of them.
  ///
  /// Sessions that the list does not know, and stores that the tool cannot list, stay as they were
  /// found in the files.
  func listed(_ sessions: [SessionCoding.SessionSummary]) -> [SessionCoding.SessionSummary] {
    switch self {
    case .lines(let store):
      let list = Dictionary(
        // The order of the list is a convenience; the sessions were found in the files.
        ((try? store.survey(loadingUnlisted: false)) ?? []).map { ($0.id, $0) }
      ) { first, _ in first }
      let found = sessions.map { summary in
        guard let session = list[summary.id] else { return summary }
        var summary = summary
        summary.title = session.title.isEmpty ? nil : session.title
        summary.workspace = session.workspace.isEmpty ? nil : session.workspace
        summary.created = session.createdAt
        summary.updated = session.updatedAt
        return summary
      }
      return Self.sorted(found) { $0.updated ?? $0.created ?? .goZero }
    case .database(let path):
      var options = ListOptions()
      options.archived = true
      options.limit = -1
      // As above.
      let list = (try? database(path, isReadOnly: true).list(options)) ?? []
      let places = Dictionary(
        list.enumerated().map { ($0.element.id, $0.offset) }
      ) { first, _ in first }
      return sessions.enumerated().sorted {
        (places[$0.element.id] ?? .max, $0.offset) < (places[$1.element.id] ?? .max, $1.offset)
      }.map(\.element)
    }
  }

  /// The last first; those of the same time in their order.
  private static func sorted(
    _ sessions: [SessionCoding.SessionSummary],
    by time: (SessionCoding.SessionSummary) -> SessionModel.Timestamp
  ) -> [SessionCoding.SessionSummary] {
    sessions.enumerated().sorted {
      let (a, b) = (time($0.element), time($1.element))
      return a == b ? $0.offset < $1.offset : a > b
    }.map(\.element)
  }

  /// What a session is called in full: term-llm also knows numbers and short forms.
  func fullName(of name: String) -> String {
    guard case .database(let path) = self else { return name }
    let number = name.hasPrefix("#") ? name.dropFirst() : name[...]
    if let number = Int64(number), let store = try? database(path, isReadOnly: true),
      // No such number: then it is the beginning of a name.
      let session = try? store.getByNumber(number)
    {
      return session.id
    }
    let pattern = expandShortID(name)
    return pattern.hasSuffix("%") ? String(pattern.dropLast()) : pattern
  }

  /// A session as the Markdown that the tool itself exports.
  func markdown(of id: String) throws(Ending) -> String {
    do {
      switch self {
      case .lines(let store):
        // Only current releases give messages identifiers, and only they read such sessions whole.
        var options = JSONLStore.Options()
        options.profile = .current
        let current = try JSONLStore(directory: store.directory, options: options).load(id)
        if current.messages.contains(where: { !$0.id.isEmpty }) {
          return exportSessionMarkdown(current)
        }
        return try store.exportMarkdown(id)
      case .database(let path):
        let store = try database(path, isReadOnly: true)
        guard let session = try store.get(id) else {
          throw Ending(.source, "there is no session \(id); see 'carryover list'")
        }
        var options = ExportOptions()
        options.release = store.release
        return exportToMarkdown(session, try store.getMessages(id), options)
      }
    } catch let error as Ending {
      throw error
    } catch {
      throw Ending(.source, "\(error)")
    }
  }

  /// Removes sessions; gives what could not be removed, and why.
  func delete(_ ids: [String]) throws(Ending) -> [(id: String, problem: String)] {
    switch self {
    case .lines(let store):
      var failed: [(id: String, problem: String)] = []
      for id in ids {
        if store.isInUse(id) {
          failed.append((id, "a running program has it open"))
          continue
        }
        do throws(GGCodeStore.StoreError) {
          try store.delete(id)
        } catch {
          failed.append((id, error.description))
        }
      }
      return failed
    case .database(let path): return try delete(ids, in: path)
    }
  }

  private func delete(
    _ ids: [String], in path: String
  ) throws(Ending) -> [(id: String, problem: String)] {
    do throws(TermLLMStore.StoreError) {
      let store = try database(path, isReadOnly: false)
      var rest = ids
      while true {
        // Sessions that others descend from can go once those are gone.
        var failed: [(id: String, problem: String)] = []
        for id in rest {
          do throws(TermLLMStore.StoreError) {
            try store.delete(id)
          } catch {
            failed.append((id, error.description))
          }
        }
        if failed.isEmpty || failed.count == rest.count { return failed }
        rest = failed.map(\.id)
      }
    } catch {
      throw Ending(.target, error.description)
    }
  }
}
