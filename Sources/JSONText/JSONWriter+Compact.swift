extension JSONWriter {
  /// A value that already is JSON, with the white space between its parts removed.
  ///
  /// This is Go's `json.Compact`, which the encoder applies to `json.RawMessage`: everything else is
  /// verbatim. With ``Escaping/html``, `<`, `>`, `&`, U+2028 and U+2029 are escaped as well; with
  /// ``Escaping/plain`` a raw U+2028 stays.
  public mutating func compact(_ value: ArraySlice<UInt8>) {
    beginValue()
    let source = Array(value)
    let text = source.span
    let isHTML = isHTML
    var copied = 0
    var index = 0
    func flush(_ bytes: inout [UInt8], to end: Int) {
      if end > copied { bytes.append(contentsOf: source[copied..<end]) }
    }
    while index < source.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\"") {
        let end = Self.stringEnd(text, index + 1)
        if isHTML {
          flush(&bytes, to: index)
          appendReplacing(source, index..<end)
          copied = end
        }
        index = end
      } else if byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
        flush(&bytes, to: index)
        index += 1
        copied = index
      } else {
        index += 1
      }
    }
    flush(&bytes, to: source.count)
  }

  /// Behind the closing quote, or the end of the text.
  private static func stringEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
    var index = start
    while true {
      index = text.firstStop(from: index, to: text.count) {
        Word.equal($0, UInt8(ascii: "\"")) | Word.equal($0, UInt8(ascii: "\\"))
      }
      if index == text.count { return index }
      if text[index] == UInt8(ascii: "\"") { return index + 1 }
      index = Swift.min(text.count, index + 2)
    }
  }
}
