internal import Archive
internal import FileIO
internal import JSONText
internal import SessionCoding

/// What lies beside an encrypted pack, encrypted too: its tag files and where its parts are, so that what
/// it holds is told without decrypting all of it.
///
/// It is a small `.tar.gz`. Without it a pack is taken for cut short, and read from end to end.
struct PackTags {
  /// The tag files by name.
  var tags: [String: [UInt8]]
  /// The members of the decrypted pack.
  var index: MemberIndex
  /// The size of the encrypted pack.
  var packSize: UInt64

  private static let suffix = ".tags" + AgeEncryption.suffix
  private static let indexName = "idx.json"
  private static let sizeName = "pack-size"

  /// Where they are for a pack.
  static func path(of pack: String) -> String {
    String(pack.dropLast(BundleLayout.suffix.count + AgeEncryption.suffix.count)) + suffix
  }

  init(tags: [String: [UInt8]], index: MemberIndex, packSize: UInt64) {
    self.tags = tags
    self.index = index
    self.packSize = packSize
  }

  /// Reads those of a pack; nil when there are none, or they are of another one.
  init?(of pack: String, identity: String) {
    var files: [String: [UInt8]] = [:]
    do {
      let file = try ArchiveFile(Self.path(of: pack), identity: identity).open()
      let reader = BagArchiveReader(TarReader(try ArchiveStream(file)))
      while let entry = try reader.next() {
        files[entry.path] = try reader.readAll(limit: 256 << 20)
      }
      packSize = UInt64(String(decoding: files[Self.sizeName] ?? [], as: UTF8.self)) ?? 0
      guard let size = try FileStatus(path: pack)?.size, size == packSize else { return nil }
    } catch {
      // Whoever reads the pack itself is told what is wrong with it or with the key.
      return nil
    }
    guard let index = files[Self.indexName].flatMap({ MemberIndex($0) }) else { return nil }
    self.index = index
    tags = files
    for name in [Self.indexName, Self.sizeName] { tags[name] = nil }
  }

  /// The bytes, for the pack that they are of.
  func bytes(for pack: String) -> [UInt8] {
    let root = BundleLayout.rootName(of: pack)
    var files = tags.sorted { $0.key < $1.key }
    files.append((Self.indexName, index.bytes))
    files.append((Self.sizeName, Array(String(packSize).utf8)))
    var plain: [UInt8] = []
    for (name, bytes) in files {
      plain += TarWriter.header(name: root + "/" + name, size: UInt64(bytes.count))
      plain += bytes + TarWriter.padding(after: UInt64(bytes.count))
    }
    return GzipMember.pack((plain + TarWriter.end)[...])
  }
}
