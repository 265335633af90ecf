internal import Conversion
internal import SessionCoding

/// What differs at the target in a few words: first what people see, then what the tool keeps for itself.
struct DifferenceText {
  private let report: ConversionReport

  init(_ report: ConversionReport) { self.report = report }

  /// What people see of a session, by the beginnings of the codes of losses.
  private static let kinds: [(codes: [String], one: String, several: String)] = [
    (["tool-call", "tool-result"], "tool call or result", "tool calls and results"),
    (["thinking"], "thought", "thoughts"), (["image"], "picture", "pictures"),
    (["file"], "file", "files"),
    (
      ["message.side-chain"], "message of a helper inside its session",
      "messages of helpers inside their sessions"
    ), (["message", "checkpoint"], "message", "messages"),
    (["text"], "text", "texts"),
    ([LeftOutRecords.rule], "record that is too long", "records that are too long"),
    (["block"], "part of another kind", "parts of other kinds"),
  ]

  /// Prints a line for each of what people see, what the tool keeps, and what is kept nowhere.
  func print(on page: inout Page) throws(Ending) {
    let lost = report.lossesByCode(\.lost)
    let all = report.lossesByCode(\.carried) + report.lossesByCode(\.leftBehind) + lost
    let written = report.totals.count(.written)
    guard written > 0 else { return }
    let unsent = all.filter { $0.code == "message.out-of-view" }
    let seen = all.filter { $0.isOfConversation && $0.code != "message.out-of-view" }
    let own = all.filter { !$0.isOfConversation }.reduce(0) { $0 + $1.count }
    let isWhole = report.totals.count(.failed) + report.totals.count(.skipped) == 0
    if seen.isEmpty, isWhole, report.totals.entries.messages > 0 {
      try page.print("Everything that was said is there.")
    } else if !seen.isEmpty {
      try page.print("Missing or different there: \(Self.words(for: seen)).")
    }
    if let count = unsent.map(\.count).first {
      try page.print(
        "\(Wording.count(count, "message")) " + (count == 1 ? "is" : "are")
          + " there, but not in what the tool goes on with.")
    }
    if own > 0 {
      try page.print(
        "Of what the tools keep for themselves, \(Wording.count(own, "item")) "
          + (own == 1 ? "has" : "have") + " no place there or another form.")
    }
    if !lost.isEmpty {
      let said = lost.filter(\.isOfConversation)
      let rest = lost.filter { !$0.isOfConversation }.reduce(0) { $0 + $1.count }
      let parts = [
        said.isEmpty ? nil : Self.words(for: said),
        rest == 0 ? nil : Wording.count(rest, "item") + " of the tools' own",
      ].compactMap(\.self)
      try page.print("Kept nowhere: \(parts.joined(separator: ", ")).", .red)
    } else if !report.lossesByCode(\.carried).isEmpty, report.lossesByCode(\.leftBehind).isEmpty {
      try page.print("All of it is kept in the carry and returns with a conversion back.")
    }
    if !all.isEmpty { try page.print("--verbose names each kind.", .faint) }
  }

  private static func words(for losses: [Loss]) -> String {
    var counts = [Int](repeating: 0, count: kinds.count)
    for loss in losses {
      // What is in a result, the result itself told apart.
      let code = loss.code.hasPrefix("tool-result.") ? loss.code.dropFirst(12) : loss.code[...]
      let index = kinds.firstIndex { kind in kind.codes.contains { code.hasPrefix($0) } }
      counts[index ?? kinds.count - 1] += loss.count
    }
    return zip(kinds, counts).filter { $1 > 0 }.map { kind, count in
      Wording.count(count, kind.one, kind.several)
    }.joined(separator: ", ")
  }
}
