import Conversion
import FileIO
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What a report tells can be looked up: its places name files that are there.
@Suite struct FindingPlaceTests {
  /// A way through two other tools and back.
  struct Way: Sendable, CustomTestStringConvertible {
    var fixture: FixtureCase
    var second, third: String
    var testDescription: String { "\(fixture) by \(second) and \(third)" }
  }

  static let ways: [Way] = {
    var random = SeededGenerator(seed: testSeed)
    let targets = Registry.writable.map(\.info.id)
    let all = FixtureCase.all.map { fixture in
      let others = targets.filter { $0 != fixture.format }.shuffled(using: &random)
      return Way(fixture: fixture, second: others[0], third: others[1])
    }
    return isDeepRun ? all : Array(all.shuffled(using: &random).prefix(60))
  }()

  /// The path that a place begins with; nil where it is no place in a file.
  private func path(_ place: String) -> String? {
    if let match = place.wholeMatch(of: /(.*?):\d+:\d+/) { return String(match.1) }
    if let match = place.wholeMatch(of: /(.*) \S+ row -?\d+/) { return String(match.1) }
    return place.contains("/") ? place : nil
  }

  private func expectPlaces(_ findings: [Finding], _ what: String) {
    for finding in findings {
      guard let path = finding.place.flatMap({ path($0.description) }) else { continue }
      // A guess is enough: what cannot be looked at is not there for anybody.
      let isThere = ((try? FileStatus(path: path)) ?? nil) != nil
      #expect(isThere, "\(what): \(finding.rule) names \(path)")
    }
  }

  private func expectPlaces(_ report: ConversionReport, _ what: String) {
    for session in report.sessions where session.status != .failed {
      expectPlaces(session.findings, what)
      for place in session.losses.map(\.place) {
        guard let path = path(place) else { continue }
        let isThere = ((try? FileStatus(path: path)) ?? nil) != nil
        #expect(isThere, "\(what): a difference names \(path)")
      }
      for file in session.files where session.status == .written {
        // Side files need not be there.
        guard file == session.files.first else { continue }
        let isThere = ((try? FileStatus(path: file)) ?? nil) != nil
        #expect(isThere, "\(what): written to \(file)")
      }
    }
  }

  private func findings(_ path: String, _ format: String) throws -> [Finding] {
    let source = try open(format, path)
    return try source.storeFindings() + source.list().flatMap { try source.findings(of: $0.id) }
  }

  @Test(arguments: ways)
  func `every place is in a file that is there`(_ way: Way) async throws {
    let folder = try TemporaryFolder()
    let (format, input) = (way.fixture.format, way.fixture.input)
    let ending = (input as NSString).pathExtension
    let first = try findings(input, format)
    expectPlaces(first, "\(format)")
    var known = Set(first.map(\.rule))
    let (second, third) = (folder.path("second"), folder.path("third"))
    let there = try await convert(input, format, to: second, way.second)
    expectPlaces(there, "to \(way.second)")
    known.formUnion(there.sessions.flatMap(\.findings).map(\.rule))
    expectPlaces(try findings(second, way.second), "in \(way.second)")
    expectPlaces(
      try await convert(second, way.second, to: third, way.third), "to \(way.third)")
    expectPlaces(try findings(third, way.third), "in \(way.third)")
    guard Registry.format(format) is any WritableSessionFormat else { return }
    for (number, from) in [(second, way.second), (third, way.third)].enumerated() {
      let back = folder.path("back-\(number)" + (ending.isEmpty ? "" : ".\(ending)"))
      let report = try await convert(from.0, from.1, to: back, format)
      expectPlaces(report, "back from \(from.1)")
      // What comes back as it was has no other faults than it had.
      for session in report.sessions where session.fidelity == .exact {
        let rules = session.findings.map(\.rule).filter { $0.hasPrefix("session.") }
        #expect(known.isSuperset(of: rules), "back from \(from.1): \(session.findings)")
      }
    }
  }

  /// Identifiers that conversions make are such as every tool can use.
  @Test(arguments: ways)
  func `no identifier that is made here is found fault with`(_ way: Way) async throws {
    let folder = try TemporaryFolder()
    var (path, format) = (way.fixture.input, way.fixture.format)
    for next in [way.second, way.third] {
      let target = folder.path(next)
      let report = try await convert(path, format, to: target, next)
      // One that a session came with is its own affair.
      if report.sessions.contains(where: { $0.findings.contains(where: isOfIdentifier) }) { return }
      (path, format) = (target, next)
      let source = try open(next, target)
      let validation = StoreValidation(source)
      var found = validation.storeFindings.filter(isOfIdentifier)
      try await validation.run(try source.sessions()) {
        found += $0.findings.filter(isOfIdentifier)
      }
      #expect(found.isEmpty, "\(found)")
    }
  }

  private func isOfIdentifier(_ finding: Finding) -> Bool {
    finding.rule.hasSuffix("id-form")
  }

  @Test(arguments: ["ggcode", "claude-code", "codex", "pi", "canonical"])
  func `a broken session does not tell of every line`(format: String) async throws {
    let folder = try TemporaryFolder()
    let fixture = try #require(
      FixtureCase.all.first { $0.format == format && $0.name == "texts" }
        ?? FixtureCase.all.first { $0.format == format })
    let copy = folder.path("store")
    try FileManager.default.copyItem(atPath: fixture.input, toPath: copy)
    let files = FileManager.default.enumerator(atPath: copy)?.compactMap { $0 as? String } ?? []
    let session = files.first { $0.hasSuffix(".jsonl") }.map { copy + "/" + $0 } ?? copy
    var lines = try readFile(session)
    if lines.last != 0x0A { lines.append(0x0A) }
    for number in 0..<3_000 {
      lines += Array(
        [
          "{\"type\":\"message\",\"broken\":\(number)\n", "{\"type\":\"nobody-\(number)\"}\n",
          "{\"type\":\"message\",\"message\":{\"role\":\"robot\",\"content\":7}}\n", "\u{1}\n",
        ][number % 4].utf8)
    }
    try Data(lines).write(to: URL(fileURLWithPath: session))
    let source = try open(format, copy)
    let validation = StoreValidation(source)
    var found = validation.storeFindings
    try await validation.run(try source.sessions()) { found += $0.findings }
    let byRule = Dictionary(grouping: found, by: \.rule).mapValues(\.count)
    #expect(byRule.values.allSatisfy { $0 <= 202 }, "\(byRule)")
    let report = try await convert(
      copy, format, to: folder.path("out"), format == "codex" ? "ggcode" : "codex")
    for session in report.sessions {
      let byRule = Dictionary(grouping: session.findings, by: \.rule).mapValues(\.count)
      #expect(byRule.values.allSatisfy { $0 <= 101 }, "\(byRule)")
      #expect(session.losses.count < 400)
    }
  }
}
