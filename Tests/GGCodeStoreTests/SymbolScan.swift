import FileIO
import TestSupport

/// A public symbol whose documentation names a function or type of the tool.
struct NamedSymbol: Hashable, Comparable {
  var original: String
  var symbol: String

  static func < (a: NamedSymbol, b: NamedSymbol) -> Bool {
    (a.original, a.symbol) < (b.original, b.symbol)
  }

  /// All such symbols of a source folder, in order.
  static func scan(_ folder: String) throws -> [NamedSymbol] {
    var found: Set<NamedSymbol> = []
    for entry in try listDirectory(folder) where entry.name.hasSuffix(".swift") {
      let text = String(decoding: try readFile(folder + "/" + entry.name), as: UTF8.self)
      var scan = SourceScan(lines: text.split(separator: "\n", omittingEmptySubsequences: false))
      found.formUnion(scan.symbols())
    }
    return found.sorted()
  }
}

/// Goes through one source file.
private struct SourceScan {
  let lines: [Substring]
  private var enclosing = ""

  init(lines: [Substring]) { self.lines = lines }

  mutating func symbols() -> [NamedSymbol] {
    var found: [NamedSymbol] = []
    var comment = ""
    for (number, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      let code = line.dropFirst(indent)
      if code.hasPrefix("///") {
        comment += code.dropFirst(3) + "\n"
        continue
      }
      if code.hasPrefix("@") { continue }
      if let symbol = symbol(at: number, code, indent) {
        for original in originals(in: comment) {
          found.append(NamedSymbol(original: original, symbol: symbol))
        }
      }
      comment = ""
    }
    return found
  }

  /// What stands in back quotes after `Original:`, separated by commas.
  private func originals(in comment: String) -> [String] {
    var names: [String] = []
    for part in comment.split(separator: "Original: ").dropFirst() {
      var rest = part
      while rest.hasPrefix("`") {
        let name = rest.dropFirst().prefix { $0 != "`" }
        names.append(String(name))
        rest = rest.dropFirst(name.count + 2)
        guard rest.hasPrefix(", ") else { break }
        rest = rest.dropFirst(2)
      }
    }
    return names
  }

  private mutating func symbol(at number: Int, _ code: Substring, _ indent: Int) -> String? {
    let modifiers: Set<Substring> = [
      "public", "package", "static", "final", "convenience", "mutating", "internal",
    ]
    var words = code.split(separator: " ")
    while let word = words.first, modifiers.contains(word) { words.removeFirst() }
    guard words.count > 1 || code.contains("init(") else { return nil }
    let keyword = words[0].prefix { $0.isLetter }
    switch keyword {
    case "struct", "class", "enum", "protocol", "extension", "typealias":
      let name = String(words[1].prefix { $0.isLetter || $0.isNumber || $0 == "." })
      if indent == 0 { enclosing = name }
      if keyword == "extension" { return nil }
      return indent == 0 ? name : enclosing + "." + name
    case "func", "init": return qualified(signature(at: number), indent)
    case "var", "let":
      return qualified(String(words[1].prefix { $0.isLetter || $0.isNumber }), indent)
    default: return nil
    }
  }

  private func qualified(_ name: String, _ indent: Int) -> String {
    indent == 0 ? name : enclosing + "." + name
  }

  /// A function's name with its labels.
  private func signature(at number: Int) -> String {
    let text = lines[number..<min(number + 8, lines.count)].joined(separator: " ")
    guard let open = text.firstIndex(of: "(") else { return text }
    let words = text[..<open].split(separator: " ")
    let name = (words.last ?? "").prefix { $0 != "<" }
    var labels: [String] = []
    var depth = 0
    var parameter = ""
    for character in text[open...] {
      switch character {
      case "(", "[", "<": depth += 1
      case ")", "]", ">": depth -= 1
      default: break
      }
      if (character == "," && depth == 1) || depth == 0 {
        let label = parameter.split(whereSeparator: { $0 == " " || $0 == ":" }).first
        if let label { labels.append(label + ":") }
        parameter = ""
        if depth == 0 { break }
      } else if !(character == "(" && depth == 1) {
        parameter.append(character)
      }
      if depth == 0 { break }
    }
    return "\(name)(\(labels.joined()))"
  }
}
