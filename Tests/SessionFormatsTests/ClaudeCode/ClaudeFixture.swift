import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

/// Finds fixtures and samples, and reads sessions whole.
enum ClaudeFixture {
  static let project = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
  static let root = project + "/Fixtures/claude-code"
  /// Sample files that are not ours to copy; tests that need them are skipped without them.
  static let samples: String = {
    let beside = (project as NSString).deletingLastPathComponent
    let places = [beside, (beside as NSString).deletingLastPathComponent]
    let found = places.map { $0 + "/shared/samples/claude-code" }
      .first { FileManager.default.fileExists(atPath: $0) }
    return found ?? ""
  }()
  static var hasSamples: Bool { !samples.isEmpty }

  static let cases = ((try? listDirectory(root)) ?? []).map(\.name)

  static func source(_ path: String) throws -> any SessionSource {
    try ClaudeCode().open(path, options: ReadOptions())
  }

  /// The entries and findings of a session, the first one when none is named.
  static func read(_ path: String, _ id: String? = nil) throws -> Read {
    let source = try source(path)
    let first = try source.sessions().first?.id
    let reader = try source.reader(for: try #require(id ?? first))
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    return Read(head: reader.head, entries: entries, findings: reader.findings)
  }

  struct Read {
    var head: SessionHead
    var entries: [Entry]
    var findings: [Finding]

    var messages: [Message] { entries.compactMap(\.message) }
    var effective: [Message] { entries.filter(\.isEffective).compactMap(\.message) }
    var rules: Set<String> { Set(findings.map(\.rule)) }
  }

  /// A session file of its own in a folder that goes with the test.
  static func file(_ lines: [String], in scratch: Scratch) throws -> String {
    let path = scratch.path + "/0c0ffee0-0000-4000-8000-000000000001.jsonl"
    var output = try AtomicOutput(replacing: path)
    try output.write(Array(lines.map { $0 + "\n" }.joined().utf8))
    try output.commit(durable: false)
    return path
  }

  /// A line of a conversation.
  static func line(
    _ role: String, _ uuid: String, _ parent: String?, _ content: String, more: String = ""
  ) -> String {
    let parent = parent.map { "\"\($0)\"" } ?? "null"
    return "{\"type\":\"\(role)\",\"uuid\":\"\(uuid)\",\"parentUuid\":\(parent),"
      + "\"timestamp\":\"2026-05-01T09:00:00.000Z\",\"sessionId\":\"s\"\(more),"
      + "\"message\":{\"role\":\"\(role)\",\"content\":\(content)}}"
  }
}

extension Entry {
  var message: Message? {
    if case .message(let message) = content { message } else { nil }
  }
}

extension Message {
  /// All texts and calls of the message in a few words.
  var gist: String {
    blocks.map { block in
      switch block {
      case .text(let text): text.text.string
      case .thinking(let thinking): "(\(thinking.text))"
      case .toolCall(let call): "\(call.name)#\(call.id)"
      case .toolResult(let result): "=\(result.callID)"
      case .image: "image"
      case .file(let file): "file \(file.name ?? file.path ?? "")"
      case .opaque(let block): "?\(block.type)"
      }
    }.joined(separator: " ")
  }
}
