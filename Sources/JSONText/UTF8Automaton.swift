/// UTF-8 validity by a finite automaton whose states are shift distances.
///
/// Every byte has one 64-bit row; the six bits at distance `state` are the next state. So one step is
/// a load that does not depend on the state and one shift that does. Overlong forms, encoded
/// surrogates and values above U+10FFFF are invalid (RFC 3629).
enum UTF8Automaton {
  static let accept: UInt64 = 0
  /// No way out.
  static let reject: UInt64 = 6

  static let rows: [UInt64] = {
    let one: UInt64 = 12
    let two: UInt64 = 18
    let three: UInt64 = 24
    let afterE0: UInt64 = 30
    let afterED: UInt64 = 36
    let afterF0: UInt64 = 42
    let afterF4: UInt64 = 48
    return (0..<256).map { byte in
      let lead: UInt64 =
        switch byte {
        case 0x00...0x7F: accept
        case 0xC2...0xDF: one
        case 0xE0: afterE0
        case 0xED: afterED
        case 0xE1...0xEF: two
        case 0xF0: afterF0
        case 0xF1...0xF3: three
        case 0xF4: afterF4
        default: reject
        }
      func step(_ allowed: ClosedRange<Int>, _ next: UInt64, from state: UInt64) -> UInt64 {
        (allowed.contains(byte) ? next : reject) << state
      }
      return lead | reject << reject
        | step(0x80...0xBF, accept, from: one)
        | step(0x80...0xBF, one, from: two)
        | step(0x80...0xBF, two, from: three)
        | step(0xA0...0xBF, one, from: afterE0)
        | step(0x80...0x9F, one, from: afterED)
        | step(0x90...0xBF, two, from: afterF0)
        | step(0x80...0x8F, two, from: afterF4)
    }
  }()

  /// The state after eight more bytes.
  @inline(__always)
  static func run(_ word: UInt64, from state: UInt64, _ rows: Span<UInt64>) -> UInt64 {
    var state = state
    var word = word
    for _ in 0..<8 {
      state = rows[Int(truncatingIfNeeded: word & 0xFF)] &>> state
      word &>>= 8
    }
    return state & 63
  }
}

extension Span where Element == UInt8 {
  /// The length of the valid UTF-8 character at `offset`, or 0 if the byte there belongs to none.
  func characterLength(at offset: Int, to end: Int) -> Int {
    let lead = self[offset]
    if lead < 0x80 { return 1 }
    let length: Int
    var lowest: UInt8 = 0x80
    var highest: UInt8 = 0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
      length = 3
      if lead == 0xE0 { lowest = 0xA0 }
      if lead == 0xED { highest = 0x9F }
    case 0xF0...0xF4:
      length = 4
      if lead == 0xF0 { lowest = 0x90 }
      if lead == 0xF4 { highest = 0x8F }
    default: return 0
    }
    guard end &- offset >= length else { return 0 }
    guard self[offset &+ 1] >= lowest, self[offset &+ 1] <= highest else { return 0 }
    var index = 2
    while index < length {
      guard self[offset &+ index] & 0xC0 == 0x80 else { return 0 }
      index &+= 1
    }
    return length
  }

  /// The first byte from `offset` on that is part of no valid UTF-8 character, or `end`.
  func firstInvalidUTF8(from offset: Int, to end: Int) -> Int {
    var index = offset
    while true {
      index = firstStop(from: index, to: end) { $0 & Word.highs }
      if index == end { return end }
      let length = characterLength(at: index, to: end)
      if length == 0 { return index }
      index &+= length
    }
  }
}
