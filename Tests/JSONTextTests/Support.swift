import JSONText

/// SplitMix64: the same numbers for the same seed everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

func parse(_ text: String) throws(JSONError) -> JSONValue {
  try JSONDocument(Array(text.utf8)).root
}

func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
  try JSONDocument(bytes).root
}

func error(_ text: String) -> JSONError? {
  error(Array(text.utf8))
}

func error(_ bytes: [UInt8]) -> JSONError? {
  do throws(JSONError) {
    _ = try JSONDocument(bytes)
    return nil
  } catch {
    return error
  }
}

/// Writes a value anew, every string and key through the writer, numbers verbatim.
func rewrite(_ value: JSONValue, _ escaping: JSONWriter.Escaping = .plain) -> [UInt8] {
  func write(_ value: JSONValue, _ writer: inout JSONWriter) {
    switch value.kind {
    case .null: writer.null()
    case .true: writer.bool(true)
    case .false: writer.bool(false)
    case .number: writer.raw(value.raw)
    case .string: writer.string(value.string ?? "")
    case .array:
      writer.beginArray()
      for element in value.elements { write(element, &writer) }
      writer.endArray()
    case .object:
      writer.beginObject()
      for (key, member) in value.members {
        writer.key(key)
        write(member, &writer)
      }
      writer.endObject()
    }
  }
  var writer = JSONWriter(escaping: escaping)
  write(value, &writer)
  return writer.bytes
}

func written(_ string: JSONString, _ escaping: JSONWriter.Escaping = .plain) -> String {
  var writer = JSONWriter(escaping: escaping)
  writer.string(string)
  return String(decoding: writer.bytes, as: UTF8.self)
}

/// Valid texts of every shape, also used cut short and damaged.
let samples = [
  "null", " true ", "[]", "{}", "[[],{}]", "-0", "0.5e-10", "\"\"",
  #"{"type":"message","n":[1,2.50,-3E+7],"t":"a\n\"b\" \\ \/ \u00e9 \ud83d\ude00"}"#,
  "{\"a\" : [ 1 ,\t{\"b\":null} ] ,\r\n \"a\":false}",
  #"{"text":"naïve 日本語 résumé 🙂 long enough for several words of eight bytes \\\\ \\n"}"#,
  #"["\u0000\u001f\u2028","\ud800","12345678901234567890",12345678901234567890]"#,
  "[\"\u{2028}\u{2029}\u{FFFD}\u{7F}\",\"<a href=\\\"x\\\">&</a>\"]",
]
