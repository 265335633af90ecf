import FileIO
import JSONText
import SessionModel
import TestSupport
import Testing

@testable import GGCodeStore

@Suite struct StoreVectorTests {
  /// The roots that hold a store with what the documented release makes of it.
  static let folders = VectorFolders.folders("ggcode").filter {
    (try? FileStatus(path: $0 + "/expected/dump.v1.3.75.json")) ?? nil != nil
  }

  private func copy(
    _ folder: String, profile: JSONLStore.Profile = .documented
  ) throws -> (JSONLStore, TemporaryFolder) {
    let temporary = try TemporaryFolder()
    for file in try listDirectory(folder + "/store") where file.kind != .directory {
      try temporary.write(try readFile(folder + "/store/" + file.name), to: file.name)
    }
    var options = JSONLStore.Options()
    options.profile = profile
    options.repeatsDataLoss = true
    options.now = { Timestamp(seconds: 4_070_908_800) }
    return (try JSONLStore(directory: temporary.path, options: options), temporary)
  }

  @Test(arguments: folders)
  func `Every session loads and exports as recorded`(folder: String) throws {
    let dump = try PlainJSON(readFile(folder + "/expected/dump.v1.3.75.json"))
    for recorded in dump["sessions"]?.elements ?? [] {
      let (store, temporary) = try copy(folder)
      let id = try #require(recorded["id"]?.string)
      let file = temporary.path(id + ".jsonl")
      let before = try readFile(file)
      let error = recorded["error"] ?? recorded["load_error"]
      let session: Session
      do throws(StoreError) {
        session = try store.load(id)
      } catch {
        #expect(recorded["session"] == nil || recorded["session"] == .null, "\(id): \(error)")
        continue
      }
      #expect(error == nil || error == .null, "\(id)")
      if let wanted = recorded["session"] {
        #expect(try session.dumped().difference(from: wanted.withoutDigests) == nil, "\(id)")
      }
      if let wanted = recorded["derived"] {
        #expect(session.derivedValues.difference(from: wanted) == nil, "\(id)")
      }
      let markdown = Array(try store.exportMarkdown(id).utf8)
      if let count = recorded["export_markdown_bytes"]?.int {
        #expect(Int64(markdown.count) == count, "\(id)")
      }
      let export = folder + "/expected/exports.v1.3.75/" + id + ".md"
      if try FileStatus(path: export) != nil {
        let wanted = try readFile(export)
        #expect(
          String(decoding: markdown, as: UTF8.self) == String(decoding: wanted, as: UTF8.self))
        #expect(markdown == wanted)
      }
      #expect(try readFile(file) == before, "\(id)")
    }
  }

  /// The roots that hold what the newest release makes of the store.
  static let currentFolders = VectorFolders.folders("ggcode").filter {
    (try? FileStatus(path: $0 + "/expected/dump.head.json")) ?? nil != nil
  }

  /// The newest release rewrites files that it loads: such sessions are compared in what that leaves.
  ///
  /// Messages get identifiers, summaries of old checkpoints become messages.
  @Test(arguments: currentFolders)
  func `The current profile loads and exports as recorded`(folder: String) throws {
    let dump = try PlainJSON(readFile(folder + "/expected/dump.head.json"))
    var whole = 0
    for recorded in dump["sessions"]?.elements ?? [] {
      let (store, temporary) = try copy(folder, profile: .current)
      let id = try #require(recorded["id"]?.string)
      guard let wanted = recorded["session"], case .object = wanted else {
        #expect(throws: StoreError.self, "\(id)") { try store.load(id) }
        continue
      }
      let before = try readFile(temporary.path(id + ".jsonl"))
      let session = try store.load(id)
      var found = try session.dumped(profile: .current)
      var expected = wanted
      // What was recorded in the root folder has its path.
      if expected["workspace"]?.string == "/" {
        found = found.replacing("workspace", nil)
        expected = expected.replacing("workspace", nil)
      }
      let isMigrated = recorded["file_after_load"]?.string == "rewritten"
      if isMigrated {
        for key in ["messages", "tunnel_events"] {
          found = found.replacing(key, nil)
          expected = expected.replacing(key, nil)
        }
      } else {
        whole += 1
      }
      #expect(found.difference(from: expected.withoutDigests) == nil, "\(id)")
      let derived = recorded["derived"]
      #expect(session.hasUserInteraction == (derived?["has_user_interaction"] == .bool(true)))
      if let usage = derived?["usage_for_own_endpoint"] {
        var copy = session
        let own = copy.usage(forVendor: session.vendor, endpoint: session.endpoint)
        #expect(own.plain.difference(from: usage) == nil, "\(id)")
      }
      let export = folder + "/expected/exports.head/" + id + ".md"
      let count = (derived?["message_count"]?.int).map(Int.init)
      if try FileStatus(path: export) != nil, count == session.messages.count {
        let markdown = try store.exportMarkdown(id)
        #expect(markdown == String(decoding: try readFile(export), as: UTF8.self), "\(id)")
        #expect(Array(markdown.utf8) == (try readFile(export)), "\(id)")
      }
      #expect(try readFile(temporary.path(id + ".jsonl")) == before, "\(id)")
    }
    #expect(whole > 0)
  }

  @Test(arguments: folders)
  func `Lists before and after maintenance are as recorded`(folder: String) async throws {
    let dump = try PlainJSON(readFile(folder + "/expected/dump.v1.3.75.json"))
    let (store, temporary) = try copy(folder)
    let first = try PlainJSON.array(store.list().map { try $0.plain(store) })
    await store.finishMaintenance()
    expectSameList(first, dump["list_first_call"])
    #expect(try names(temporary) == dump["files_after_first_list"]?.elements.compactMap(\.string))
    let second = try PlainJSON.array(store.list().map { try $0.plain(store) })
    await store.finishMaintenance()
    expectSameList(second, dump["list_second_call"])
    #expect(try names(temporary) == dump["files_after_second_list"]?.elements.compactMap(\.string))
    let index = try PlainJSON(readFile(temporary.path("index.json"))).elements.sorted {
      ($0["id"]?.string ?? "") < ($1["id"]?.string ?? "")
    }
    if let wanted = dump["index_after_sorted_by_id"] {
      #expect(PlainJSON.array(index).difference(from: wanted) == nil)
    }
  }

  /// Sessions of the same time may stand in any order.
  private func expectSameList(_ list: PlainJSON, _ wanted: PlainJSON?) {
    func sorted(_ list: PlainJSON) -> PlainJSON {
      .array(
        list.elements.enumerated().sorted {
          ($0.element["updated_at"]?.string ?? "", $0.element["id"]?.string ?? "")
            < ($1.element["updated_at"]?.string ?? "", $1.element["id"]?.string ?? "")
        }.map(\.element))
    }
    #expect(sorted(list).difference(from: sorted(wanted ?? .array([]))) == nil)
    func times(_ list: PlainJSON) -> [Timestamp] {
      list.elements.compactMap { $0["updated_at"]?.string.flatMap { Timestamp(rfc3339: $0) } }
    }
    #expect(zip(times(list), times(list).dropFirst()).allSatisfy { !($0 < $1) })
  }

  private func names(_ folder: TemporaryFolder) throws -> [String] {
    try listDirectory(folder.path).map(\.name)
  }
}

extension Session {
  /// The session as the recorded dumps spell it: raw values as text, long texts by their length.
  fileprivate func dumped(
    profile: JSONLStore.Profile = .documented
  ) throws -> PlainJSON {
    var plain = try PlainJSON(json(profile: profile).bytes)
    guard case .object(var members) = plain else { return plain }
    if case .array(let list)? = members["messages"] {
      members["messages"] = .array(
        zip(list, messages).map { json, message in
          json.replacing(
            "content",
            json["content"].map { content in
              guard case .array(let blocks) = content else { return content }
              return .array(
                zip(blocks, message.content ?? []).map {
                  $0.replacing("input", nil).replacing(
                    "input_raw", $1.input.map { .string($0.string) })
                })
            })
        })
    }
    if case .array(let list)? = members["tunnel_events"] {
      members["tunnel_events"] = .array(
        zip(list, tunnelEvents).map {
          $0.replacing("data", nil).replacing("data_raw", $1.data.map { .string($0.string) })
        })
    }
    members["cost"] = nil
    if let cost { members["cost_raw"] = .string(cost.string) }
    plain = .object(members)
    return plain.shortened
  }
}

extension PlainJSON {
  fileprivate func replacing(_ key: String, _ value: PlainJSON?) -> PlainJSON {
    guard case .object(var members) = self else { return self }
    members[key] = value
    return .object(members)
  }

  fileprivate var shortened: PlainJSON {
    switch self {
    case .string(let text) where text.utf8.count > 4_096:
      .object(["$long": .object(["bytes": .number("\(text.utf8.count)")])])
    case .array(let list): .array(list.map(\.shortened))
    case .object(let members): .object(members.mapValues(\.shortened))
    default: self
    }
  }

  /// Without the digests that stand beside the lengths of long texts.
  fileprivate var withoutDigests: PlainJSON {
    switch self {
    case .array(let list): return .array(list.map(\.withoutDigests))
    case .object(var members):
      if members["bytes"] != nil { members["sha256"] = nil }
      return .object(members.mapValues(\.withoutDigests))
    default: return self
    }
  }
}
