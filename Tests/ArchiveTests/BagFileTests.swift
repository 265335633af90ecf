import FileIO
import Archive
import Testing

@Suite struct BagFileTests {
  @Test func `a manifest reads what it writes and what digest programs write`() {
    var manifest = BagManifest()
    let digest = String(repeating: "0f", count: 32)
    manifest.digests = ["data/b": digest, "data/B": digest, "data/a": digest]
    var problems: [Int] = []
    let again = BagManifest(manifest.bytes) { line, _ in problems.append(line) }
    #expect(again == manifest)
    #expect(problems.isEmpty)
    #expect(again.paths == ["data/B", "data/a", "data/b"])
    let binary = BagManifest(Array("\(digest.uppercased()) *data/x\r\n".utf8)) { _, _ in }
    #expect(binary.digests == ["data/x": digest])
    _ = BagManifest(Array("nonsense\nxyz  data/y\n".utf8)) { line, _ in problems.append(line) }
    #expect(problems == [1, 2])
  }

  @Test func `labels keep their values, also over several lines`() {
    let info = BagInfo(Array("A: one\n  two\nb:three\n".utf8))
    #expect(info["a"] == "one two")
    #expect(info["B"] == "three")
    #expect(BagInfo(info.bytes) == info)
  }

  @Test func `the declaration is exact`() {
    #expect(BagDeclaration.version(BagDeclaration.bytes) == "1.0")
    for text in [
      "", "BagIt-Version: 1.0\n",
      "\u{FEFF}BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
    ] {
      #expect(BagDeclaration.version(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test func `digests are those of the standard`() {
    #expect(
      ContentDigest.hex(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
