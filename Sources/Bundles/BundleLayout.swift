internal import FileIO
internal import Archive
internal import SessionCoding
internal import SessionModel

/// The names of the layout `x-session-bag/1`.
enum BundleLayout {
  static let profile = "x-session-bag/1"
  static let declaration = "bagit.txt"
  static let info = "bag-info.txt"
  static let manifest = "manifest-sha256.txt"
  static let tagManifest = "tagmanifest-sha256.txt"
  static let readMe = "README.md"
  static let index = "index.jsonl"
  /// The tag files in the order in which an archive holds them.
  static let tags = [declaration, info, tagManifest, manifest, readMe, index]
  /// The end of a bundle's name.
  static let suffix = ".tar.gz"

  static let canonicalFile = "session.jsonl"
  static let transcriptFile = "transcript.md"
  static let sourceNote = "raw/source.json"
  /// Rows of a session, or of a store.
  static let records = "raw/records.jsonl"
  static let carry = "raw/carry.jsonl"

  /// The folder of media that several sessions share.
  static let blobs = "data/blobs/sha256"

  /// The path of a blob.
  static func blob(_ name: String) -> String { "\(blobs)/\(name.prefix(2))/\(name)" }

  /// Whether a name is that of a blob: 64 lower-case hexadecimal digits.
  static func isBlobName(_ name: String) -> Bool {
    name.utf8.count == 64
      && name.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// The folder of a session or store that a path lies in; nil for other paths.
  static func folder(of path: String) -> String? {
    let parts = path.split(separator: "/")
    let depth: Int
    switch (parts.first, parts.dropFirst().first) {
    case ("data", "sessions"): depth = 6
    case ("data", "stores"): depth = 4
    default: return nil
    }
    return parts.count > depth ? parts.prefix(depth).joined(separator: "/") : nil
  }

  /// Where blobs are from a session's folder.
  static let blobsFromSession = "../../../../../blobs"

  /// Whether a path names a single file rather than a vault.
  static func isArchive(_ path: String) -> Bool {
    let name = withoutEncryption(path)
    return name.hasSuffix(suffix) || name.hasSuffix(".tgz") || name.hasSuffix(".tar")
  }

  /// The name that an archive had before it was encrypted.
  static func withoutEncryption(_ path: String) -> String {
    path.hasSuffix(AgeEncryption.suffix)
      ? String(path.dropLast(AgeEncryption.suffix.count)) : path
  }

  /// The bag's name: the archive's without its suffix, where that keeps the path rules.
  static func rootName(of path: String) -> String {
    var name = withoutEncryption(path.split(separator: "/").last.map(String.init) ?? "")
    for suffix in [suffix, ".tgz", ".tar"] where name.hasSuffix(suffix) {
      name.removeLast(suffix.count)
      break
    }
    return BagPath.isComponent(name) ? name : "sessions"
  }

  /// What stands for a store's place in names.
  static func storeKey(tool: String, path: String) -> String {
    String(ContentDigest.hex(of: Array("\(tool)\u{0}\(path)".utf8)).prefix(12))
  }

  /// A session's folder before clashes are looked at.
  static func folder(tool: String, _ session: SessionSummary) -> String {
    var month = "0000/00"
    if let time = session.created ?? session.updated {
      let date = CivilTime(secondsSinceEpoch: time.seconds)
      if (0...9999).contains(date.year) {
        month = "\(padded(date.year, 4))/\(padded(date.month, 2))"
      }
    }
    return "data/sessions/\(tool)/\(month)/\(component(for: session.id))"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }

  /// The identifier itself when it can be a folder, else one made from its digest.
  static func component(for id: String) -> String {
    // Room for `.r2` and the like, and within what a path may hold in all.
    BagPath.isComponent(id) && id.utf8.count <= 80 ? id : "h-" + digestStart(id, 32)
  }

  static func digestStart(_ text: String, _ count: Int) -> String {
    String(ContentDigest.hex(of: Array(text.utf8)).prefix(count))
  }

  /// A UUID (version 8) that follows from content.
  static func uuid(of bytes: [UInt8]) -> String {
    var digits = Array(ContentDigest.hex(of: bytes).prefix(32))
    digits[12] = "8"
    digits[16] = "a"
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text.append("-") }
      text.append(digit)
    }
    return text
  }

  /// The text that explains a bag to people who have nothing but it.
  static let readMeText = Array(
    """
    # Session archive

    Each line of `index.jsonl` is one session (or, with `"kind":"store"`, what belongs to a whole
    store); `path` is its folder. There, `raw/` is the original, byte for byte, and
    `raw/source.json` tells where it came from: `place` is where each file was below the store's
    folder, `mode` and `mtime` are what it had. A file with `session` in place of `name` lies in the
    folder of that session, which `with` in `index.jsonl` names too. For a session out of a database,
    `raw/` holds its rows, one JSON object per line. `session.jsonl`, when present, is the session in a neutral form,
    and `transcript.md` is for reading. `bag-info.txt` says which of these are there and what was
    left out. A line with `ref` stands for a session that another bundle of the same
    `Bag-Group-Identifier` holds. `Bagging-Date` is the day on which the newest session last changed.

    Media that several sessions share lie once in `data/blobs/sha256/`, each under the SHA-256 of its
    bytes. Where a file in `raw/source.json` has `blobs`, their Base64 texts were taken out of it. To
    put them back, insert the Base64 text of each blob where `at` says, counted in the whole original,
    in the order of the list; `sha256` is the digest of the whole. With Python, in a session's folder:

        import base64, json, os
        for f in json.load(open("raw/source.json"))["files"]:
            if "name" not in f: continue
            whole = bytearray(open("raw/" + f["name"], "rb").read())
            for b in f.get("blobs", []):
                name = b["blob"][7:]
                blob = open("../../../../../blobs/sha256/" + name[:2] + "/" + name, "rb").read()
                whole[b["at"]:b["at"]] = base64.b64encode(blob)
            open(os.path.basename(f["name"]), "wb").write(whole)

    Verify:

        sha256sum -c --quiet manifest-sha256.txt tagmanifest-sha256.txt
        python3 -m bagit --validate .

    """.utf8)
}
