import Conversion
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// The losses that a conversion reports are the differences that are there.
///
/// The differences are found here by another way than the engine's: both sessions as canonical
/// records, and for each source record one of the target, in order, that says all it says.
@Suite struct LossLawTests {
  @Test(arguments: FixtureCase.pairs)
  func `losses are reported where something is missing, and only there`(
    _ fixture: FixtureCase, to target: String
  ) async throws {
    let folder = try TemporaryFolder()
    let report = try await convert(
      fixture.input, fixture.format, to: folder.path("target"), target, options: .plain)
    guard report.sessions.contains(where: { $0.status == .written }) else { return }
    let source = try open(fixture.format, fixture.input)
    let written = try open(target, folder.path("target"))
    for session in report.sessions where session.status == .written {
      let id = try #require(session.target)
      try check(session, source.whole(session.source), written.whole(id))
      #expect(session.losses.allSatisfy { !$0.isCarried })
      if session.fidelity == .lossy { #expect(!session.losses.isEmpty) }
    }
  }

  /// Compares the losses of the head, and those of records, with what is missing.
  func check(
    _ session: SessionReport, _ source: WholeSession, _ target: WholeSession,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let missing = try missing(in: target, of: source)
    let ofHead = session.losses.filter { $0.code.hasPrefix("head.") }.map(\.code)
    // A target that states the last head more than once has a record for an earlier one that says no more.
    let ofRecords = session.losses.map(\.code).filter {
      !$0.hasPrefix("head.") && !(missing.records.isEmpty && $0 == "head-history")
    }
    #expect(
      missing.isHeadCovered == ofHead.isEmpty, "head of \(source.id): \(ofHead)",
      sourceLocation: sourceLocation)
    let what = missing.records.map { String(decoding: $0.prefix(700), as: UTF8.self) }
    #expect(
      missing.records.isEmpty == ofRecords.isEmpty,
      """
      session \(source.id): reported \(ofRecords), missing \(what),
      written \(target.canonicalText.prefix(1_500))
      """, sourceLocation: sourceLocation)
  }

  /// The source records that no target record covers, and whether the head is covered.
  func missing(in target: WholeSession, of source: WholeSession) throws -> (
    isHeadCovered: Bool, records: [[UInt8]]
  ) {
    var source = source
    var target = target
    source.head.id = ""
    target.head.id = ""
    let lines = try target.canonicalLines.map { try JSONDocument($0, limits: .go).root }
    var missing: [[UInt8]] = []
    var isHeadCovered = true
    var next = 0
    var hasHeads = lines.dropFirst().count { $0["record"]?.string?.string == "head" }
    for (index, line) in source.canonicalLines.enumerated() {
      let record = try JSONDocument(line, limits: .go).root
      if index == 0 {
        isHeadCovered = covers(lines[0], record)
        next = 1
        continue
      }
      if record["record"]?.string?.string == "head" {
        // Only that there is one counts: what it says is compared as the session's head.
        if hasHeads == 0 { missing.append(line) }
        hasHeads = max(0, hasHeads - 1)
        continue
      }
      if let found = lines[next...].firstIndex(where: { covers($0, record) }) {
        next = found + 1
      } else if let end = lines[next...].indices.lazy.compactMap({
        endOfParts(from: $0, in: lines, of: record)
      }).first {
        next = end
      } else {
        missing.append(line)
      }
    }
    return (isHeadCovered, missing)
  }

  /// The index behind several messages that together, one after the other, say what one says.
  ///
  /// What a tool's screen shows of a message may stand between them.
  func endOfParts(from start: Int, in lines: [JSONValue], of wanted: JSONValue) -> Int? {
    guard let content = wanted["content"], content.kind == .array else { return nil }
    let count = content.elements.count
    var parts: [JSONValue] = []
    var blocks: [JSONValue] = []
    var index = start
    while index < lines.count, blocks.count < count {
      let line = lines[index]
      index += 1
      switch line["record"]?.string?.string {
      case "message":
        parts.append(line)
        blocks += line["content"].map { Array($0.elements) } ?? []
      case "event" where !parts.isEmpty: continue
      default: return nil
      }
    }
    guard parts.count > 1, blocks.count == count,
      zip(blocks, content.elements).allSatisfy({ covers($0, $1) }),
      wanted.members.allSatisfy({ member in
        let name = member.key.string
        return ["content", "effective"].contains(name)
          || parts.contains { part in
            part[name: name].map { covers($0, member.value, key: name) } ?? false
          }
      })
    else { return nil }
    return index
  }

  /// Whether a value says everything that another says.
  func covers(_ value: JSONValue, _ wanted: JSONValue, key: String = "") -> Bool {
    switch key {
    case "arguments", "json", "data": return value.raw.elementsEqual(wanted.raw)
    case "flags":
      return wanted.elements.allSatisfy { flag in
        value.elements.contains { $0.raw.elementsEqual(flag.raw) }
      }
    case "created", "updated", "time":
      // The spelling is the record's, not the content's.
      return time(value) == time(wanted)
    default: break
    }
    guard value.kind == wanted.kind else { return false }
    switch wanted.kind {
    case .object:
      // A call without arguments is not one with the arguments `null`.
      let isCall = wanted["type"]?.string?.string == "tool_call"
      if isCall, wanted["arguments"] == nil, value["arguments"] != nil { return false }
      if wanted["record"]?.string?.string == "message",
        (wanted["effective"]?.bool ?? true) != (value["effective"]?.bool ?? true)
      {
        return false
      }
      return wanted.members.allSatisfy { member in
        let name = member.key.string
        // Whether a message is used is compared below, for both states alike.
        if name == "effective" { return true }
        // Of a message, turn and duration zero is what leaving them out says.
        if ["turn", "duration_ns"].contains(name), member.value.int64 == 0, wanted["role"] != nil {
          return true
        }
        guard let other = value[name: name] else {
          // An empty list of extra fields, or of blocks in a result, is as good as none.
          return member.value.kind == .array && member.value.elements.isEmpty && name != "content"
        }
        if key == "extras" || name == "extras" {
          return name == "extras"
            ? covers(other, member.value, key: "extras") : coversExtras(other, member.value)
        }
        return covers(other, member.value, key: name)
      }
    case .array:
      return wanted.elements.count == value.elements.count
        && zip(value.elements, wanted.elements).allSatisfy { covers($0, $1) }
    case .string: return value.string == wanted.string
    default: return value.raw.elementsEqual(wanted.raw)
    }
  }

  func coversExtras(_ value: JSONValue, _ wanted: JSONValue) -> Bool {
    wanted.members.allSatisfy { member in
      value[name: member.key.string]?.raw.elementsEqual(member.value.raw) ?? false
    }
  }

  func time(_ value: JSONValue) -> String? { (value["at"] ?? value).string?.string }
}
