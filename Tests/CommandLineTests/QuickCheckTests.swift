import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A second run tells untouched sessions by size and time; whatever was touched is read.
@Suite struct QuickCheckTests {
  private static let formats = Registry.writable.map(\.info.id)

  private func convert(
    _ format: String, _ options: String = "", in folder: TemporaryFolder
  ) throws -> CommandLineRun {
    try CommandLineRun(
      "carryover convert store \(Self.place(format)) --to \(format) \(options)", in: folder.path)
  }

  private static func place(_ format: String) -> String {
    ["term-llm": "there.db", "aider": "there/.aider.chat.history.md"][format] ?? "there"
  }

  /// Sets all files back by an hour, as if they had lain there since.
  private func age(_ names: [String], in folder: TemporaryFolder) throws {
    let hourAgo = Date(timeIntervalSinceNow: -3_600)
    for name in names {
      for file in try folder.files(name).keys.map({ name + "/" + $0 }) + [name]
      where try FileStatus(path: folder.path(file))?.kind == .file {
        try FileManager.default.setAttributes(
          [.modificationDate: hourAgo], ofItemAtPath: folder.path(file))
      }
    }
  }

  /// A store and what was made of it, which a run has found alike.
  private func prepare(_ format: String) throws -> TemporaryFolder {
    let folder = try TemporaryFolder.withStore()
    if format == "aider" {
      try FileManager.default.createDirectory(
        atPath: folder.path("there"), withIntermediateDirectories: false)
    }
    let first = try convert(format, in: folder)
    #expect(first.code == 0, "\(first.errors)")
    try age(["store", "there", "there.db"], in: folder)
    // What was written a moment ago is not trusted yet.
    let second = try convert(format, in: folder)
    #expect(second.output.contains("unchanged\n"), "\(second.output)")
    let third = try convert(format, in: folder)
    #expect(third.output.contains("unchanged (by size and time)\n"), "\(third.output)")
    return folder
  }

  @Test(arguments: formats)
  func `what nobody touched is not read`(format: String) throws {
    let folder = try prepare(format)
    let report = try convert(format, "--json", in: folder)
    #expect(report.output.contains(#""unread":true"#))
    #expect(try convert(format, "--checksum", in: folder).output.contains("unchanged\n"))
    #expect(
      try convert(format, "--dry-run", in: folder).output.contains("unchanged\n"))
    // Without what was kept, all is read.
    try FileManager.default.removeItem(atPath: folder.path("home/.cache"))
    #expect(try convert(format, in: folder).output.contains("unchanged\n"))
  }

  @Test(arguments: formats)
  func `a source that grew is read`(format: String) throws {
    let folder = try prepare(format)
    let file = try #require(
      FileManager.default.contentsOfDirectory(atPath: folder.path("store")).sorted().first {
        $0.hasSuffix(".jsonl")
      })
    let bytes = try readFile(folder.path("store/" + file))
    let message =
      #"{"type":"message","session_id":"\#(file.dropLast(6))","created_at":"0001-01-01T00:00:00Z","updated_at":"#
      + #""0001-01-01T00:00:00Z","message":{"role":"user","content":[{"type":"text","text":"zebra"}]}}"#
    try folder.write(bytes + Array((message + "\n").utf8), to: "store/" + file)
    let run = try convert(format, in: folder)
    #expect(run.output.contains("1 written, "), "\(run.output)\(run.errors)")
    let there = try CommandLineRun(
      "grep -qra zebra \(Self.place(format))*", in: folder.path)
    #expect(there.code == 0)
  }

  @Test(arguments: formats)
  func `a target that is gone, or that somebody wrote to, is read`(format: String) throws {
    let folder = try prepare(format)
    let place = Self.place(format)
    let files =
      try FileStatus(path: folder.path(place))?.kind == .file
      ? [place]
      : try folder.files(place).keys.map { place + "/" + $0 }.filter {
        $0.hasSuffix(".jsonl") || $0.hasSuffix(".md")
      }
    for file in files { try FileManager.default.removeItem(atPath: folder.path(file)) }
    let again = try convert(format, in: folder)
    #expect(again.code == 0 && !again.output.contains("unchanged"), "\(again.output)")
  }

  @Test(arguments: formats)
  func `a carry that is gone is written again`(format: String) throws {
    let folder = try prepare(format)
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path("there"))) ?? []
    let carries = names.filter { $0.hasSuffix(".carryover") || $0.hasSuffix(".ndjson") }
    for name in carries { try FileManager.default.removeItem(atPath: folder.path("there/" + name)) }
    let run = try convert(format, in: folder)
    #expect(run.output.contains(carries.isEmpty ? "unchanged (by size and time)\n" : " written\n"))
    let after = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path("there"))) ?? []
    #expect(after.sorted() == names.sorted())
  }

  @Test func `runs of another kind are told apart`() throws {
    let folder = try prepare("codex")
    for option in ["--no-carry", "--max-record 1M", "--map-path /a=/b"] {
      #expect(try !convert("codex", option, in: folder).output.contains("by size"), "\(option)")
    }
  }

  @Test func `what is kept may be anything`() throws {
    let folder = try prepare("codex")
    let cache = folder.path("home/.cache/carryover")
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: cache).first)
    let bytes = try readFile(cache + "/" + name)
    var random = SeededGenerator(seed: testSeed)
    for _ in 0..<20 {
      var damaged = bytes
      for _ in 0..<3 {
        damaged[Int.random(in: damaged.indices, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      try folder.write(damaged, to: "home/.cache/carryover/" + name)
      let run = try convert("codex", in: folder)
      #expect(
        run.code == 0 && run.output.contains("6 unchanged"), "seed \(testSeed): \(run.output)")
    }
  }
}
