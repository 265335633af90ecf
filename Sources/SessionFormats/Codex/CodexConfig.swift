internal import FileIO

/// What the program's own `config.toml` sets.
enum CodexConfig {
  /// The provider of models, from the profile in force or the file's beginning; nil where neither sets one.
  static func modelProvider(in home: String) -> String? {
    // A file that cannot be read sets nothing.
    guard let bytes = try? readFile(home + "/config.toml", limit: 1 << 20) else { return nil }
    var table = ""
    var values: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let line = line.trimmingPrefix(while: \.isWhitespace)
      if line.hasPrefix("[") {
        table = line.dropFirst().prefix { $0 != "]" }.filter { $0 != "\"" && $0 != "'" } + "."
      } else if let sign = line.firstIndex(of: "="),
        let value = text(line[line.index(after: sign)...])
      {
        values[table + line[..<sign].filter { !$0.isWhitespace }] = value
      }
    }
    let profile = values["profile"].flatMap { values["profiles.\($0).model_provider"] }
    return profile ?? values["model_provider"]
  }

  /// The text of a TOML string on one line; nil for other values, and for strings with escapes.
  private static func text(_ value: Substring) -> String? {
    let value = value.trimmingPrefix(while: \.isWhitespace)
    guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
    let text = value.dropFirst().prefix { $0 != quote }
    return text.contains("\\") || text.isEmpty ? nil : String(text)
  }
}
