/// What a line of a transcript is, by its form alone; where it counts as that, the parser knows.
///
/// A line of text that looks like one of these stands behind a backslash.
enum MarkdownLine {
  case blank
  case text
  /// `<!-- m12 -->` or `<!-- m tool -->`: a message begins.
  case message(role: String?)
  /// `<!-- b text -->`: a block of the message at hand begins.
  case block(kind: String, id: String?, isError: Bool)
  /// `## User · 2026-04-08 12:06`.
  case heading(MarkdownHeading)
  /// `### User`, within a compaction.
  case part(MarkdownHeading)
  /// `## Context compacted`.
  case compaction(MarkdownHeading)
  /// `<details><summary>Thinking</summary>` and the like.
  case fold(Fold)
  /// `</details>`.
  case foldEnd
  /// `**Result**` or `**Error**`, within the fold of a call.
  case label(isError: Bool)
  /// `![attached image](…)` or `[attached file: name](…)`.
  case link(MarkdownLink)

  enum Fold {
    case thinking
    case instructions
    case call(name: [UInt8])
    case result(name: [UInt8]?, isError: Bool)
  }

  static let foldStart = Array("<details><summary>".utf8)
  static let foldEndLine = Array("</details>".utf8)
  private static let summaryEnd = Array("</summary>".utf8)
  private static let comment = Array("<!-- ".utf8)
  private static let commentEnd = Array(" -->".utf8)

  /// - Parameter line: The line without its end.
  init(_ line: ArraySlice<UInt8>) {
    switch line.first {
    case UInt8(ascii: "<"): self = Self.tag(line)
    case UInt8(ascii: "#"): self = Self.heading(line)
    case UInt8(ascii: "!"), UInt8(ascii: "["): self = Self.link(line)
    case UInt8(ascii: "*"):
      self =
        line.elementsEqual("**Result**".utf8)
        ? .label(isError: false)
        : line.elementsEqual("**Error**".utf8) ? .label(isError: true) : .text
    default: self = line.allSatisfy { $0 == 0x20 || $0 == 0x09 } ? .blank : .text
    }
  }

  /// Whether a record is a compaction, by its first line.
  static func beginsCompaction(_ record: ArraySlice<UInt8>) -> Bool {
    let line = MarkdownLine(record.prefix { $0 != 0x0A && $0 != 0x0D })
    return if case .compaction = line { true } else { false }
  }

  /// Whether no text, not even in a code fence, goes on over such a line.
  var endsText: Bool {
    switch self {
    case .message, .block, .heading, .part, .compaction: true
    case .blank, .text, .fold, .foldEnd, .label, .link: false
    }
  }

  /// Whether prose goes on over such a line.
  var isProse: Bool {
    switch self {
    case .blank, .text, .foldEnd, .label: true
    case .message, .block, .heading, .part, .compaction, .fold, .link: false
    }
  }

  var isFold: Bool { if case .fold = self { true } else { false } }
  var isBlank: Bool { if case .blank = self { true } else { false } }

  private static func tag(_ line: ArraySlice<UInt8>) -> MarkdownLine {
    if line.elementsEqual(foldEndLine) { return .foldEnd }
    if line.starts(with: comment) { return marker(line) ?? .text }
    guard let summary = summary(line) else { return .text }
    if summary.elementsEqual("Thinking".utf8) { return .fold(.thinking) }
    if summary.elementsEqual("Instructions".utf8) { return .fold(.instructions) }
    let opening = Array("<b>".utf8)
    if summary.starts(with: opening), let end = summary.firstRange(of: Array("</b>".utf8)) {
      return .fold(.call(name: Array(summary.dropFirst(opening.count)[..<end.lowerBound])))
    }
    for (word, isError) in [("Result", false), ("Error", true)]
    where summary.starts(with: word.utf8) {
      let rest = summary.dropFirst(word.utf8.count)
      if rest.isEmpty { return .fold(.result(name: nil, isError: isError)) }
      let dot = Array(" · ".utf8)
      if rest.starts(with: dot) {
        return .fold(.result(name: Array(rest.dropFirst(dot.count)), isError: isError))
      }
    }
    return .text
  }

  private static func link(_ line: ArraySlice<UInt8>) -> MarkdownLine {
    guard line.starts(with: MarkdownLink.image) || line.starts(with: MarkdownLink.file),
      let link = MarkdownLink(line)
    else { return .text }
    return .link(link)
  }

  /// What a line that opens a fold shows; nil for all other lines.
  static func summary(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard line.starts(with: foldStart), line.count >= foldStart.count + summaryEnd.count,
      line.suffix(summaryEnd.count).elementsEqual(summaryEnd)
    else { return nil }
    return line.dropFirst(foldStart.count).dropLast(summaryEnd.count)
  }

  /// Whether a marker or heading can hold a word.
  static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 32 && !text.contains("--")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x2D, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
      }
  }

  private static func marker(_ line: ArraySlice<UInt8>) -> MarkdownLine? {
    guard line.count <= 120, line.suffix(commentEnd.count).elementsEqual(commentEnd) else {
      return nil
    }
    let body = line.dropFirst(comment.count).dropLast(commentEnd.count)
    var words = String(decoding: body, as: UTF8.self).split(separator: " ").map(String.init)
    guard let first = words.first else { return nil }
    words.removeFirst()
    if first == "b", let kind = words.first {
      let isError = words.count > 1 && words.last == "error"
      if isError { words.removeLast() }
      guard words.count <= 2 else { return nil }
      return .block(kind: kind, id: words.count > 1 ? words[1] : nil, isError: isError)
    }
    guard first.first == "m", first.dropFirst().utf8.allSatisfy({ (48...57).contains($0) }),
      words.count <= 1
    else { return nil }
    return .message(role: words.first)
  }

  private static func heading(_ line: ArraySlice<UInt8>) -> MarkdownLine {
    let level = line.prefix { $0 == UInt8(ascii: "#") }.count
    guard (2...3).contains(level), line.count < 200 else { return .text }
    guard let heading = MarkdownHeading(line) else { return .text }
    if heading.word == MarkdownHeading.compaction {
      return level == 2 ? .compaction(heading) : .text
    }
    guard heading.role != nil else { return .text }
    return level == 2 ? .heading(heading) : .part(heading)
  }
}
