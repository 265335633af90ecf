import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// One input of one format, found on disk.
///
/// `Fixtures/<format>/<case>/input*` is an input with what is expected beside it; the sample stores
/// of the reference tools in `Fixtures/<format>/store` are inputs too, their expectations lie in
/// `store-expected`.
struct FixtureCase: Sendable, CustomTestStringConvertible {
  var format: String
  var name: String
  /// The store or file to read.
  var input: String
  /// Where the expectations lie, with the beginning of their names.
  var expected: String

  var testDescription: String { "\(format)/\(name)" }

  /// The profile of its format in which the input can be written as it is; nil for the default.
  var profile: String? { name.hasSuffix("-v7.db") ? "7" : nil }

  /// Every input, or those that `CARRYOVER_CASE` asks for by the beginning of their names.
  static let all: [FixtureCase] = Registry.formats.flatMap { find($0.info.id) }
    .filter { $0.testDescription.hasPrefix(asked("CARRYOVER_CASE") ?? "") }

  /// The inputs in the model's own form, each of which shows one of its features.
  static let canonical = find("canonical")

  /// The cases of a format whose target is another one, for laws over pairs.
  ///
  /// Without `CARRYOVER_ALL_PAIRS=1`, or a wish for some of them, this is a sample: every ordered pair
  /// of formats with a few fixtures of the source. `CARRYOVER_TARGET` asks for one target only.
  static let pairs: [(FixtureCase, String)] = {
    let targets = Registry.writable.map(\.info.id)
      .filter { [nil, $0].contains(asked("CARRYOVER_TARGET")) }
    let isWhole = isDeepRun || asked("CARRYOVER_CASE") != nil
    var random = SeededGenerator(seed: testSeed)
    return Registry.formats.flatMap { format -> [(FixtureCase, String)] in
      let fixtures = all.filter { $0.format == format.info.id }
      return targets.filter { $0 != format.info.id }.flatMap { target in
        let chosen =
          isWhole ? fixtures : Array(fixtures.shuffled(using: &random).prefix(sampleSize))
        return chosen.map { ($0, target) }
      }
    }
  }()

  /// How many fixtures each pair of formats is tried with in a sample.
  private static let sampleSize = 3

  private static func asked(_ variable: String) -> String? {
    ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The cases of formats that are written too.
  static let writable: [FixtureCase] = all.filter { fixture in
    Registry.writable.contains { $0.info.id == fixture.format }
  }

  private static func find(_ format: String) -> [FixtureCase] {
    let folder = Fixtures.root + "/" + format
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().flatMap { name -> [FixtureCase] in
      let path = folder + "/" + name
      let inside = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
      if let input = inside.first(where: { $0 == "input" || $0.hasPrefix("input.") }) {
        return [
          FixtureCase(
            format: format, name: name, input: path + "/" + input, expected: path + "/expected")
        ]
      }
      guard name == "store" else { return [] }
      if inside.contains("index.json") {
        return [
          FixtureCase(
            format: format, name: name, input: path, expected: folder + "/store-expected/expected")
        ]
      }
      return inside.filter { $0.hasSuffix(".db") }.map { file in
        FixtureCase(
          format: format, name: "store/\(file)", input: path + "/" + file,
          expected: folder + "/store-expected/" + file)
      }
    }
  }

  /// A text without this machine's folders.
  func withoutFolders(_ text: String) -> String {
    text.replacingOccurrences(of: input, with: "input")
  }
}

/// Whether the sessions of a format are rows of a database.
func holdsRows(_ format: String) -> Bool { Registry.format(format)?.info.holdsRows ?? false }

/// Compares with what was accepted; `CARRYOVER_ACCEPT=1` accepts the present state instead.
func expectGolden(
  _ text: String, at path: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  if ProcessInfo.processInfo.environment["CARRYOVER_ACCEPT"] == "1" {
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return
  }
  guard let data = FileManager.default.contents(atPath: path) else {
    Issue.record(
      "\(path) is missing; CARRYOVER_ACCEPT=1 writes it", sourceLocation: sourceLocation)
    return
  }
  let accepted = String(decoding: data, as: UTF8.self)
  guard accepted != text else { return }
  let old = accepted.split(separator: "\n", omittingEmptySubsequences: false)
  let new = text.split(separator: "\n", omittingEmptySubsequences: false)
  let line = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
  Issue.record(
    """
    \(path):\(line + 1) differs; CARRYOVER_ACCEPT=1 accepts the present state
    accepted: \(line < old.count ? old[line].prefix(2_000) : "(end)")
    present:  \(line < new.count ? new[line].prefix(2_000) : "(end)")
    """, sourceLocation: sourceLocation)
}
