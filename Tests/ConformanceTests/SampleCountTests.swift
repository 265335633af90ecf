import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// The samples beside the project hold what is said to be in them; some are of third parties and never
/// part of it.
@Suite struct SampleCountTests {
  /// What the sessions of a sample hold, used or not; a checkpoint's messages are not counted.
  struct Counts: Equatable, Sendable {
    var (sessions, messages, calls, results, thinking, images) = (0, 0, 0, 0, 0, 0)

    init(_ values: Int...) {
      let values = values + Array(repeating: 0, count: 6 - values.count)
      (sessions, messages, calls) = (values[0], values[1], values[2])
      (results, thinking, images) = (values[3], values[4], values[5])
    }

    mutating func add(_ blocks: [Block]) {
      for block in blocks {
        switch block {
        case .toolCall: calls += 1
        case .toolResult(let result):
          results += 1
          images += result.content.count { if case .image = $0 { true } else { false } }
        case .thinking: thinking += 1
        case .image: images += 1
        default: break
        }
      }
    }
  }

  static let samples: [(format: String, path: String, counts: Counts)] = [
    ("letta-code", "letta-code/lc-local-backend", Counts(2, 17, 2, 2, 2)),
    ("letta-code", "letta-code/foreign-minimal", Counts(1, 5, 2, 2, 1)),
    ("hermes", "hermes/state-0.19.0-cli.db", Counts(2, 28, 4, 4, 6)),
    ("hermes", "hermes/state.db", Counts(2, 6, 1, 1, 1, 1)),
    ("opencode", "opencode/opencode-2026-04.db", Counts(4, 18, 5, 4, 1, 1)),
    ("droid", "droid/session_store_large.jsonl", Counts(1, 7, 1, 1)),
    ("droid", "droid/session_store_schema_drift.jsonl", Counts(1, 2)),
    ("openclaw", "openclaw/small.jsonl", Counts(1, 3, 1, 1)),
    ("openclaw", "openclaw/large.jsonl", Counts(1, 7, 2, 2)),
    ("openclaw", "openclaw/schema_drift.jsonl", Counts(1, 3, 1, 1)),
    ("kimi-code", "kimi-code/assistant_tools.jsonl", Counts(1, 54, 19, 19, 22)),
    ("kimi-code", "kimi/kimi-code/small.jsonl", Counts(1, 3)),
    ("kimi-code", "peer-made/kimi", Counts(1, 16, 6, 6, 0, 2)),
    ("copilot-cli", "copilot-cli/events-all-types-scrubbed.jsonl", Counts(1, 12, 4, 4, 3)),
    ("copilot-cli", "copilot-cli/session-state", Counts(1, 4, 1, 1)),
    ("copilot-cli", "peer-made/copilot", Counts(1, 16, 6, 6, 0, 2)),
    ("amp", "amp/test-thread-1.json", Counts(1, 6)),
    ("goose", "goose/sessions-v17.db", Counts(3, 13, 2, 2, 1, 1)),
    ("crush", "crush/crush.db", Counts(3, 9, 2, 2, 1, 1)),
  ]

  static let folder: String? = [
    "/../shared/samples", "/../../shared/samples",
  ].map { Fixtures.projectRoot + $0 }.first { FileManager.default.fileExists(atPath: $0) }

  @Test(.enabled(if: folder != nil), arguments: samples)
  func `a sample holds what it is said to hold`(
    _ format: String, _ sample: String, _ expected: Counts
  ) throws {
    let path = try #require(Self.folder) + "/" + sample
    // Not everybody has all of them.
    guard FileManager.default.fileExists(atPath: path) else { return }
    let folder = try TemporaryFolder()
    let copy = folder.path((path as NSString).lastPathComponent)
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    let source = try open(format, copy)
    var counts = Counts()
    for session in try source.sessions() {
      counts.sessions += 1
      for entry in try source.whole(session.id).entries {
        guard case .message(let message) = entry.content else { continue }
        counts.messages += 1
        counts.add(message.blocks)
      }
    }
    #expect(counts == expected, "\(sample)")
  }
}
