internal import JSONText
internal import SessionModel

extension Block.File {
  /// The file in words, for programs that have no files: its text between marks that say what it is, or
  /// its name; nil when it has neither.
  var inWords: JSONString? {
    let name = (name ?? path).flatMap { $0.isEmpty ? nil : $0.string }
    guard let text, !text.isEmpty else { return name.map { JSONString("[file: \($0)]") } }
    // What was brought from another tool may say its name already.
    let lead = text.string.prefix { !$0.isNewline }
    guard let name, !lead.contains(name) else { return text }
    let shown = name.replacing("\"", with: "'")
    let end = text.string.hasSuffix("\n") ? "" : "\n"
    return JSONString("<file name=\"\(shown)\">\n\(text)\(end)</file>")
  }
}
