internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A session, or what belongs to a store, ready to go into a bundle.
struct PreparedSession: Sendable {
  var entry: BundleEntry
  /// The files, in byte order of their paths.
  var files: [PayloadFile]

  init(entry: BundleEntry, note: SourceNote, files: [PayloadFile]) {
    self.entry = entry
    self.entry.rawDigest = note.rawDigest
    self.entry.filesDigest = note.filesDigest
    self.entry.holders = note.holders
    let folder = entry.path
    var files = files
    files.append(PayloadFile(path: BundleLayout.sourceNote, bytes: note.bytes))
    self.files = files.map { file in
      var file = file
      file.path = folder + "/" + file.path
      return file
    }.sorted { BagManifest.precedes($0.path, $1.path) }
    self.entry.bytes = self.files.reduce(0) { $0 + $1.size }
  }

  /// The same in another folder of the bag.
  func moved(to folder: String, revision: Int) -> PreparedSession {
    var copy = self
    copy.entry.revision = revision
    copy.files = files.map { file in
      var file = file
      file.path = folder + file.path.dropFirst(entry.path.count)
      return file
    }
    copy.entry.path = folder
    return copy
  }
}
