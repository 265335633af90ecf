internal import SessionModel

/// Text that only people read; readers of the file ignore it.
enum ChatDecoration {
  /// The word for a role in headings.
  static func heading(_ role: Role) -> String {
    switch role {
    case .user: "User"
    case .assistant: "Assistant"
    case .system: "System"
    case .tool: "Tool"
    case .developer: "Developer"
    case .other(let name): inline(name)
    }
  }

  /// A text on one line, without what HTML or a comment would take for its own.
  static func inline(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      if count == 200 { break }
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF: out.append(" ")
      case 0x3C, 0x3E, 0x26: out.append(" ")
      default: out.append(scalar)
      }
      count += 1
    }
    return String(out)
  }

  /// A title on one line; nothing in it can be taken for a marker, as it stands behind `# `.
  static func title(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(500) {
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF: out.append(" ")
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  /// A link's destination: what could end it early is percent-encoded.
  static func destination(_ path: String) -> String {
    var out = ""
    for byte in path.utf8.prefix(1_000) {
      switch byte {
      case 0x21, 0x23...0x27, 0x2A...0x3B, 0x3D, 0x3F...0x5A, 0x5F, 0x61...0x7A, 0x7E:
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        out += byte < 16 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return out
  }

  /// A time to the minute, in its own zone.
  static func shown(_ time: Timestamp) -> String {
    var bytes: [UInt8] = []
    time.appendDateAndTime(separator: UInt8(ascii: " "), to: &bytes)
    return String(decoding: bytes.prefix(16), as: UTF8.self)
  }
}

/// Flags of messages by the names they have in files; `hidden` is a member of its own.
enum ChatFlags {
  static let all: [(MessageFlags, StaticString)] = [
    (.sideChain, "side-chain"), (.synthetic, "synthetic"),
    (.compactionSummary, "compaction-summary"), (.compactionTail, "compaction-tail"),
  ]

  static func names(_ flags: MessageFlags) -> [StaticString] {
    all.filter { flags.contains($0.0) }.map(\.1)
  }
}
