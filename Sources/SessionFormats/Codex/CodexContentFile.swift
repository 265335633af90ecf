internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The readable form of a rollout: the file itself, or a private copy of a compressed one.
final class CodexContentFile: Sendable {
  /// The path to read from.
  let path: String
  private let isTemporary: Bool

  private init(path: String, isTemporary: Bool) {
    self.path = path
    self.isTemporary = isTemporary
  }

  deinit {
    if isTemporary { discardFile(path) }
  }

  /// The largest content that is unpacked: far above any real session, below what fills a disk.
  private static let largest: UInt64 = 16 << 30

  static func open(_ path: String) throws(FormatError) -> CodexContentFile {
    guard path.hasSuffix(".zst") else { return CodexContentFile(path: path, isTemporary: false) }
    do throws(FileError) {
      let unpacked = try ZstandardFile.unpack(path, maximumSize: largest)
      return CodexContentFile(path: unpacked, isTemporary: true)
    } catch {
      if error.code == .noLibrary {
        throw FormatError(
          .notReadable, "the rollout is compressed and the library libzstd is not installed",
          at: .file(path: path),
          advice: "install libzstd (Debian: libzstd1), or unpack the file with `zstd -d`")
      }
      throw FormatError(reading: error)
    }
  }
}
