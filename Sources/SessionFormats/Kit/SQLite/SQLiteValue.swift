/// What one column of a row holds, with its storage class and exact bytes.
package enum SQLiteValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  /// Usually UTF-8, but SQLite does not check it; may hold NUL.
  case text([UInt8])
  case blob([UInt8])
}

extension SQLiteValue {
  /// A text value.
  package init(_ text: String) { self = .text(Array(text.utf8)) }

  /// Text, or NULL for nil.
  package init(optional text: String?) { self = text.map { SQLiteValue($0) } ?? .null }

  package var isNull: Bool { self == .null }

  /// The integer, if it is stored as one.
  package var int64: Int64? { if case .integer(let value) = self { value } else { nil } }

  /// The bytes of a text or blob.
  package var bytes: [UInt8]? {
    switch self {
    case .text(let bytes), .blob(let bytes): bytes
    default: nil
    }
  }

  /// A text, repaired where it is not UTF-8.
  package var string: String? {
    if case .text(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
  }

  /// The text as SQLite would convert it, nil for NULL.
  package var displayText: String? {
    switch self {
    case .null: nil
    case .integer(let value): String(value)
    case .real(let value): String(value)
    case .text(let bytes), .blob(let bytes): String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Bytes held, for bounding batches.
  package var byteCount: Int { bytes?.count ?? 8 }
}
