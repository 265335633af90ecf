import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport

/// The sample rollouts beside the project: some are of third parties and never part of it.
enum CodexSamples {
  /// What the samples' own description counts.
  struct Counts: Sendable {
    var lines: Int
    var userEvents: Int
    var agentEvents: Int
    var calls: Int
    var openCalls: Int
    var orphans: Int
    var compactions: Int
  }

  static let folder: String? = {
    let path = Fixtures.projectRoot + "/../shared/samples/codex"
    let other = Fixtures.projectRoot + "/../../shared/samples/codex"
    return [path, other].first { FileManager.default.fileExists(atPath: $0) }
  }()

  static let counts: [(name: String, counts: Counts)] = [
    ("agentsview-fc_args_1.jsonl", row(3, 0, 0, 1, 1, 0, 0)),
    ("agentsview-function_calls.jsonl", row(4, 0, 0, 1, 1, 0, 0)),
    ("agentsview-standard_session.jsonl", row(3, 0, 0, 0, 0, 0, 0)),
    ("all-record-types-scrubbed.jsonl", row(118, 3, 1, 3, 0, 0, 6)),
    (
      "rollout-2026-02-23T12-41-04-019c8a4d-8f45-7010-8b5d-7fad920aa6f9.jsonl",
      row(417, 1, 17, 118, 0, 0, 0)
    ),
    (
      "rollout-2026-02-23T13-19-38-019c8a70-dda7-7f33-98ea-f30553347322.jsonl",
      row(19, 1, 1, 1, 1, 0, 0)
    ),
    (
      "rollout-2026-02-23T20-34-25-019c8bfe-ec25-79e0-97d7-bda6a9c575ff.jsonl",
      row(63, 1, 6, 5, 0, 0, 0)
    ),
    ("small-legacy-mode.jsonl", row(6, 0, 1, 1, 0, 0, 0)),
    (
      "rollout-2026-11-19T10-00-00-01a1f000-0000-7000-8000-0000000000b1.jsonl",
      row(65, 3, 5, 4, 0, 0, 1)
    ),
    (
      "rollout-2026-11-20T18-50-50-01a1fa15-1eee-7bb0-be19-1c84f33587c1.jsonl",
      row(47, 0, 0, 6, 0, 0, 0)
    ),
  ]

  private static func row(
    _ lines: Int, _ user: Int, _ agent: Int, _ calls: Int, _ open: Int, _ orphans: Int,
    _ compactions: Int
  ) -> Counts {
    Counts(
      lines: lines, userEvents: user, agentEvents: agent, calls: calls, openCalls: open,
      orphans: orphans, compactions: compactions)
  }

  static func read(_ path: String) throws -> (reader: any SessionReader, entries: [Entry]) {
    let source = try Codex().open(path, options: ReadOptions())
    let reader = try source.reader(for: try source.sessions()[0].id)
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    return (reader, entries)
  }

  /// Converts and gives the report; the target is made durable by nobody.
  static func convert(
    _ from: String, _ format: String, to: String, _ target: String,
    writing: WriteOptions = WriteOptions(isDurable: false),
    options: ConversionOptions = ConversionOptions()
  ) async throws -> ConversionReport {
    guard let source = Registry.format(format),
      let target = Registry.format(target) as? any WritableSessionFormat
    else { throw FormatError(.notRecognised, "no such format") }
    return try await StoreConversion(
      from: source, at: from, to: target, at: to, writeOptions: writing, options: options
    ).run()
  }
}
