import Archive
import FileIO
import TestSupport
import Testing

@Suite struct GzipTests {
  /// The content of an archive file, and what was said of its end.
  static func read(_ path: String) throws -> (content: [UInt8], warnings: [String]) {
    let stream = try ArchiveStream(RandomAccessFile(path: path))
    var content: [UInt8] = []
    while let piece = try stream.next() { content += piece }
    return (content, stream.warnings)
  }

  static func content(_ generator: inout some RandomNumberGenerator, _ count: Int) -> [UInt8] {
    (0..<count).map { _ in
      UInt8.random(in: 0...3, using: &generator) == 0
        ? .random(in: 0...255, using: &generator) : UInt8(ascii: "a")
    }
  }

  @Test func `members of any size read back as one stream`() throws {
    let seed = UInt64.random(in: 0...(.max))
    var generator = SeededGenerator(seed: seed)
    let folder = try TemporaryFolder()
    for sizes in [[0], [1], [65_535, 0, 65_536], [300_000, 7, 1_000_000]] {
      var content: [UInt8] = []
      var packed: [UInt8] = []
      for size in sizes {
        let part = Self.content(&generator, size)
        content += part
        let member = GzipMember.pack(part[...])
        #expect(GzipMember.unpack(member, size: part.count) == part, "seed \(seed)")
        packed += member
      }
      let path = try folder.write(packed, to: "x.gz")
      #expect(try Self.read(path).content == content, "seed \(seed), sizes \(sizes)")
    }
  }

  @Test func `what packs too well is packed so that no reader takes it for a bomb`() throws {
    let folder = try TemporaryFolder()
    let zeros = [UInt8](repeating: 0, count: 30 << 20)
    let packed = GzipMember.pack(zeros[...])
    #expect(packed.count > zeros.count / 200)
    #expect(packed.count < zeros.count / 50)
    let path = try folder.write(packed, to: "zeros.gz")
    #expect(try Self.read(path).content.count == zeros.count)
  }

  @Test func `a file cut short anywhere is an error`() throws {
    let folder = try TemporaryFolder()
    let packed = GzipMember.pack(Array("Beans go to the south wall.".utf8)[...])
    for count in 2..<packed.count {
      let path = try folder.write(Array(packed.prefix(count)), to: "cut.gz")
      #expect(throws: ArchiveError.self, "\(count) bytes") { try Self.read(path) }
    }
  }

  @Test func `a flipped bit is an error or changes nothing`() throws {
    let folder = try TemporaryFolder()
    let content = Array("Beans go to the south wall.".utf8)
    let packed = GzipMember.pack(content[...])
    for bit in 16..<(packed.count * 8) {
      var flipped = packed
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let path = try folder.write(flipped, to: "flipped.gz")
      if let read = try? Self.read(path) {
        #expect(read.content == content, "bit \(bit)")
      }
    }
  }

  @Test func `zeros behind the end are padding, other bytes are reported`() throws {
    let folder = try TemporaryFolder()
    let packed = GzipMember.pack(Array("x".utf8)[...])
    let padded = try folder.write(packed + [0, 0, 0], to: "padded.gz")
    #expect(try Self.read(padded).warnings.isEmpty)
    let other = try folder.write(packed + [0, 0, 7], to: "other.gz")
    let read = try Self.read(other)
    #expect(read.content == Array("x".utf8))
    #expect(read.warnings.count == 1)
  }
}
