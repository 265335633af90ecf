import SessionCoding
import SessionModel

/// The session's identifier is one that every tool can use.
struct IDForm: Rule {
  static let info = RuleInfo(
    id: "session.id-form", severity: .warning,
    summary: "the session's identifier is 1 to 128 of A-Z, a-z, 0-9, dot, underscore, colon, minus",
    consequence: "tools that name files after it cannot open the session, or look elsewhere")
  static let observed: EntryKinds = []

  init() {}

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    let id = session.head.id
    if id.isEmpty {
      report(Self.finding("the session has no identifier", at: session.headPlace))
    } else if id.utf8.count > 128 || !Self.parts(of: id).allSatisfy(Self.isLegal) {
      report(
        Self.finding(
          "the session's identifier \(id.quoted) is too long or has illegal characters",
          at: session.headPlace))
    }
  }

  /// The parts of an identifier: a helper's has that of its session before it, and one that stands in
  /// several folders that of its folder after it.
  private static func parts(of id: String) -> [Substring] {
    id.split(separator: "/", omittingEmptySubsequences: false).flatMap {
      $0.split(separator: "@", omittingEmptySubsequences: false)
    }
  }

  private static func isLegal(_ part: Substring) -> Bool {
    !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy(isLegal)
  }

  private static func isLegal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: ":"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
