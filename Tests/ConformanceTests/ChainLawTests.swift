import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A session that goes from tool to tool comes back to each of them as it was there.
@Suite struct ChainLawTests {
  static let formats = Registry.writable.map(\.info.id)

  /// A store of each format that others can go on with.
  static func store(_ format: String, in folder: TemporaryFolder) async throws -> String {
    let sample = Fixtures.root + "/ggcode/store"
    if format == "ggcode" { return sample }
    let path = folder.path("first")
    try await convert(sample, "ggcode", to: path, format, options: .plain)
    return path
  }

  static let options = ConversionOptions.with { $0.formats = Registry.formats }

  /// Ways through three or four tools: all of three in a deep run, else a sample.
  ///
  /// None begins with Aider, whose chats stand in one file, in the order in which they come.
  static let ways: [[String]] = {
    var random = SeededGenerator(seed: testSeed)
    let all = formats.flatMap { a in
      formats.flatMap { b in
        formats.compactMap { c in
          a != "aider" && Set([a, b, c]).count == 3 ? [a, b, c] : nil
        }
      }
    }
    let chosen = isDeepRun ? all : Array(all.shuffled(using: &random).prefix(30))
    return chosen.flatMap { way in
      // Back the way it came, and straight back.
      [way + [way[1], way[0]], way + [way[0]]]
    } + [["claude-code", "codex", "ggcode", "codex", "claude-code"]]
  }()

  @Test(arguments: ways)
  func `the first tool gets its own bytes back`(_ way: [String]) async throws {
    let folder = try TemporaryFolder()
    let first = try await Self.store(way[0], in: folder)
    var place = first
    var report: ConversionReport?
    for (step, format) in way.enumerated().dropFirst() {
      let next = folder.path("step\(step)")
      report = try await convert(place, way[step - 1], to: next, format, options: Self.options)
      for session in report?.sessions ?? [] {
        #expect(session.status == .written, "\(step): \(session.source) \(session.reason ?? "")")
      }
      place = next
    }
    let originals = try await PlainOriginal.all(of: way[0], at: first)
    let returned = try await PlainOriginal.all(of: way[0], at: place)
    #expect(originals.count == returned.count)
    for session in report?.sessions ?? [] {
      let id = try #require(session.target)
      #expect(originals[id] != nil && returned[id] == originals[id], "\(id)")
      #expect(session.fidelity == .exact, "\(id) is \(session.fidelity?.rawValue ?? "?")")
    }
  }

  /// Aider's history is left out: a prompt that follows another one in plain text becomes part of it.
  static let pairs: [(String, String)] = {
    let used = formats.filter { $0 != "aider" }
    return used.flatMap { a in used.compactMap { a == $0 ? nil : (a, $0) } }
  }()

  /// Both tools are used in turn, and each conversion updates what is there.
  @Test(arguments: pairs)
  func `two tools can be used in turn`(_ a: String, _ b: String) async throws {
    let folder = try TemporaryFolder()
    let first = try await Self.store(a, in: folder)
    let stores = [a: folder.path("a"), b: folder.path("b")]
    try FileManager.default.copyItem(atPath: first, toPath: folder.path("a"))
    var (here, there) = (a, b)
    var names: [String: [String]] = [a: [], b: []]
    var said: [String: [String]] = [:]
    for round in 0..<6 {
      let before = try texts(there, stores)
      let titles = try titles(there, stores)
      let report = try await convert(
        #require(stores[here]), here, to: #require(stores[there]), there, options: Self.options)
      for (id, title) in try self.titles(there, stores) where titles[id] != nil {
        #expect(title == titles[id], "round \(round): the title of \(id) in \(there)")
      }
      for session in report.sessions {
        #expect(
          [.written, .unchanged].contains(session.status),
          "round \(round), \(here) to \(there): \(session.source) \(session.reason ?? "")")
      }
      // What was said before stands there still, in its order.
      for (id, texts) in try texts(there, stores) {
        #expect(texts.starts(with: before[id] ?? []), "round \(round): \(id) in \(there)")
      }
      let ids = report.sessions.compactMap(\.target).sorted()
      if round > 1 { #expect(names[there] == ids, "round \(round): other sessions in \(there)") }
      names[there] = ids
      for id in ids {
        let text = "turn \(round) of \(there)"
        try await ContinuationTests().append(
          text, to: id, of: there, at: #require(stores[there]))
        said[id, default: []].append(text)
      }
      (here, there) = (there, here)
    }
    // Every turn is in the store that was written last but its own.
    for (_, texts) in try texts(here, stores) {
      for round in 0..<6 {
        let turn = "turn \(round) of \(round.isMultiple(of: 2) ? b : a)"
        #expect(texts.count { $0 == turn } == 1, "\(turn) in \(here)")
      }
    }
  }

  /// Three of the formats that can be used in turn; a sample unless the run is deep.
  static let circles: [[String]] = {
    var random = SeededGenerator(seed: testSeed)
    let all = pairs.flatMap { pair in
      formats.filter { $0 != "aider" && $0 != pair.0 && $0 != pair.1 }.map { [pair.0, pair.1, $0] }
    }.filter { circle in
      !circle.contains("markdown")
        && !circle.contains { Registry.format($0)?.info.holdsRows ?? false }
    }
    return isDeepRun ? all : Array(all.shuffled(using: &random).prefix(20))
  }()

  /// A session goes round between three tools, and each of them adds to it.
  @Test(arguments: circles)
  func `three tools can be used in a circle`(_ circle: [String]) async throws {
    let folder = try TemporaryFolder()
    let first = try await Self.store(circle[0], in: folder)
    let stores = Dictionary(uniqueKeysWithValues: circle.map { ($0, folder.path("store-" + $0)) })
    try FileManager.default.copyItem(atPath: first, toPath: #require(stores[circle[0]]))
    for step in 0..<7 {
      let (here, there) = (circle[step % 3], circle[(step + 1) % 3])
      let before = try texts(there, stores)
      let titles = try titles(there, stores)
      let report = try await convert(
        #require(stores[here]), here, to: #require(stores[there]), there, options: Self.options)
      for (id, title) in try self.titles(there, stores) where titles[id] != nil {
        #expect(title == titles[id], "step \(step): the title of \(id) in \(there)")
      }
      let present = try texts(there, stores)
      for session in report.sessions {
        let what = "step \(step), \(here) to \(there): \(session.source)"
        #expect(session.status == .written, "\(what): \(session.reason ?? "")")
        guard session.status == .written, let id = session.target else { return }
        #expect(present[id]?.starts(with: before[id] ?? []) == true, "\(what): other texts")
        for earlier in 0..<step {
          let turn = "turn \(earlier)."
          #expect(present[id]?.count { $0 == turn } == 1, "\(what): \(turn)")
        }
        try await ContinuationTests().append(
          "turn \(step).", to: id, of: there, at: #require(stores[there]))
      }
    }
  }

  private func titles(
    _ format: String, _ stores: [String: String]
  ) throws -> [String: String?] {
    let path = try #require(stores[format])
    guard try FileStatus(path: path) != nil else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: try open(format, path).sessions().map { ($0.id, $0.title) })
  }

  private func texts(
    _ format: String, _ stores: [String: String]
  ) throws -> [String: [String]] {
    let path = try #require(stores[format])
    guard try FileStatus(path: path) != nil else { return [:] }
    let source = try open(format, path)
    return Dictionary(
      uniqueKeysWithValues: try source.sessions().map { session in
        let entries = try source.whole(session.id).entries
        return (
          session.id,
          entries.flatMap { entry -> [String] in
            guard entry.isEffective, case .message(let message) = entry.content else { return [] }
            return message.blocks.compactMap(\.plainText).map(\.string)
          }
        )
      })
  }
}
