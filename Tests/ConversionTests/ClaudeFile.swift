import Foundation
import TestSupport
import Testing

/// A session file as the published reader of the format sees it, written from its description alone.
struct ClaudeSessionFile {
  typealias Record = [String: Any]

  let path: String
  let bytes: Data
  let records: [Record]

  init(path: String) throws {
    self.path = path
    bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    records = bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      (try? JSONSerialization.jsonObject(with: $0)) as? Record
    }
  }

  /// All session files below a folder, those of helpers apart.
  static func all(in folder: String) throws -> [ClaudeSessionFile] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return try names.filter { $0.hasSuffix(".jsonl") && !$0.contains("/subagents/") }.sorted()
      .map { try ClaudeSessionFile(path: folder + "/" + $0) }
  }

  var stem: String { ((path as NSString).lastPathComponent as NSString).deletingPathExtension }
  var folder: String {
    ((path as NSString).deletingLastPathComponent as NSString).lastPathComponent
  }

  /// Records with a place in the graph.
  var graph: [Record] {
    records.filter {
      ["user", "assistant", "system", "attachment", "progress"].contains($0["type"] as? String)
        && $0["uuid"] is String
    }
  }

  /// The records from the root to the leaf that the last `last-prompt` or the file's order gives.
  var chain: [Record] {
    var byID: [String: Record] = [:]
    var order: [String: Int] = [:]
    for (number, record) in graph.enumerated() {
      let id = record["uuid"] as? String ?? ""
      byID[id] = record
      order[id] = number
    }
    let parents = Set(graph.compactMap { $0["parentUuid"] as? String })
    var leaves = graph.filter {
      !parents.contains($0["uuid"] as? String ?? "") && !($0["isSidechain"] as? Bool ?? false)
    }
    let named = records.last { $0["type"] as? String == "last-prompt" }?["leafUuid"] as? String
    if let named { leaves = leaves.filter { $0["uuid"] as? String == named } }
    guard let leaf = leaves.last else { return [] }
    var walk: [Record] = []
    var next: Record? = leaf
    while let record = next, walk.count <= graph.count {
      walk.append(record)
      next = (record["parentUuid"] as? String).flatMap { byID[$0] }
    }
    return walk.reversed()
  }

  /// The first and last 64 KiB, which lists look at.
  var ends: (head: String, tail: String) {
    (
      String(decoding: bytes.prefix(65_536), as: UTF8.self),
      String(decoding: bytes.suffix(65_536), as: UTF8.self)
    )
  }

  /// Turns as they are sent: user records in a row are one, assistant ones by response.
  var turns: [(role: String, blocks: [Record])] {
    var turns: [(role: String, response: String, blocks: [Record])] = []
    for record in chain {
      guard let type = record["type"] as? String, type == "user" || type == "assistant",
        let message = record["message"] as? Record
      else { continue }
      var blocks = message["content"] as? [Record] ?? []
      if let text = message["content"] as? String { blocks = [["type": "text", "text": text]] }
      let response = message["id"] as? String ?? ""
      if let last = turns.last, last.role == type, type == "user" || last.response == response {
        turns[turns.count - 1].blocks += blocks
      } else {
        turns.append((type, response, blocks))
      }
    }
    return turns.map { ($0.role, $0.blocks) }
  }
}
