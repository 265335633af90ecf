internal import FileIO
internal import SessionCoding
internal import Synchronization

/// The media of a folder while sessions are written to it.
///
/// A medium stands in its place as soon as it is written, so that reading back finds it. What no
/// published session refers to is removed again.
final class MarkdownMediaFolder: Sendable {
  private let path: String
  private let isDurable: Bool
  private let created = Mutex<[String: Int]>([:])

  init(path: String, isDurable: Bool) {
    self.path = path
    self.isDurable = isDurable
  }

  /// Keeps a medium for one more session.
  func keep(_ bytes: [UInt8], hash: String) throws(FormatError) {
    do throws(FileError) {
      // The file is looked for under the lock too: else it could be one that is about to be removed.
      try created.withLock { created throws(FileError) in
        if let count = created[hash] {
          created[hash] = count + 1
          return
        }
        let file = path + "/" + MarkdownMedia.relativePath(hash)
        if let status = try FileStatus(path: file), status.size == UInt64(bytes.count) { return }
        try createDirectory(MarkdownMedia.folder(of: file), permissions: 0o700, intermediates: true)
        var output = try AtomicOutput(replacing: file)
        try output.write(bytes)
        try output.commit(durable: isDurable)
        created[hash] = 1
      }
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Lets go of media that a session kept and that was given up.
  func release(_ hashes: [String]) {
    created.withLock { created in
      for hash in hashes {
        guard let count = created[hash] else { continue }
        created[hash] = count > 1 ? count - 1 : nil
        guard count <= 1 else { continue }
        let file = path + "/" + MarkdownMedia.relativePath(hash)
        discardFile(file)
        removeEmptyFolders(above: file)
      }
    }
  }

  private func removeEmptyFolders(above file: String) {
    var folder = MarkdownMedia.folder(of: file)
    for _ in 0..<3 {
      guard discardEmptyDirectory(folder) else { return }
      folder = MarkdownMedia.folder(of: folder)
    }
  }
}

/// The media of one session that is being written.
final class MarkdownMediaKeeper {
  private let folder: MarkdownMediaFolder
  private var hashes: [String] = []

  init(folder: MarkdownMediaFolder) { self.folder = folder }

  /// Keeps bytes under their SHA-256 in hexadecimal digits.
  func keep(_ bytes: [UInt8], hash: String) throws(FormatError) {
    guard !hashes.contains(hash) else { return }
    try folder.keep(bytes, hash: hash)
    hashes.append(hash)
  }

  /// Gives the media up.
  func discard() {
    folder.release(hashes)
    hashes = []
  }

  /// Leaves the media where they are.
  func publish() { hashes = [] }
}
