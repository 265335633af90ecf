import Testing

@testable import FileIO

@Suite struct LineReaderTests {
  /// The lines as the definition says, without any buffer.
  private func naiveLines(_ bytes: [UInt8]) -> [Line] {
    var lines: [Line] = []
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0A {
      lines.append(
        Line(
          number: lines.count + 1, offset: UInt64(start), bytes: Array(bytes[start..<index]),
          isTerminated: true))
      start = index + 1
    }
    if start < bytes.count {
      lines.append(
        Line(
          number: lines.count + 1, offset: UInt64(start), bytes: Array(bytes[start...]),
          isTerminated: false))
    }
    return lines
  }

  private func readLines(_ path: String, chunkSize: Int) throws -> [Line] {
    var reader = try LineReader(
      path: path, maximumLineLength: 1 << 30, startingAt: 0, lineNumber: 1, chunkSize: chunkSize)
    var lines: [Line] = []
    while let line = try reader.next() { lines.append(line) }
    #expect(try reader.next() == nil)
    return lines
  }

  private func visitLines(_ path: String, chunkSize: Int) throws -> [Line] {
    var reader = try LineReader(
      path: path, maximumLineLength: 1 << 30, startingAt: 0, lineNumber: 1, chunkSize: chunkSize)
    var lines: [Line] = []
    try reader.forEachLine { span, offset, number, isTerminated in
      lines.append(
        Line(
          number: number, offset: offset, bytes: span.indices.map { span[$0] },
          isTerminated: isTerminated))
    }
    return lines
  }

  @Test func `random files split as defined, whatever the chunk size`() throws {
    let seed = testSeed("LineReader")
    var random = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    for round in 0..<300 {
      let alphabet: [UInt8] = [0x0A, 0x0D, 0x41, 0x00, 0xFF]
      let density = Int.random(in: 1...40, using: &random)
      let bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ -> UInt8 in
        Int.random(in: 0..<density, using: &random) == 0
          ? 0x0A : alphabet[Int.random(in: 1..<alphabet.count, using: &random)]
      }
      let path = try scratch.write("random", bytes)
      let chunkSize = Int.random(in: 1...64, using: &random)
      let expected = naiveLines(bytes)
      var twice = try LineReader(path: path, for: .again)
      for _ in 0..<2 {
        var lines: [Line] = []
        while let line = try twice.next() { lines.append(line) }
        #expect(lines == expected, "seed \(seed), round \(round)")
        let isBack = twice.rewind()
        #expect(isBack)
      }
      let comment: Comment = "seed \(seed), round \(round), chunk \(chunkSize)"
      #expect(try readLines(path, chunkSize: chunkSize) == expected, comment)
      #expect(try visitLines(path, chunkSize: chunkSize) == expected, comment)
    }
  }

  @Test func `an empty file has no lines`() throws {
    let scratch = try Scratch()
    #expect(try readLines(scratch.write("empty", ""), chunkSize: 8) == [])
  }

  @Test func `a carriage return stays and does not end a line`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("crlf", "a\r\nb\rc\n")
    #expect(
      try readLines(path, chunkSize: 2) == [
        Line(number: 1, offset: 0, bytes: Array("a\r".utf8), isTerminated: true),
        Line(number: 2, offset: 3, bytes: Array("b\rc".utf8), isTerminated: true),
      ])
  }

  @Test func `a line far larger than the buffer arrives whole, and so do its neighbours`() throws {
    let scratch = try Scratch()
    let huge = [UInt8](repeating: 0x78, count: (20 << 20) + 7)
    let path = try scratch.write("huge", [0x61, 0x0A] + huge + [0x0A, 0x62])
    var reader = try LineReader(path: path)
    #expect(try reader.next()?.bytes == [0x61])
    let line = try #require(try reader.next())
    #expect(line.bytes == huge)
    #expect(line.offset == 2)
    let last = try #require(try reader.next())
    #expect(
      last == Line(number: 3, offset: UInt64(huge.count) + 3, bytes: [0x62], isTerminated: false))
    #expect(try reader.next() == nil)
  }

  @Test(arguments: [1, 3, 4, 5, 64])
  func `a line over the limit is named and the next one is read`(chunkSize: Int) throws {
    let scratch = try Scratch()
    let path = try scratch.write("long", "four\nfive5\nok\ntoo long")
    var reader = try LineReader(
      path: path, maximumLineLength: 4, startingAt: 0, lineNumber: 1, chunkSize: chunkSize)
    #expect(try reader.next()?.bytes == Array("four".utf8))
    #expect(
      throws: FileError(.lineTooLong, path: path, operation: "reading", line: 2, offset: 5)
    ) { try reader.next() }
    #expect(
      try reader.next() == Line(number: 3, offset: 11, bytes: Array("ok".utf8), isTerminated: true))
    #expect(
      throws: FileError(.lineTooLong, path: path, operation: "reading", line: 4, offset: 14)
    ) { try reader.next() }
    #expect(try reader.next() == nil)
  }

  @Test func `reading starts at an offset with the number given`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("offset", "one\ntwo\nthree\n")
    var reader = try LineReader(path: path, startingAt: 4, lineNumber: 2)
    #expect(
      try reader.next() == Line(number: 2, offset: 4, bytes: Array("two".utf8), isTerminated: true))
    #expect(try reader.next()?.offset == 8)
  }

  @Test func `a missing file and a directory are told apart`() throws {
    let scratch = try Scratch()
    let missing = scratch("missing")
    let error = #expect(throws: FileError.self) { _ = try LineReader(path: missing) }
    #expect(error?.code == .notFound)
    let folder = scratch.path
    let other = #expect(throws: FileError.self) { _ = try LineReader(path: folder) }
    #expect(other?.code == .isDirectory)
  }

  @Test func `a path with a NUL is refused instead of cut`() throws {
    let scratch = try Scratch()
    let path = try scratch.write("cut", "x")
    let error = #expect(throws: FileError.self) { _ = try readFile(path + "\0more") }
    #expect(error?.code == .invalidPath)
  }
}
