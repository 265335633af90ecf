/// Makes text as it occurs in coding sessions, already escaped as ggcode writes JSON strings.
struct TextSource {
  private static let words = """
    the file function returns value when request handler parses input and writes output to disk \
    error because missing field expected type string number session store index cache update test \
    passes fails after change because lock held by another process retry with backoff until done \
    we should check whether this path exists before opening it then rename temporary over target \
    query table column rows transaction commit rollback schema version migrate add remove replace
    """.split(separator: " ").map { Array($0.utf8) }

  private static let lines: [[UInt8]] = [
    #"\tif err != nil {\n\t\treturn fmt.Errorf(\"open %s: %w\", path, err)\n\t}\n"#,
    #"    guard let value = table[\"key\"] else { throw ParseError.missing(\"key\") }\n"#,
    #"<div class=\"row\"><label for=\"price\">Price &amp; tax</label></div>\n"#,
    #"  return items.map((x) => ({ ...x, name: `${x.first} ${x.last}` }));\n"#,
    #"SELECT id, title FROM sessions WHERE updated_at > '2026-01-01' ORDER BY id;\n"#,
    #"print(re.sub(r\"\\s+\", \" \", line), end=\"\\n\")\n"#,
    #"C:\\Users\\dev\\src\\main.rs:42:17: warning: unused variable: `count`\n"#,
    #"// Größe prüfen – naïve Lösung genügt hier nicht\n"#,
    #"値段ラベルを更新しました。テストはすべて成功です 🍵\n"#,
    #"--- a/store.go\n+++ b/store.go\n@@ -12,7 +12,9 @@ func Open(dir string) (*Store, error) {\n"#,
    #"ok  \tgithub.test/tea/shop/internal/cart\t0.214s\n"#,
    #"\u001b[32mPASS\u001b[0m src/cart.test.ts (3.1 s)\n"#,
    #"- [x] read the template, - [ ] escape `<` and `>` & keep \"quotes\"\n"#,
    #"{\"status\":200,\"items\":[{\"sku\":\"A-1\",\"price\":1.50}]}\n"#,
  ].map { Array($0.utf8) }

  /// Appends about `count` bytes of prose: words, numbered names, now and then a line of code.
  static func appendProse(
    _ count: Int, to bytes: inout [UInt8], using random: inout SeededGenerator
  ) {
    let end = bytes.count + count
    while bytes.count < end {
      switch random.below(24) {
      case 0: bytes += lines[random.below(lines.count)]
      case 1: appendName(to: &bytes, using: &random)
      default: bytes += words[random.below(words.count)]
      }
      bytes.append(UInt8(ascii: " "))
    }
  }

  /// Appends about `count` bytes of code and program output.
  static func appendCode(
    _ count: Int, to bytes: inout [UInt8], using random: inout SeededGenerator
  ) {
    let end = bytes.count + count
    while bytes.count < end {
      switch random.below(3) {
      case 0: bytes += lines[random.below(lines.count)]
      default:
        bytes += Array("\\t".utf8)
        for _ in 0...random.below(6) {
          if random.below(4) == 0 {
            appendName(to: &bytes, using: &random)
          } else {
            bytes += words[random.below(words.count)]
          }
          bytes.append(UInt8(ascii: " "))
        }
        bytes += Array("\\n".utf8)
      }
    }
  }

  private static func appendName(to bytes: inout [UInt8], using random: inout SeededGenerator) {
    bytes += words[random.below(words.count)]
    bytes.append(UInt8(ascii: "_"))
    bytes += Array(String(random.below(50_000)).utf8)
  }
}
