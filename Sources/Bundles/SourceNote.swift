internal import FileIO
internal import Archive
internal import JSONText
internal import SessionCoding

/// `raw/source.json`: where an original came from, and how it goes back.
struct SourceNote {
  /// One file of the original.
  struct File {
    /// The name in `raw/`; empty for a file that another session holds.
    var name: String
    /// The place below the store's root.
    var relativePath: String
    var size: UInt64
    var digest: String
    /// The permission bits.
    var mode: UInt32?
    /// When the file last changed.
    var modified: FileStatus.Time?
    /// The session whose folder in the bundle holds the file, when it is not this one's.
    var holder: String?
    /// What becomes of a file of the store where another one is.
    var merging: StoreFile.Merging?
    /// The media that were taken out of it, in order; what lies in `raw/` is without them.
    var cuts: [Cut] = []
  }

  /// A medium that several sessions share and that lies among the blobs.
  struct Cut {
    /// Where its Base64 text stands in the whole original.
    var offset: UInt64
    /// The blob's name.
    var blob: String
    /// The blob's size.
    var size: UInt64
  }

  var tool: String
  /// The profile of the format, when the store stated one.
  var profile: String?
  /// The session's identifier; empty for a store.
  var id: String
  /// `copy` for files, `rows` for records of a database.
  var how: String
  /// The original place of the file or store.
  var path: String
  /// The place of the store.
  var store: String
  /// The files of the original, the main one first.
  var files: [File]

  /// The sessions that hold files of this one.
  var holders: [String] { Set(files.compactMap(\.holder)).sorted() }

  /// The digest by which states of the original are told apart: of one file at the root of its store, or
  /// of the list of all files with their places.
  var rawDigest: String {
    if files.count == 1, let only = files.first,
      !only.relativePath.utf8.contains(UInt8(ascii: "/"))
    {
      return only.digest
    }
    return ContentDigest.hex(
      of: files.sorted { BagManifest.precedes($0.relativePath, $1.relativePath) }
        .flatMap { Array("\($0.digest)  \($0.relativePath)\n".utf8) })
  }

  /// The digest by which is seen that files were moved or touched, or their modes changed; nil for rows.
  var filesDigest: String? {
    let lines = files.sorted { BagManifest.precedes($0.relativePath, $1.relativePath) }
      .compactMap { file -> String? in
        guard let mode = file.mode, let modified = file.modified else { return nil }
        return "0\(String(mode, radix: 8))  \(modified)  \(file.relativePath)\n"
      }
    return lines.isEmpty ? nil : ContentDigest.hex(of: lines.flatMap { Array($0.utf8) })
  }

  var bytes: [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("v", 1)
    writer.field("tool", tool)
    writer.field("tool_version", profile ?? "unknown")
    if let profile { writer.field("profile", profile) }
    if !id.isEmpty { writer.field("id", id) }
    writer.field("how", how)
    writer.field("path", path)
    writer.field("store", store)
    if let main = files.first {
      writer.field("size", Int64(clamping: main.size))
      writer.field("sha256", main.digest)
      if let modified = main.modified { writer.field("mtime", modified.description) }
    }
    writer.key("files")
    writer.beginArray()
    for file in files {
      writer.beginObject()
      if !file.name.isEmpty { writer.field("name", file.name) }
      if let holder = file.holder { writer.field("session", holder) }
      writer.field("place", file.relativePath)
      writer.field("size", Int64(clamping: file.size))
      writer.field("sha256", file.digest)
      if let mode = file.mode { writer.field("mode", "0" + String(mode, radix: 8)) }
      if let modified = file.modified { writer.field("mtime", modified.description) }
      if let merging = file.merging { writer.field("merge", merging.rawValue) }
      Self.write(file.cuts, to: &writer)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  private static func write(_ cuts: [Cut], to writer: inout JSONWriter) {
    guard !cuts.isEmpty else { return }
    writer.key("blobs")
    writer.beginArray()
    for cut in cuts {
      writer.beginObject()
      writer.field("at", Int64(clamping: cut.offset))
      writer.field("blob", "sha256:" + cut.blob)
      writer.field("size", Int64(clamping: cut.size))
      writer.endObject()
    }
    writer.endArray()
  }

  /// Reads cuts; nil when one of them is none, so that nothing is put together wrongly.
  private static func cuts(_ value: JSONValue?) -> [Cut]? {
    guard let value else { return [] }
    var cuts: [Cut] = []
    for element in value.elements {
      guard let offset = element["at"]?.int64.flatMap({ UInt64(exactly: $0) }),
        let blob = element["blob"]?.string?.string, blob.hasPrefix("sha256:"),
        BundleLayout.isBlobName(String(blob.dropFirst(7))), offset >= cuts.last?.offset ?? 0
      else { return nil }
      cuts.append(
        Cut(
          offset: offset, blob: String(blob.dropFirst(7)),
          size: UInt64(clamping: element["size"]?.int64 ?? 0)))
    }
    return cuts
  }

  /// Reads a note; nil when it is none.
  init?(_ bytes: [UInt8]) {
    guard let document = JSONDocument(ifValid: bytes), let tool = document.root["tool"]?.string
    else {
      return nil
    }
    let root = document.root
    self.tool = tool.string
    profile = root["profile"]?.string?.string
    id = root["id"]?.string?.string ?? ""
    how = root["how"]?.string?.string ?? "copy"
    path = root["path"]?.string?.string ?? ""
    store = root["store"]?.string?.string ?? ""
    files =
      (root["files"]?.elements).map { elements in
        elements.compactMap { file in
          func text(_ name: String) -> String? { file[name: name]?.string?.string }
          let holder = text("session")
          guard let name = text("name") ?? holder.map({ _ in "" }),
            let cuts = Self.cuts(file["blobs"])
          else { return nil }
          return File(
            name: name, relativePath: text("place") ?? name,
            size: UInt64(clamping: file["size"]?.int64 ?? 0), digest: text("sha256") ?? "",
            mode: text("mode").flatMap { UInt32($0, radix: 8) },
            modified: text("mtime").flatMap { FileStatus.Time($0) }, holder: holder,
            merging: text("merge").flatMap { StoreFile.Merging(rawValue: $0) }, cuts: cuts)
        }
      } ?? []
  }

  init(
    tool: String, profile: String?, id: String, how: String, path: String, store: String,
    files: [File]
  ) {
    self.tool = tool
    self.profile = profile
    self.id = id
    self.how = how
    self.path = path
    self.store = store
    self.files = files
  }
}
