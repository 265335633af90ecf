internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The readable form of a session file: the file itself, or a private copy of a compressed one.
final class UnpackedFile: Sendable {
  /// The path to read from, as long as this is there.
  let path: String
  private let isTemporary: Bool

  /// The largest content that is unpacked: far above any real session, below what fills a disk.
  private static let largest: UInt64 = 16 << 30

  /// Unpacks a file whose name ends with `.zst`.
  init(_ path: String) throws(FormatError) {
    isTemporary = path.hasSuffix(".zst")
    guard isTemporary else {
      self.path = path
      return
    }
    do throws(FileError) {
      self.path = try ZstandardFile.unpack(path, maximumSize: Self.largest)
    } catch {
      guard error.code == .noLibrary else { throw FormatError(reading: error) }
      throw FormatError(
        .notReadable, "the file is compressed and the library libzstd is not installed",
        at: .file(path: path),
        advice: "install libzstd (Debian: libzstd1), or unpack the file with `zstd -d`")
    }
  }

  deinit {
    if isTemporary { discardFile(path) }
  }
}
