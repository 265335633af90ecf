import Testing

@testable import FileIO

/// Lines that are too long are passed over, with all others read as if they were not there.
@Suite struct LongLineTests {
  /// What one way of reading gives.
  private struct Told: Equatable {
    var lines: [Line] = []
    var long: [LongLine] = []

    /// How much of a line is in memory when it is refused depends on the buffer, but it is more than
    /// the limit.
    func keeping(_ longest: Int) -> Told {
      var told = self
      for index in told.long.indices {
        told.long[index].beginning = Array(told.long[index].beginning.prefix(longest + 1))
      }
      return told
    }
  }

  /// The same by the definition.
  private func expected(_ text: [UInt8], longest: Int) -> Told {
    var told = Told()
    var start = 0
    var number = 1
    while start < text.count {
      let lineFeed = text[start...].firstIndex(of: 0x0A)
      let bytes = text[start..<(lineFeed ?? text.count)]
      if bytes.count > longest {
        told.long.append(
          LongLine(
            number: number, offset: UInt64(start), count: bytes.count,
            isTerminated: lineFeed != nil,
            beginning: Array(bytes.prefix(LongLine.longestBeginning))))
      } else {
        told.lines.append(
          Line(
            number: number, offset: UInt64(start), bytes: Array(bytes),
            isTerminated: lineFeed != nil))
      }
      start = lineFeed.map { $0 + 1 } ?? text.count
      number += 1
    }
    return told
  }

  private func own(_ reader: consuming LineReader) throws -> Told {
    var told = Told()
    while let line = try reader.next(passingOver: { told.long.append($0) }) {
      told.lines.append(line)
    }
    // Nothing of what follows a line is of it.
    #expect(told.long.allSatisfy { $0.beginning.count <= $0.count })
    return told
  }

  private func shared(_ reader: consuming SharedLineReader) throws -> Told {
    var told = Told()
    while let line = try reader.next(passingOver: { told.long.append($0) }) {
      told.lines.append(
        Line(
          number: line.number, offset: line.offset, bytes: Array(line.bytes),
          isTerminated: line.isTerminated))
    }
    #expect(told.long.allSatisfy { $0.beginning.count <= $0.count })
    return told
  }

  @Test func `random files give what is not too long, and tell the rest`() throws {
    let seed = testSeed("LongLine")
    var random = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    for round in 0..<300 {
      var text: [UInt8] = []
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let count = Int.random(in: 0...[3, 40, 700].randomElement(using: &random)!, using: &random)
        text += (0..<count).map { _ in UInt8.random(in: 97...122, using: &random) }
        text.append(0x0A)
      }
      if Bool.random(using: &random), !text.isEmpty { text.removeLast() }
      let path = try scratch.write("random", text)
      let longest = Int.random(in: 0...50, using: &random)
      let size = Int.random(in: 1...64, using: &random)
      let told = expected(text, longest: longest).keeping(longest)
      let comment: Comment = "seed \(seed), round \(round), longest \(longest), size \(size)"
      #expect(
        try own(
          LineReader(
            path: path, maximumLineLength: longest, startingAt: 0, lineNumber: 1, chunkSize: size)
        ).keeping(longest) == told, comment)
      #expect(
        try own(LineReader(path: path, maximumLineLength: longest, for: .again)).keeping(longest)
          == told, comment)
      #expect(
        try shared(
          SharedLineReader(
            path: path, maximumLineLength: longest, startingAt: 0, lineNumber: 1, blockSize: size)
        ).keeping(longest) == told, comment)
    }
  }

  @Test(arguments: [-1, 0, 1])
  func `a line that is looked at ahead is read up to the limit`(difference: Int) throws {
    let scratch = try Scratch()
    let count = LineExtent.threshold + 300_000
    let long = [UInt8](repeating: 0x78, count: count)
    for end in [[], [0x0A], [0x0A, 0x62, 0x0A]] as [[UInt8]] {
      let text = [0x61, 0x0A] + long + end
      let path = try scratch.write("long", text)
      let longest = count + difference
      let told = expected(text, longest: longest).keeping(longest)
      let isSame = try own(LineReader(path: path, maximumLineLength: longest)) == told
      #expect(isSame)
      let isShared = try shared(SharedLineReader(path: path, maximumLineLength: longest)) == told
      #expect(isShared)
    }
  }
}
