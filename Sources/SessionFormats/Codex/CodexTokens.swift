internal import JSONText
internal import SessionModel

/// Token counts as the program writes them: input includes what came from the cache.
enum CodexTokens {
  static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, value.kind == .object else { return nil }
    func count(_ name: StaticString) -> Int64? {
      value[name]?.int64.flatMap { $0 >= 0 ? $0 : nil }
    }
    let input = count("input_tokens")
    let cached = count("cached_input_tokens")
    guard input != nil || count("output_tokens") != nil else { return nil }
    return TokenUsage(
      input: input.map { max(0, $0 - (cached ?? 0)) }, output: count("output_tokens"),
      cacheRead: cached, cacheWrite: count("cache_write_input_tokens"), promptTotal: input)
  }
}
