/// A string value: a Swift string, or a still escaped part of a JSON text whose storage it shares.
///
/// Equality is that of the decoded bytes, so `"\u0041"` equals `"A"`; canonically equivalent but
/// different Unicode spellings differ.
public struct JSONString: Sendable {
  enum Storage: Sendable {
    case native(String)
    /// Decoded bytes that are not valid UTF-8.
    case invalid([UInt8])
    /// The part between the quotes.
    case slice([UInt8], start: UInt32, end: UInt32, flags: StringFlags)
  }

  let storage: Storage

  init(storage: Storage) {
    self.storage = storage
  }

  /// A string that is decoded already.
  public init(_ string: String) {
    storage = .native(string)
  }

  /// Takes decoded bytes, which may hold NUL or be invalid UTF-8, and keeps them exactly.
  ///
  /// Reading and comparing repairs invalid bytes; ``appendUnrepaired(to:)`` gives them back.
  public init(decodedUTF8 bytes: [UInt8]) {
    if let string = String(validating: bytes, as: UTF8.self) {
      storage = .native(string)
    } else {
      storage = .invalid(bytes)
    }
  }

  /// False if decoding replaces something by U+FFFD: a lone surrogate or an invalid byte.
  public var isExact: Bool {
    switch storage {
    case .native: true
    case .invalid: false
    case .slice(_, _, _, let flags): flags.isDisjoint(with: .inexact)
    }
  }

  /// The bytes that the text takes as it is held, escapes included: about as many as it needs when
  /// it is written.
  public var storedCount: Int {
    switch storage {
    case .native(let string): string.utf8.count
    case .invalid(let bytes): bytes.count
    case .slice(_, let start, let end, _): Int(end &- start)
    }
  }

  /// Whether the decoded text is empty.
  public var isEmpty: Bool {
    switch storage {
    case .native(let string): string.isEmpty
    case .invalid(let bytes): bytes.isEmpty
    case .slice(_, let start, let end, _): start == end
    }
  }
}

extension JSONString: ExpressibleByStringLiteral {
  /// A string written in source.
  public init(stringLiteral value: String) {
    self.init(value)
  }
}

extension JSONString: CustomStringConvertible {
  /// The decoded text.
  public var description: String { string }
}
