internal import FileIO
internal import Archive
internal import SessionCoding
internal import SessionModel

/// Makes the tag files of a bag from what its payload is.
struct BagTags {
  var agent: String
  /// Digests of the payload.
  var manifest: BagManifest
  var payloadBytes: UInt64
  var entries: [BundleEntry]
  var contents: Set<String>
  var omissions: [Omission]
  /// The series that the bag belongs to; nil when it begins one.
  var group: String?
  var number: Int

  /// The identifier, which follows from the content.
  var identifier: String {
    BundleLayout.uuid(of: manifest.bytes + BundleEntry.index(entries))
  }

  /// The files by name.
  var files: [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    files[BundleLayout.declaration] = BagDeclaration.bytes
    files[BundleLayout.manifest] = manifest.bytes
    files[BundleLayout.readMe] = BundleLayout.readMeText
    files[BundleLayout.index] = BundleEntry.index(entries)
    files[BundleLayout.info] = info.bytes
    var tags = BagManifest()
    for (name, bytes) in files { tags.digests[name] = ContentDigest.hex(of: bytes) }
    files[BundleLayout.tagManifest] = tags.bytes
    return files
  }

  private var info: BagInfo {
    var info = BagInfo()
    info.add("Bag-Software-Agent", agent)
    info.add("Bagging-Date", date)
    info.add("Payload-Oxum", "\(payloadBytes).\(manifest.digests.count)")
    info.add("Bag-Size", Self.size(payloadBytes))
    info.add("External-Identifier", identifier)
    info.add("Bag-Group-Identifier", group ?? identifier)
    info.add("Bag-Count", "\(number) of ?")
    info.add("BagIt-Profile-Identifier", BundleLayout.profile)
    info.add(
      "Session-Bag-Contents",
      ["raw", "canonical", "transcript"].filter { $0 == "raw" || contents.contains($0) }
        .joined(separator: ", "))
    for omission in omissions {
      info.add(
        "Session-Bag-Omitted",
        "\(omission.format) \(omission.name) (\(omission.count) records, left out because they grant "
          + "access)")
    }
    return info
  }

  /// The day on which the newest session last changed, so that equal content gives equal bags.
  private var date: String {
    let newest =
      entries.compactMap { $0.updated ?? $0.created }
      .compactMap { Timestamp(rfc3339: $0)?.seconds }.max() ?? 0
    let day = CivilTime(secondsSinceEpoch: max(0, newest))
    func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(day.year)-\(padded(day.month))-\(padded(day.day))"
  }

  private static func size(_ bytes: UInt64) -> String {
    var tenths = bytes &* 10
    if bytes < 1_000 { return "\(bytes) B" }
    for unit in ["KB", "MB", "GB", "TB"] {
      tenths /= 1_000
      if tenths < 10_000 || unit == "TB" { return "\(tenths / 10).\(tenths % 10) \(unit)" }
    }
    return "\(bytes) B"
  }
}
