/// Why a text is not JSON as RFC 8259 defines it, and where.
public struct JSONError: Error, Hashable, Sendable {
  /// The kind of mistake; more kinds may be added.
  public struct Code: Hashable, Sendable {
    let name: String

    /// A byte that the grammar does not allow here.
    public static let unexpectedByte = Code(name: "unexpected byte")
    /// The text ends inside an array, an object, a number or a literal.
    public static let unexpectedEnd = Code(name: "unexpected end")
    /// The text ends inside a string.
    public static let unterminatedString = Code(name: "unterminated string")
    /// A byte below 0x20 stands unescaped in a string.
    public static let controlCharacter = Code(name: "raw control character in string")
    /// A backslash followed by something RFC 8259 does not list.
    public static let invalidEscape = Code(name: "invalid escape")
    /// A number such as `01`, `1.` or `-`.
    public static let invalidNumber = Code(name: "invalid number")
    /// More text after the one value.
    public static let trailingData = Code(name: "data after the value")
    /// Nesting deeper than ``JSONLimits/maximumDepth``.
    public static let tooDeep = Code(name: "nesting too deep")
    /// 4 GiB or more.
    public static let tooLarge = Code(name: "text too large")
    /// No value at all.
    public static let empty = Code(name: "no value")
  }

  /// The kind of mistake.
  public var code: Code
  /// The byte, counted from the start of the text, at which the mistake shows.
  public var offset: Int

  /// A mistake at a byte offset.
  public init(_ code: Code, at offset: Int) {
    self.code = code
    self.offset = offset
  }
}

extension JSONError: CustomStringConvertible {
  /// The mistake and its place in words.
  public var description: String { "\(code.name) at byte \(offset)" }
}
