import Conversion
import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What each input reads as, what is found wrong with it, and what conversions of it lose.
@Suite struct GoldenTests {
  @Test func `every format has fixtures`() {
    for format in Registry.formats {
      #expect(FixtureCase.all.contains { $0.format == format.info.id }, "\(format.info.id)")
    }
  }

  @Test(arguments: FixtureCase.all)
  func `an input reads as its canonical form`(_ fixture: FixtureCase) throws {
    let source = try open(fixture.format, fixture.input)
    var text = ""
    for summary in try source.sessions() {
      do throws(FormatError) {
        _ = try source.reader(for: summary.id)
      } catch {
        text += "{\"failure\":\"\(error.code.rawValue)\"}\n"
        continue
      }
      text += try source.whole(summary.id).canonicalText
    }
    try expectGolden(text, at: fixture.expected + ".jsonl")
  }

  @Test(arguments: FixtureCase.all)
  func `what is wrong with an input is found`(_ fixture: FixtureCase) throws {
    let source = try open(fixture.format, fixture.input)
    var findings = try source.storeFindings()
    for summary in try source.sessions() {
      let session = try source.findings(of: summary.id)
      findings += session
      for finding in try source.whole(summary.id).findings {
        #expect(session.contains(finding), "a reader's finding MUST be among the session's")
      }
    }
    var writer = JSONWriter()
    var text = "[\n"
    for (index, finding) in findings.enumerated() {
      writer.removeAll()
      writer.beginObject()
      writer.field("rule", finding.rule)
      writer.field("severity", finding.severity.rawValue)
      if let place = finding.place {
        writer.field("where", fixture.withoutFolders(place.description))
      }
      writer.field("message", fixture.withoutFolders(finding.message))
      if let repair = finding.repair { writer.field("repair", repair) }
      if finding.isSalvaged { writer.field("salvaged", true) }
      writer.endObject()
      text += "  " + String(decoding: writer.bytes, as: UTF8.self)
      text += index + 1 < findings.count ? ",\n" : "\n"
    }
    try expectGolden(text + "]\n", at: fixture.expected + ".findings.json")
  }

  @Test(arguments: FixtureCase.all.filter { $0.format != "canonical" })
  func `what a format loses on its way into the model is told`(
    _ fixture: FixtureCase
  ) async throws {
    let rows = try await losses(of: fixture, in: "canonical", indent: "  ")
    try expectGolden("[\n\(rows)]\n", at: fixture.expected + ".losses.json")
  }

  @Test(arguments: Registry.writable.map(\.info.id).filter { $0 != "canonical" })
  func `what a target loses of the model is told`(_ target: String) async throws {
    var text = "{\n"
    let fixtures = FixtureCase.canonical
    for (index, fixture) in fixtures.enumerated() {
      let rows = try await losses(of: fixture, in: target, indent: "    ")
      text += "  \"\(fixture.name)\": [\n\(rows)  ]\(index + 1 < fixtures.count ? "," : "")\n"
    }
    try expectGolden(
      text + "}\n", at: "\(Fixtures.root)/losses-from-canonical/\(target).json")
  }

  /// What a conversion reports of each session, one line each.
  private func losses(
    of fixture: FixtureCase, in target: String, indent: String
  ) async throws -> String {
    let folder = try TemporaryFolder()
    let report = try await convert(fixture.input, fixture.format, to: folder.path("target"), target)
    var text = ""
    for (position, session) in report.sessions.enumerated() {
      var writer = JSONWriter()
      writer.write(session, fixture)
      text += indent + String(decoding: writer.bytes, as: UTF8.self)
      text += position + 1 < report.sessions.count ? ",\n" : "\n"
    }
    return text
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ session: SessionReport, _ fixture: FixtureCase) {
    beginObject()
    field("session", session.source)
    field("status", session.status.rawValue)
    if let fidelity = session.fidelity { field("fidelity", fidelity.rawValue) }
    if let reason = session.reason { field("reason", fixture.withoutFolders(reason)) }
    key("losses")
    beginArray()
    for loss in session.losses {
      beginObject()
      field("code", loss.code)
      field("where", fixture.withoutFolders(loss.place))
      field("count", loss.count)
      field("carried", loss.isCarried)
      endObject()
    }
    endArray()
    endObject()
  }
}
