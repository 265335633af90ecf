/// Tokens counted by the model's provider, for one call or summed.
///
/// `input` does not include tokens read from the cache. Absent means not stated, not zero.
public struct TokenUsage: Sendable, Hashable {
  /// Prompt tokens that were not read from a cache.
  public var input: Int64?
  /// Generated tokens.
  public var output: Int64?
  /// Prompt tokens read from the provider's cache.
  public var cacheRead: Int64?
  /// Prompt tokens written to the provider's cache.
  public var cacheWrite: Int64?
  /// The whole prompt as the provider counts it, cache included.
  public var promptTotal: Int64?

  /// Creates a usage; everything not given is not stated.
  public init(
    input: Int64? = nil, output: Int64? = nil, cacheRead: Int64? = nil, cacheWrite: Int64? = nil,
    promptTotal: Int64? = nil
  ) {
    self.input = input
    self.output = output
    self.cacheRead = cacheRead
    self.cacheWrite = cacheWrite
    self.promptTotal = promptTotal
  }

  /// Whether every count is absent or zero.
  public var isZero: Bool {
    (input ?? 0, output ?? 0, cacheRead ?? 0, cacheWrite ?? 0) == (0, 0, 0, 0)
      && (promptTotal ?? 0) == 0
  }

  /// The field-by-field sum; a sum that does not fit is held at the largest value.
  public func adding(_ other: TokenUsage) -> TokenUsage {
    func sum(_ a: Int64?, _ b: Int64?) -> Int64? {
      guard let a else { return b }
      guard let b else { return a }
      let (value, overflow) = a.addingReportingOverflow(b)
      return overflow ? (a > 0 ? .max : .min) : value
    }
    return TokenUsage(
      input: sum(input, other.input), output: sum(output, other.output),
      cacheRead: sum(cacheRead, other.cacheRead), cacheWrite: sum(cacheWrite, other.cacheWrite),
      promptTotal: sum(promptTotal, other.promptTotal))
  }
}
