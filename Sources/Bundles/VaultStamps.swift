internal import Archive
internal import FileIO
internal import JSONText
internal import SessionCoding

/// By what a vault knows sessions again that nobody touched, see ``SessionExtract/stamp(of:)``.
///
/// It lies in one file that is replaced by each run; losing it costs a run that reads.
struct VaultStamps {
  /// The stamps, by the folders of the states that they belong to.
  private(set) var stamps: [String: String] = [:]

  /// Reads the stamps of a vault; none when they cannot be read.
  init(of vault: Vault) {
    do throws(FormatError) {
      let file = try vault.file(vault.stampPath).open()
      guard let stream = try? ArchiveStream(file) else { return }
      var bytes: [UInt8] = []
      // What is damaged is not used.
      while let piece = try? stream.next() { bytes += piece }
      for line in bytes.split(separator: 0x0A) {
        guard let root = JSONDocument(ifValid: Array(line))?.root,
          let path = root["path"]?.string?.string, let stamp = root["stamp"]?.string?.string
        else { continue }
        stamps[path] = stamp
      }
    } catch {
      return
    }
  }

  /// Replaces the stamps by those of the newest states.
  ///
  /// - Parameter recipients: For whom they are encrypted; empty for a vault that is not.
  mutating func replace(by entries: [BundleEntry], in vault: Vault, for recipients: [String]) {
    var new: [String: String] = [:]
    for entry in entries {
      // Of what was not looked at the earlier one stays.
      if let stamp = entry.stamp ?? stamps[entry.path] { new[entry.path] = stamp }
    }
    guard new != stamps else { return }
    stamps = new
    var writer = JSONWriter(reserving: 64 + new.count * 128)
    for (path, stamp) in new.sorted(by: { BagManifest.precedes($0.key, $1.key) }) {
      writer.beginObject()
      writer.field("path", path)
      writer.field("stamp", stamp)
      writer.endObject()
      writer.newline()
    }
    let bytes = GzipMember.pack(writer.bytes[...])
    do throws(FormatError) {
      if !recipients.isEmpty {
        return try AgeEncryption.write(
          bytes, to: vault.stampPath, for: recipients, replacing: true, durable: false)
      }
      try writing { () throws(FileError) in
        var output = try AtomicOutput(replacing: vault.stampPath)
        try output.write(bytes)
        try output.commit(durable: false)
      }
    } catch {
      // The backup is done; the next run reads the sessions.
      return
    }
  }
}
