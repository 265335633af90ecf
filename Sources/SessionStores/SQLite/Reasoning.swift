internal import JSONText

/// The reasoning that rides on a text part, as exports show it.
struct Reasoning {
  private let kind: String
  private let text: String
  private let title: String

  init(_ part: JSONValue) {
    let content = part["ReasoningContent"]?.string?.string ?? ""
    let parts = part["ReasoningSummaryParts"]?.elements.compactMap { $0.string?.string } ?? []
    let stored = part["ReasoningKind"]?.string?.string ?? ""
    kind = stored.isEmpty && !(content.isEmpty && parts.isEmpty) ? "summary" : stored
    text = content.isEmpty ? parts.joined(separator: "\n\n") : content
    title = part["ReasoningSummaryTitle"]?.string?.string ?? ""
  }

  func markdown(_ options: ExportOptions) -> String {
    switch kind {
    case "summary" where options.includesReasoningSummaries:
      let (title, body) = titleAndBody
      if title.isEmpty, body.isEmpty { return "" }
      let head = title.isEmpty ? "_Reasoning summary:_" : "_Reasoning summary: \(title)_"
      return body.isEmpty ? "\(head)\n\n" : "\(head)\n\n\(body)\n\n"
    case "raw" where options.includesRawReasoning:
      return text.isEmpty ? "" : "_Raw reasoning (explicitly included):_\n\n\(text)\n\n"
    default: return ""
    }
  }

  /// A first line `**Title**` is the title, unless there is one already.
  private var titleAndBody: (String, String) {
    let body = text.trimmingUnicodeWhiteSpace
    let line = body.prefix { $0 != "\n" }
    let candidate = line.trimmingUnicodeWhiteSpace
    guard candidate.hasPrefix("**"), candidate.hasSuffix("**"), candidate.utf8.count > 4 else {
      return (title, body)
    }
    let found = String(candidate.dropFirst(2).dropLast(2)).trimmingUnicodeWhiteSpace
    guard !found.isEmpty, !found.contains("**"), found.unicodeScalars.count <= 80,
      !found.hasSuffix(":"), title.isEmpty || title == found
    else { return (title, body) }
    return (found, String(body.dropFirst(line.count)).trimmingUnicodeWhiteSpace)
  }
}

extension Substring {
  fileprivate var trimmingUnicodeWhiteSpace: String { String(self).trimmingUnicodeWhiteSpace }
}
