internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// The file of an archive; one that is encrypted is decrypted to a private folder when it is first read.
final class ArchiveFile: Sendable {
  private struct Opened {
    let file: RandomAccessFile
    /// The folder with the decrypted copy, which goes with this.
    let folder: TemporaryDirectory?
  }

  private let path: String
  private let identity: String?
  private let opened = Mutex<Opened?>(nil)

  /// - Parameter identity: The file with the key of an encrypted archive.
  init(_ path: String, identity: String? = nil) {
    self.path = path
    self.identity = identity
  }

  /// The file, or its decrypted copy.
  ///
  /// - Throws: `.notReadable` for an encrypted one when there is no key, or another one.
  func open() throws(FormatError) -> RandomAccessFile {
    try opened.withLock { (opened) throws(FormatError) in
      if let opened { return opened.file }
      var file = try reading { () throws(FileError) in try RandomAccessFile(path: path) }
      var folder: TemporaryDirectory?
      if try AgeEncryption.isEncrypted(file) {
        guard let identity else { throw FormatError(encrypted: path, "the bundle is encrypted") }
        let decrypted = try writing { () throws(FileError) in try TemporaryDirectory() }
        let plain = decrypted.path(of: "bundle")
        try AgeEncryption.decrypt(path, to: plain, with: identity)
        file = try reading { () throws(FileError) in try RandomAccessFile(path: plain) }
        folder = decrypted
      }
      opened = Opened(file: file, folder: folder)
      return file
    }
  }

  /// Removes the decrypted copy; the next who opens the file makes it anew.
  func close() {
    opened.withLock { if $0?.folder != nil { $0 = nil } }
  }
}

extension FormatError {
  /// What is encrypted cannot be read without the key.
  init(encrypted path: String, _ message: String) {
    self.init(
      .notReadable, message, at: .file(path: path),
      advice: "give the file with its key: --identity FILE")
  }
}
