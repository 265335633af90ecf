import FileIO
import Testing

@Suite struct FingerprintTests {
  @Test func `known values`() {
    #expect(Fingerprint(of: []).description == "00000000-00000001-0")
    // The check values of CRC-32 and Adler-32.
    #expect(Fingerprint(of: Array("123456789".utf8)).crc == 0xCBF4_3926)
    #expect(Fingerprint(of: Array("Wikipedia".utf8)).adler == 0x11E6_0398)
  }

  @Test func `fingerprints of parts are joined to that of the whole`() {
    let seed = testSeed("Fingerprint joining")
    var random = SeededGenerator(seed: seed)
    for size in [0, 1, 2, 100, 70_000, 300_000] {
      for byte in [nil, 0, 255] as [UInt8?] {
        let bytes = (0..<size).map { _ in byte ?? UInt8.random(in: 0...255, using: &random) }
        for place in [0, size / 3, size, Int.random(in: 0...size, using: &random)] {
          var joined = Fingerprint(of: Array(bytes[..<place]))
          joined.append(Fingerprint(of: Array(bytes[place...])))
          #expect(joined == Fingerprint(of: bytes), "seed \(seed)")
        }
      }
    }
  }

  @Test func `splitting the content makes no difference`() throws {
    let seed = testSeed("Fingerprint")
    var random = SeededGenerator(seed: seed)
    let scratch = try Scratch()
    for _ in 0..<20 {
      let count = Int.random(in: 0...300_000, using: &random)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let whole = Fingerprint(of: bytes)
      var split = Fingerprint()
      var rest = bytes[...]
      while !rest.isEmpty {
        let length = Int.random(in: 0...min(rest.count, 100_000), using: &random)
        split.update(rest.prefix(length))
        rest = rest.dropFirst(length)
      }
      #expect(split == whole, "seed \(seed)")
      #expect(try fingerprint(ofFile: scratch.write("file", bytes)) == whole, "seed \(seed)")
      #expect(Fingerprint(whole.description) == whole)
    }
  }

  @Test func `any one changed byte changes it`() {
    let bytes = [UInt8](repeating: 7, count: 1000)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(Fingerprint(of: changed) != Fingerprint(of: bytes))
    }
  }

  @Test(arguments: ["", "1-2-3", "CBF43926-091e01de-9", "cbf43926-091e01de-09", "a-b-c-d", "+-+-+"])
  func `a text it did not write is refused`(text: String) {
    #expect(Fingerprint(text) == nil)
  }
}
