@testable import FileIO
import Testing

/// Lines that share their bytes are those that have their own.
@Suite struct SharedLineTests {
  private struct Told: Equatable {
    var number: Int
    var offset: UInt64
    var bytes: [UInt8]
    var isTerminated: Bool
  }

  @Test(arguments: [1, 3, 40, 2_000, 200_000])
  func `lines in blocks are the lines`(longest: Int) throws {
    let folder = try Scratch()
    var generator = SeededGenerator(seed: 1)
    var text: [UInt8] = []
    while text.count < 1_500_000 {
      let count = Int.random(in: 0...longest, using: &generator)
      text += [UInt8](repeating: UInt8.random(in: 97...122, using: &generator), count: count)
      text.append(10)
      // Too few lines say nothing, too many take long.
      if longest < 10, text.count > 200_000 { break }
    }
    for end in [[], Array("end".utf8)] as [[UInt8]] {
      let path = try folder.write("lines", text + end)
      for keepsLineFeed in [false, true] {
        var own = try LineReader(path: path)
        var shared = try SharedLineReader(path: path)
        while let line = try own.next(keepingLineFeed: keepsLineFeed) {
          let next = try shared.next(keepingLineFeed: keepsLineFeed)
          let other = try #require(next)
          let told = Told(
            number: other.number, offset: other.offset, bytes: Array(other.bytes),
            isTerminated: other.isTerminated)
          let isSame =
            told
            == Told(
              number: line.number, offset: line.offset, bytes: line.bytes,
              isTerminated: line.isTerminated)
          #expect(isSame, "line \(line.number)")
        }
        let isAtEnd = try shared.next() == nil
        #expect(isAtEnd)
      }
    }
  }

  @Test(arguments: [1, 2, 7, 64, 4_096])
  func `lines that are too long are passed over alike`(blockSize: Int) throws {
    let folder = try Scratch()
    var generator = SeededGenerator(seed: UInt64(blockSize))
    for _ in 0..<40 {
      var text: [UInt8] = []
      for _ in 0..<Int.random(in: 0...12, using: &generator) {
        text += [UInt8](repeating: 97, count: Int.random(in: 0...30, using: &generator))
        text.append(10)
      }
      if Bool.random(using: &generator) { text += Array("end".utf8) }
      let path = try folder.write("lines", text)
      let longest = Int.random(in: 0...30, using: &generator)
      let start = text.isEmpty ? 0 : Int.random(in: 0..<text.count, using: &generator)
      var own = try LineReader(
        path: path, maximumLineLength: longest, startingAt: UInt64(start), lineNumber: 5)
      var shared = try SharedLineReader(
        path: path, maximumLineLength: longest, startingAt: UInt64(start), lineNumber: 5,
        blockSize: blockSize)
      var isAtEnd = false
      while !isAtEnd {
        let line = Result { try own.next() }
        let other = Result { try shared.next() }
        switch (line, other) {
        case (.success(let line), .success(let other)):
          #expect(line?.bytes == other.map { Array($0.bytes) })
          #expect(line?.number == other?.number)
          #expect(line?.offset == other?.offset)
          isAtEnd = line == nil || other == nil
        case (.failure(let error), .failure(let other)):
          #expect(error as? FileError == other as? FileError)
        default:
          Issue.record("one of them fails alone")
          isAtEnd = true
        }
      }
    }
  }
}
